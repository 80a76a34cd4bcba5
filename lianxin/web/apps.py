"""The web app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The shell around every page."""

    name = "lianxin.web"
    label = "web"
    verbose_name = "Web"

    def ready(self) -> None:
        """Have the navigation checked whenever Django checks itself."""
        from lianxin.web import checks  # noqa: F401 - registering needs the apps to be loaded

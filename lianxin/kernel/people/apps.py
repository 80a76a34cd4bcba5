"""App."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.people"
    label = "people"

    def ready(self) -> None:
        """Importing it registers its check."""
        from lianxin.kernel.people import messages  # noqa: F401, PLC0415 - models must be loaded first

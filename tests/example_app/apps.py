"""App."""

from django.apps import AppConfig


class ExampleConfig(AppConfig):
    """Lost property."""

    name = "tests.example_app"
    label = "example_app"

    def ready(self) -> None:
        """Make the kind known."""
        from tests.example_app import workflow  # noqa: F401 - importing it registers it

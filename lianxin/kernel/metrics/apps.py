"""App."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.metrics"
    label = "metrics"

    def ready(self) -> None:
        """Declare what can be said of every kind of case."""
        from lianxin.kernel.metrics import catalogue  # noqa: F401 - importing it declares it

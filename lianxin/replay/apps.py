"""App."""

from django.apps import AppConfig


class ReplayConfig(AppConfig):
    """See the package."""

    name = "lianxin.replay"
    label = "replay"

    def ready(self) -> None:
        """Say which figures answer to the facts of the replayed year."""
        from lianxin.replay import figures  # noqa: F401 - importing declares them

"""App."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    """See the package."""

    name = "lianxin.safety"
    label = "safety"

    def ready(self) -> None:
        """Make the kinds, roles and figures known, and listen to the cases this app opens itself."""
        from lianxin.kernel import events
        from lianxin.kernel.cases.events import CaseMoved
        from lianxin.safety import (  # noqa: F401 - importing them registers them
            roles,
            workflow,
        )
        from lianxin.safety.following import follow

        events.subscribe(CaseMoved, follow, within=True)

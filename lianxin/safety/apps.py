"""App."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    """See the package."""

    name = "lianxin.safety"
    label = "safety"

    def ready(self) -> None:
        """Make the kinds, roles, figures and checks known, and listen to the cases this app opens itself."""
        from lianxin.kernel import events
        from lianxin.kernel.audit.verify import register_check
        from lianxin.kernel.cases.events import CaseMoved
        from lianxin.kernel.orgs.columns import register_path_column
        from lianxin.safety import metrics, roles, workflow  # noqa: F401 - importing registers them
        from lianxin.safety.auditing import closed_with_proof
        from lianxin.safety.following import follow

        events.subscribe(CaseMoved, follow, within=True)
        register_check("safety", closed_with_proof)
        for table in ("safety_procedure", "safety_accident"):
            register_path_column(table, "enterprise_path", organization="enterprise_id")
        register_path_column(
            "safety_sweep", "scope_path", organization="scope_id", source="jurisdiction_path"
        )

"""App."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.cases"
    label = "cases"

    def ready(self) -> None:
        """Say which paths follow an organization that moves, and what the log's verification asks here."""
        from lianxin.kernel.audit.verify import register_check, register_remark
        from lianxin.kernel.cases.attachment_checks import attachments_agree, told_erased
        from lianxin.kernel.cases.checks import history_agrees
        from lianxin.kernel.orgs.columns import register_path_column

        register_path_column("cases_case", "organization_path")
        register_path_column("cases_reporter", "organization_path")
        register_check("cases", history_agrees)
        register_check("attachments", attachments_agree)
        register_remark("attachments", told_erased)

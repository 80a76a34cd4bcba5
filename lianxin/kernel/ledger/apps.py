"""App."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Make payouts known as a kind of case, and the balances to ``lianxin verify``."""
        from lianxin.kernel.audit.verify import register_check
        from lianxin.kernel.ledger import checks, workflow

        register_check("ledger", checks.ledger_faults)
        del workflow

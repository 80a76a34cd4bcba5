"""App."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Make payouts known as a kind, balances to ``lianxin verify``, payees to ``rotate-keys``, paths to moves."""
        from lianxin.kernel.audit.verify import register_check
        from lianxin.kernel.ledger import (
            checks,
            resealing,
            workflow,  # noqa: F401 - importing it registers the kind
        )
        from lianxin.kernel.orgs.columns import register_path_column
        from lianxin.kernel.people.rotation import register_rotation

        register_check("ledger", checks.ledger_faults)
        register_rotation("payees", resealing.reseal_payees)
        register_path_column("ledger_fund", "organization_path")
        register_path_column("ledger_fund", "partner_path", organization="partner_id")
        register_path_column("ledger_coverage", "organization_path", source="jurisdiction_path")

"""Bringing sealed payees under the current key, for ``lianxin rotate-keys``."""

from lianxin.kernel import crypto, scope
from lianxin.kernel.ledger.models import Payout
from lianxin.kernel.ledger.payees import seal_payee, unseal_payee

BATCH = 500
_OLD = """SELECT * FROM ledger_payout WHERE substring(payee_sealed FROM 1 FOR %s) <> %s
ORDER BY id LIMIT %s FOR UPDATE"""


def reseal_payees() -> int:
    """One batch of payees that stand under an old key; how many, nought when none is left."""
    current = crypto.current_header()
    with scope.act():
        payouts = list(Payout.objects.raw(_OLD, [len(current), current, BATCH]))
        for payout in payouts:
            if payout.payee_sealed is not None:
                payee = unseal_payee(payout.payee_sealed, case_id=payout.case_id)
                payout.payee_sealed = seal_payee(payee, case_id=payout.case_id)
        Payout.objects.bulk_update(payouts, ["payee_sealed"])
    return len(payouts)

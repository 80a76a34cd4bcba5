"""`lianxin verify` finds what was changed in the ledger past all triggers."""

import pytest
from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.audit.verify import verify
from lianxin.kernel.ledger.checks import ledger_faults
from tests.kernel.ledger.conftest import Cast, paid, propose, raise_case

_BEHIND = {
    "balance_differs": "UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'paid'",
    "hold_differs": "UPDATE ledger_hold SET balance = balance + 1",
    "entry_unbalanced": "UPDATE ledger_posting SET amount = amount + 1 WHERE amount > 0",
    "entry_not_as_logged": "UPDATE ledger_posting SET amount = amount * 2",
    "payout_not_covered": "UPDATE ledger_payout SET amount = amount + 1 WHERE paid_at IS NULL",
}


def codes(cast: Cast) -> set[str]:
    with scope.use(scope.EVERYTHING):
        return {finding.code for finding in ledger_faults()}


@pytest.mark.parametrize("code", _BEHIND)
def test_a_change_behind_the_triggers_is_found(cast: Cast, code: str) -> None:
    paid(cast, propose(cast, raise_case(cast).case))
    propose(cast, raise_case(cast).case)
    assert codes(cast) == set()
    tables = ("ledger_account", "ledger_hold", "ledger_posting", "ledger_payout")
    with scope.use(scope.EVERYTHING), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(_BEHIND[code])
        assert cursor.rowcount > 0
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    assert code in codes(cast)


def test_verify_asks_the_ledger(cast: Cast) -> None:
    told: list[str] = []
    assert verify(progress=lambda part, _done: told.append(part)) == []
    assert "ledger" in told

"""Payees follow the keys when these are rotated."""

from pathlib import Path

import pytest

from lianxin.kernel import crypto, keyring
from lianxin.kernel.ledger.payees import unseal_payee
from lianxin.kernel.ledger.resealing import reseal_payees
from lianxin.kernel.people.rotation import rotate
from tests.kernel.ledger.conftest import PAYEE, Cast, fresh, propose, raise_case


@pytest.fixture(autouse=True)
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring that this test may rotate without disturbing the others."""
    monkeypatch.setenv("LIANXIN_HOME", str(tmp_path))


def test_rotate_brings_payees_under_the_new_key(cast: Cast) -> None:
    payouts = [propose(cast, raise_case(cast).case) for _ in range(3)]
    propose(cast, raise_case(cast).case, payee=None)
    assert reseal_payees() == 0
    told: dict[str, int] = {}
    rotate(new_key=True, new_blind_key=False, progress=lambda name, done: told.update({name: done}))
    assert told["payees"] == 3
    assert keyring.ring().seal_key.id in crypto.current_header()
    for payout in payouts:
        sealed = fresh(payout).payee_sealed
        assert sealed is not None
        assert crypto.is_current(sealed)
        assert unseal_payee(sealed, case_id=payout.case_id) == PAYEE
    assert reseal_payees() == 0

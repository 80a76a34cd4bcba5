"""Payees follow the keys when these are rotated."""

from pathlib import Path

import pytest

from lianxin.kernel import crypto, keyring, scope
from lianxin.kernel.ledger.payees import unseal_payee
from lianxin.kernel.ledger.resealing import reseal_payees
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.rotation import drop_old_keys, rotate
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


def test_dropping_old_keys_loses_no_payee(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast).case)
    rotate(new_key=True, new_blind_key=False, progress=lambda _name, _done: None)
    late = propose(cast, raise_case(cast).case)
    keyring.add_seal_key()
    with scope.act():
        Person.objects.update(data_key=None)
    assert drop_old_keys() > 0
    for one in (payout, late):
        sealed = fresh(one).payee_sealed
        assert sealed is not None
        assert unseal_payee(sealed, case_id=one.case_id) == PAYEE

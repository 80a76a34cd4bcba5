"""Everything stays readable while keys are turned, also when that is broken off."""

from collections.abc import Callable
from io import StringIO

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from lianxin.kernel import crypto, keyring, scope
from lianxin.kernel.people import rotation
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.rotation import drop_old_keys, register_rotation, rotate
from lianxin.kernel.people.sealed import find_by, open_fact
from lianxin.kernel.people.services import create_account, enrol_person
from lianxin.kernel.refusals import Conflict
from tests.cast import AT, identity_number, phone_number
from tests.kernel.audit.conftest import in_threads

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_keys")]


class Killed(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def persons(own_keys: None, monkeypatch: pytest.MonkeyPatch) -> list[Person]:
    """Seven persons, brought along two at a time; one of them with a second factor, one with nothing sealed."""
    monkeypatch.setattr(rotation, "BATCH", 2)
    made = [
        enrol_person("陈工", phone=phone_number(n), identity_number=identity_number(n), actor=SYSTEM, at=AT)
        for n in range(6)
    ]
    account = create_account(made[0], actor=SYSTEM, at=AT)
    Authenticator.objects.create(user=account, type="totp", data={"secret": get_adapter().encrypt("TOTP")})
    enrol_person("无号", actor=SYSTEM, at=AT)
    return made


def all_readable() -> bool:
    """Whether every value opens, and every person is found by either number."""
    with scope.use(scope.EVERYTHING):
        for order in range(6):
            person = find_by("phone", phone_number(order))
            assert person == find_by("identity", identity_number(order)) is not None
            assert person is not None
            assert open_fact(person, "phone") == phone_number(order)
            assert open_fact(person, "identity") == identity_number(order)
    secret = Authenticator.objects.get().data["secret"]
    return bool(get_adapter().decrypt(secret) == "TOTP")


def killed_after(batches: int) -> Callable[[str, int], None]:
    """Progress that ends the run after some batches."""
    left = iter(range(batches))

    def tell(_name: str, _done: int) -> None:
        if next(left, None) is None:
            raise Killed

    return tell


def test_rotate_brings_everything_under_the_new_keys(persons: list[Person]) -> None:
    old_seal, old_blind = keyring.ring().seal_key, keyring.ring().blind_keys[-1]
    told: list[tuple[str, int]] = []

    def tell(name: str, done: int) -> None:
        assert all_readable()
        told.append((name, done))

    assert rotate(new_key=True, new_blind_key=True, progress=tell) == 13
    assert [done for name, done in told if name == "data keys"] == [2, 4, 6]
    assert drop_old_keys() == 2
    assert old_seal not in keyring.ring().seal_keys
    assert old_blind not in keyring.ring().blind_keys
    assert all_readable()


def test_old_keys_are_kept_while_anything_needs_them(persons: list[Person]) -> None:
    keyring.add_seal_key()
    with pytest.raises(Conflict) as refusal:
        drop_old_keys()
    assert refusal.value.code == "still_in_use"
    assert all_readable()


@pytest.mark.parametrize("batches", [0, 1, 3, 5])
def test_rotate_broken_off_goes_on_where_it_was(persons: list[Person], batches: int) -> None:
    with pytest.raises(Killed):
        rotate(new_key=True, new_blind_key=True, progress=killed_after(batches))
    assert all_readable()
    with pytest.raises(Conflict):
        drop_old_keys()
    keys = len(keyring.ring().seal_keys)
    rotate(new_key=False, new_blind_key=False, progress=lambda _name, _done: None)
    assert len(keyring.ring().seal_keys) == keys
    assert drop_old_keys() == 2
    assert all_readable()


def test_rotate_to_the_other_suite(persons: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_CRYPTO_SUITE", "sm")
    assert all_readable()
    rotate(new_key=True, new_blind_key=True, progress=lambda _name, _done: None)
    assert drop_old_keys() == 2
    assert all_readable()
    with scope.use(scope.EVERYTHING):
        assert all(crypto.is_current(one.data_key) for one in Person.objects.exclude(data_key=None))  # type: ignore[arg-type]


def test_one_number_cannot_be_enrolled_twice_during_a_rotation(persons: list[Person]) -> None:
    """Half of the indexes are under the old key, and the unique index alone would let the number in again."""
    with pytest.raises(Killed):
        rotate(new_key=True, new_blind_key=True, progress=killed_after(4))

    def enrol(order: int) -> Callable[[], object]:
        return lambda: enrol_person("又来", phone=phone_number(order), actor=SYSTEM, at=AT)

    outcomes = in_threads([enrol(order) for order in (*range(7), 6)])
    assert [type(one) for one in outcomes[:6]] == [Conflict] * 6
    assert sorted(type(one).__name__ for one in outcomes[6:]) == ["Conflict", "Person"]


def test_enrolling_while_keys_are_turned(persons: list[Person]) -> None:
    results = in_threads(
        [
            lambda: rotate(new_key=True, new_blind_key=True, progress=lambda _name, _done: None),
            *[
                (lambda n=n: enrol_person("新来", phone=phone_number(n), actor=SYSTEM, at=AT))
                for n in range(10, 16)
            ],
        ]
    )
    assert [one for one in results if isinstance(one, Exception)] == []
    rotate(new_key=False, new_blind_key=False, progress=lambda _name, _done: None)
    drop_old_keys()
    with scope.use(scope.EVERYTHING):
        found = [find_by("phone", phone_number(n)) for n in range(10, 16)]
    assert [open_fact(one, "phone") for one in found if one] == [phone_number(n) for n in range(10, 16)]


def test_apps_above_bring_their_own_values(persons: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "_works", {})
    left = [2, 2, 1]
    register_rotation("bank cards", lambda: left.pop() if left else 0)
    told: list[tuple[str, int]] = []
    rotate(new_key=False, new_blind_key=False, progress=lambda name, done: told.append((name, done)))
    assert told == [("bank cards", 1), ("bank cards", 3), ("bank cards", 5)]


def test_rotate_keys_command(persons: list[Person]) -> None:
    out, err = StringIO(), StringIO()
    call_command("rotate_keys", "--blind", stdout=out, stderr=err)
    assert "13 values" in out.getvalue()
    assert "data keys: 6" in err.getvalue()
    call_command("rotate_keys", "--drop", stdout=out)
    assert "2 old keys dropped" in out.getvalue()
    call_command("rotate_keys", "--resume", stdout=out)
    assert "0 values" in out.getvalue()
    assert all_readable()


def test_rotate_keys_command_says_why_it_cannot(persons: list[Person]) -> None:
    keyring.add_seal_key()
    with pytest.raises(CommandError, match="still_in_use"):
        call_command("rotate_keys", "--drop")

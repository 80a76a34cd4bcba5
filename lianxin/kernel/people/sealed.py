"""A person's sealed facts: under a data key of their own, which the ring wraps.

Every value is bound to the person and the field, so that a value moved to another row does not open.
"""

from typing import Literal

from lianxin.kernel import crypto
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.numbers import mask_identity, mask_phone
from lianxin.kernel.prepared import run
from lianxin.kernel.refusals import Conflict
from lianxin.kernel.text import Text

Fact = Literal["identity", "phone"]
# The names are those of a fact's columns, which nobody types in.
_HELD = {
    fact: f"SELECT 1 FROM people_person WHERE {fact}_blind = ANY($1::bytea[]) AND id <> $2::bigint LIMIT 1"  # noqa: S608
    for fact in ("identity", "phone")
}


def seal_fact(person: Person, fact: Fact, value: str) -> None:
    """Set the sealed value and its blind index on the person (unsaved); an empty value clears both.

    Call within the transaction that saves. Raises ``Conflict("already_enrolled")`` when somebody else has the same
    value, under whichever blind key.
    """
    if not value:
        _put(person, fact, None, None)
        return
    blinds = crypto.blinds(value, purpose=fact)
    _hold(blinds[0])
    if run(_HELD[fact], [blinds, person.pk]):
        raise _taken(fact)
    key = data_key(person)
    _put(person, fact, crypto.seal_with(key, value, aad=_place(person, fact)), blinds[-1])


def open_fact(person: Person, fact: Fact) -> str:
    """The plain value, empty when there is none or the person was erased.

    For machines that must have it (a text message, a bank file). People see it through ``reveal``, which leaves a
    trace.
    """
    sealed = person.phone_sealed if fact == "phone" else person.identity_sealed
    if sealed is None or person.data_key is None:
        return ""
    return crypto.unseal_with(data_key(person), sealed, aad=_place(person, fact)).decode()


def phone_masked(person: Person) -> str:
    """138****0000, or nothing."""
    return mask_phone(open_fact(person, "phone"))


def identity_masked(person: Person) -> str:
    """2****************7, or nothing."""
    return mask_identity(open_fact(person, "identity"))


def find_by(fact: Fact, value: str) -> Person | None:
    """Whoever has this number, among those the current scope shows."""
    return Person.objects.filter(**{f"{fact}_blind__in": crypto.blinds(value, purpose=fact)}).first()


def data_key(person: Person) -> bytes:
    """The person's own key, made and wrapped on first use (unsaved)."""
    if person.data_key is None:
        person.data_key = crypto.wrap(crypto.new_data_key(), aad=f"person:{person.pk}")
    return crypto.unwrap(person.data_key, aad=f"person:{person.pk}")


def _place(person: Person, fact: Fact) -> str:
    return f"person:{person.pk}:{fact}"


def _put(person: Person, fact: Fact, sealed: bytes | None, blind: bytes | None) -> None:
    if fact == "phone":
        person.phone_sealed, person.phone_blind = sealed, blind
    else:
        person.identity_sealed, person.identity_blind = sealed, blind


def _hold(blind: bytes) -> None:
    """Make writers of one value wait for each other.

    The unique index decides for one blind key; while a rotation is under way the same value may stand under two.
    """
    run("SELECT pg_advisory_xact_lock($1)", [int.from_bytes(blind[4:12], signed=True)])


def _taken(fact: Fact) -> Conflict:
    if fact == "phone":
        return Conflict(
            "phone_taken", Text("该手机号已有人使用。", "Somebody else has this phone number."), field="phone"
        )
    return Conflict(
        "already_enrolled",
        Text("该身份证号已登记。", "A person with this identity number is already enrolled."),
        field="identity_number",
    )

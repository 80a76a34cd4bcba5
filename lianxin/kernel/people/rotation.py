"""Rotating keys: what is sealed under an old key is brought under the current one, batch by batch.

Both keys are on the ring meanwhile, so everything stays readable; stopped in the middle, it goes on where it was.
A data key is re-wrapped: what it seals is not touched.
"""

from collections.abc import Callable, Iterator

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import connection, transaction

from lianxin.kernel import crypto, keyring, scope
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.sealed import open_fact
from lianxin.kernel.refusals import Conflict
from lianxin.kernel.text import Text

BATCH = 500
MFA_SECRETS = ("secret", "seed")

Progress = Callable[[str, int], None]
# Brings one batch of an app's values under the current key; the number brought, nought when all are.
Work = Callable[[], int]
_works: dict[str, Work] = {}


def register_rotation(name: str, work: Work) -> None:
    """Let an app above bring its own sealed values along (bank cards, for one)."""
    _works[name] = work


def rotate(*, new_key: bool, new_blind_key: bool, progress: Progress) -> int:
    """Add the keys asked for, then re-wrap and re-index all that is left over; the number of values brought."""
    if new_key:
        keyring.add_seal_key()
    if new_blind_key:
        keyring.add_blind_key()
    total = 0
    works = {
        "data keys": _rewrap_persons,
        "blind indexes": _reblind_persons,
        "second factors": _reseal_factors,
    }
    for name, work in (works | _works).items():
        done = 0
        while brought := work():
            done += brought
            progress(name, done)
        total += done
    return total


def drop_old_keys() -> int:
    """Take old keys off the ring once nothing needs them; raises ``Conflict("still_in_use")`` before that.

    What other apps have sealed is brought along first: only they can tell what still needs an old key. Sessions
    sealed under old keys end: their holders sign in again.
    """
    for work in _works.values():
        while work():
            pass
    left = sum(1 for _pk in _left_over())
    if left:
        raise Conflict(
            "still_in_use",
            Text(
                "至少{left}项仍用旧密钥，请先完成轮换。",
                "At least {left} values still use old keys: finish the rotation first.",
            ).format(left=left),
        )
    return keyring.drop_old_keys()


def _rewrap_persons() -> int:
    """Whoever changes a person at the same time waits for the batch, or the batch for them."""
    with scope.act():
        found = Person.objects.filter(pk__in=_ids("data_key", crypto.current_header()))
        persons = list(found.select_for_update(of=("self",)).order_by("pk"))
        for person in persons:
            if person.data_key is not None:
                person.data_key = crypto.rewrap(person.data_key, aad=f"person:{person.pk}")
        Person.objects.bulk_update(persons, ["data_key"])
    return len(persons)


def _reblind_persons() -> int:
    current = keyring.ring().blind_keys[-1].id
    with scope.act():
        pks = [*_ids("phone_blind", current), *_ids("identity_blind", current)]
        persons = list(Person.objects.filter(pk__in=pks).select_for_update(of=("self",)).order_by("pk"))
        for person in persons:
            if person.phone_blind is not None:
                person.phone_blind = crypto.blind(open_fact(person, "phone"), purpose="phone")
            if person.identity_blind is not None:
                person.identity_blind = crypto.blind(open_fact(person, "identity"), purpose="identity")
        Person.objects.bulk_update(persons, ["phone_blind", "identity_blind"])
    return len(persons)


def _reseal_factors() -> int:
    adapter = get_adapter()
    with transaction.atomic():
        old = [a for a in Authenticator.objects.select_for_update().order_by("pk") if _is_old(a)][:BATCH]
        for authenticator in old:
            for name in MFA_SECRETS:
                if name in authenticator.data:
                    authenticator.data[name] = adapter.encrypt(adapter.decrypt(authenticator.data[name]))
            authenticator.save(update_fields=["data"])
    return len(old)


def _is_old(authenticator: Authenticator) -> bool:
    sealed = [authenticator.data[name] for name in MFA_SECRETS if name in authenticator.data]
    return any(not crypto.is_current(bytes.fromhex(value)) for value in sealed)


def _left_over() -> Iterator[int]:
    with scope.act():
        yield from _ids("data_key", crypto.current_header())
        for column in ("phone_blind", "identity_blind"):
            yield from _ids(column, keyring.ring().blind_keys[-1].id)
    yield from (a.pk for a in Authenticator.objects.all() if _is_old(a))


def _ids(column: str, current: bytes) -> list[int]:
    """Persons whose value in a column does not begin with the current key's mark."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM people_person WHERE substring({column} FROM 1 FOR %s) <> %s LIMIT %s",  # noqa: S608 - column is ours
            [len(current), current, BATCH],
        )
        return [pk for (pk,) in cursor.fetchall()]

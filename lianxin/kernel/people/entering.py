"""The person behind a session, read together with their offices while the connection is put under their scope."""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Model
from django.utils.crypto import constant_time_compare

from lianxin.kernel import scope
from lianxin.kernel.crypto import reporter_key
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor, in_office
from lianxin.kernel.people.models import Account, Person, Role
from lianxin.kernel.prepared import run
from lianxin.kernel.statements import columns_of, instance, width_of

# The person's key, kept in the session so that account, person and offices are read in one statement.
PERSON = "lianxin_person"
_PARTS: tuple[tuple[str, type[Model]], ...] = (("p", Person), ("r", Role), ("o", Organization))
_ACCOUNT_WIDTH = width_of(Account)


def enter_as(pk: int, *, request_id: str = "") -> Actor | None:
    """The person in the offices they hold now; nobody when they are gone or were erased.

    One statement, and one more for an office at an industry union. It leaves the connection under the person's own
    scope, which is all of a worker's; what offices open has to be entered next.
    """
    key = reporter_key(pk)
    rows = run(_statement(), [pk, key])
    scope.entered(scope.Scope(person=key, me=pk))
    return _in_office(rows, request_id)


def enter_by(session: SessionBase, *, request_id: str = "") -> tuple[Account, Actor] | None:
    """The account that a session is signed in with and its person as :func:`enter_as` gives them, in one statement.

    None for whatever is not plainly so: nobody signed in, a session that does not yet know its person, another
    password since, a closed account, a person erased. Django's slower way then decides, and clears up.
    """
    pk, signed = session.get(PERSON), session.get(HASH_SESSION_KEY)
    if not pk or not signed or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    key = reporter_key(pk)
    rows = run(_statement(with_account=True), [pk, key, int(session[SESSION_KEY])])
    if not rows:
        return None
    account = instance(Account, rows[0][:_ACCOUNT_WIDTH])
    if not account.is_active or not constant_time_compare(signed, account.get_session_auth_hash()):
        return None
    scope.entered(scope.Scope(person=key, me=pk))
    actor = _in_office([row[_ACCOUNT_WIDTH:] for row in rows], request_id)
    if actor is None:
        return None
    account.person = actor.person
    return account, actor


def _in_office(rows: list[tuple[Any, ...]], request_id: str) -> Actor | None:
    if not rows:
        return None
    read = [_models(row) for row in rows]
    roles = tuple(role for _, role in read if role is not None)
    return in_office(read[0][0], roles, request_id=request_id)


@cache
def _statement(*, with_account: bool = False) -> str:
    # Composed from the models, so that a new column needs no thought here.
    parts: tuple[tuple[str, type[Model]], ...] = (("a", Account), *_PARTS) if with_account else _PARTS
    columns = ", ".join(columns_of(model, alias) for alias, model in parts)
    account = "JOIN people_account a ON a.id = $3 AND a.person_id = p.id" if with_account else ""
    return f"""SELECT {columns} FROM people_enter($1, $2) p {account}
LEFT JOIN people_role r ON r.person_id = p.id AND r.ended_at IS NULL
LEFT JOIN orgs_organization o ON o.id = r.organization_id ORDER BY r.id"""  # noqa: S608 - the models' own names


def _models(row: tuple[Any, ...]) -> tuple[Person, Role | None]:
    parts: list[Any] = []
    for _, model in _PARTS:
        width = width_of(model)
        values, row = row[:width], row[width:]
        parts.append(None if values[0] is None else instance(model, values))
    person, role, organization = parts
    if role is not None:
        role.person, role.organization = person, organization
    return person, role

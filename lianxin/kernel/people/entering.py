"""The person behind a session, read together with their offices while the connection is put under their scope."""

from functools import cache
from typing import Any

from django.db.models import Model

from lianxin.kernel import scope
from lianxin.kernel.crypto import reporter_key
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor, in_office
from lianxin.kernel.people.models import Person, Role
from lianxin.kernel.statements import columns_of, instance, run, width_of

_PARTS: tuple[tuple[str, type[Model]], ...] = (("p", Person), ("r", Role), ("o", Organization))


def enter_as(pk: int, *, request_id: str = "") -> Actor | None:
    """The person in the offices they hold now; nobody when they are gone or were erased.

    One statement, and one more for an office at an industry union. It leaves the connection under the person's own
    scope, which is all of a worker's; what offices open has to be entered next.
    """
    key = reporter_key(pk)
    rows = [_models(row) for row in run(_statement(), [pk, key])]
    scope.entered(scope.Scope(person=key, me=pk))
    if not rows:
        return None
    roles = tuple(role for _, role in rows if role is not None)
    return in_office(rows[0][0], roles, request_id=request_id)


@cache
def _statement() -> str:
    # Composed from the models, so that a new column needs no thought here.
    columns = ", ".join(columns_of(model, alias) for alias, model in _PARTS)
    return f"""SELECT {columns} FROM people_enter($1, $2) p
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

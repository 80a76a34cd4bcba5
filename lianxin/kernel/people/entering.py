"""The person behind a session, read together with their offices while the connection is put under their scope."""

from typing import Any

from django.db import connection
from django.db.models import Model

from lianxin.kernel import scope
from lianxin.kernel.crypto import reporter_key
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor, in_office
from lianxin.kernel.people.models import Person, Role

_PARTS: tuple[tuple[str, type[Model]], ...] = (("p", Person), ("r", Role), ("o", Organization))


def enter_as(pk: int, *, request_id: str = "") -> Actor | None:
    """The person in the offices they hold now; nobody when they are gone or were erased.

    One statement, and one more for an office at an industry union. It leaves the connection under the person's own
    scope, which is all of a worker's; what offices open has to be entered next.
    """
    key = reporter_key(pk)
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [pk, key])
        rows = [_models(row) for row in cursor.fetchall()]
    scope.entered(scope.Scope(person=key, me=pk))
    if not rows:
        return None
    roles = tuple(role for _, role in rows if role is not None)
    return in_office(rows[0][0], roles, request_id=request_id)


def _statement() -> str:
    # Built on each request from the models, so that a new column needs no thought here; it takes 20 µs.
    columns = ", ".join(f'{alias}."{name}"' for alias, model in _PARTS for name in _columns(model))
    return f"""SELECT {columns} FROM people_enter(%s, %s) p
LEFT JOIN people_role r ON r.person_id = p.id AND r.ended_at IS NULL
LEFT JOIN orgs_organization o ON o.id = r.organization_id ORDER BY r.id"""  # noqa: S608 - the models' own names


def _models(row: tuple[Any, ...]) -> tuple[Person, Role | None]:
    parts: list[Any] = []
    for _, model in _PARTS:
        width = len(_columns(model))
        values, row = row[:width], row[width:]
        parts.append(None if values[0] is None else _instance(model, values))
    person, role, organization = parts
    if role is not None:
        role.person, role.organization = person, organization
    return person, role


def _instance(model: type[Model], values: tuple[Any, ...]) -> Model:
    names = [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001 - Django's documented way
    return model.from_db(connection.alias, names, values)


def _columns(model: type[Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]  # noqa: SLF001

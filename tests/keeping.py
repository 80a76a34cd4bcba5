"""Rows that many tests begin with are made once in a process, by the services, and then put back as they were made.

``@kept`` stands above a function that builds a cast. Its first call in an empty database builds and keeps what has
come of it; each later one inserts the same rows with their keys, past every trigger and constraint, and gives the
same objects anew. Where any of its tables holds a row already, it builds.
"""

import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, wraps
from typing import TypeVar

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from lianxin.kernel import keyring, scope

T = TypeVar("T")
# The database alone writes these rows, and these values begin at nothing: it makes them again.
BY_TRIGGERS = {"audit_streamhead", "ledger_hold"}
BEGINS_AT = {"ledger_account": {"balance": "0"}}
# Filled when the tables are made, and never emptied.
STANDING = {"django_content_type", "auth_permission", "django_migrations"}


@dataclass(frozen=True)
class _Kept:
    """What came of a build, under which keys it was sealed, and whether it has been seen to come back the same."""

    objects: bytes
    rows: dict[str, str]
    sql: str
    ring: keyring.Ring


def kept(build: Callable[[], T]) -> Callable[[], T]:
    """Build once, then put back."""
    memory: list[_Kept] = []
    proved: list[_Kept] = []

    @wraps(build)
    def stand() -> T:
        with scope.act():
            remembered = next((one for one in memory if one.ring == keyring.ring()), None)
            if remembered is None or _any_row(remembered.rows):
                empty = not _any_row(tables_of_models())
                built = build()
                if empty and remembered is None:
                    memory.append(_keep(built))
                return built
            with connection.cursor() as cursor:
                cursor.execute(remembered.sql)
            if remembered not in proved:
                found = all_rows()
                assert found == remembered.rows, "what was put back differs from what was built"
                proved.append(remembered)
            again: T = pickle.loads(remembered.objects)
            return again

    return stand


def empty_tables() -> None:
    """Empty the tables past the triggers that refuse it, as a test with threads leaves rows behind.

    Django truncates every table, which makes each of them and its indexes anew on disk; few hold a row.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lianxin.wide', '*', true)")
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables_of_models()
            )
        )
        filled = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT DISTINCT relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT tgisinternal AND relname = ANY (%s)",
            [filled],
        )
        guarded = [name for (name,) in cursor.fetchall()]
        statements = [
            *(f'ALTER TABLE "{name}" DISABLE TRIGGER USER' for name in guarded),
            *(f'DELETE FROM "{name}"' for name in filled),
            "SET CONSTRAINTS ALL IMMEDIATE",
            *(f'ALTER TABLE "{name}" ENABLE TRIGGER USER' for name in guarded),
        ]
        cursor.execute("; ".join(statements))


@cache
def tables_of_models() -> dict[str, str]:
    """The tables of our models and the columns of their keys, those that others point to first."""
    ordered: dict[str, str] = {}

    def place(model: type[Model], above: tuple[type[Model], ...] = ()) -> None:
        for field in model._meta.concrete_fields:
            other = field.related_model
            if isinstance(other, type) and other not in (*above, model):
                place(other, (*above, model))
        if model._meta.managed:
            ordered.setdefault(model._meta.db_table, str(model._meta.pk.column))

    for model in apps.get_models(include_auto_created=True):
        place(model)
    return {name: key for name, key in ordered.items() if name not in STANDING}


def _keep(built: object) -> _Kept:
    rows = all_rows()
    sql = ";".join(_insert(name, text) for name, text in rows.items() if name not in BY_TRIGGERS)
    return _Kept(pickle.dumps(built), rows, sql, keyring.ring())


def _any_row(names: Iterable[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + " OR ".join(f'EXISTS (SELECT FROM "{name}")' for name in names))
        return bool(cursor.fetchone()[0])


def all_rows() -> dict[str, str]:
    """The rows of each table that has any, as the text of a JSON list in the order of their keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"""SELECT '{name}', (SELECT json_agg(t ORDER BY "{key}")::text FROM "{name}" t)"""
                for name, key in tables_of_models().items()
            )
        )
        return {name: rows for name, rows in cursor.fetchall() if rows}


def _insert(table: str, rows: str) -> str:
    columns = {column: f'"{column}"' for column in _written_columns(table)}
    columns |= BEGINS_AT.get(table, {})
    names = ", ".join(f'"{column}"' for column in columns)
    quoted = rows.replace("'", "''")
    return (
        f'INSERT INTO "{table}" ({names}) OVERRIDING SYSTEM VALUE SELECT {", ".join(columns.values())} '
        f"""FROM json_populate_recordset(NULL::"{table}", '{quoted}')"""
    )


def _written_columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attgenerated = '' ORDER BY attnum",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]

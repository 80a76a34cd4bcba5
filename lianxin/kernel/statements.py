"""Statements that are sent again and again: parsed and planned once a connection, and several rows in one.

Django binds parameters on the client, so PostgreSQL plans every statement anew; under row-level security that costs
more than running it (docs/operate/performance.md). What stands on the path of every report goes through here instead.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import psycopg
from django.db import connection
from django.db.models import Field, Model

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

M = TypeVar("M", bound=Model)


class _Prepared(psycopg.RawCursor[tuple[Any, ...]]):
    """Sends statement and values apart, as they are, and prepares at once what psycopg would after the fifth time."""

    def execute(self, query: Any, params: Any = None, **_kwargs: Any) -> "_Prepared":
        """Run a statement."""
        return super().execute(query, params, prepare=True)

    def _get_prepared(self, pgq: Any, prepare: bool | None = None) -> Any:  # noqa: FBT001 - psycopg's own
        # psycopg remembers only what it sends unprepared; Django's log of statements asks for this.
        self._query = pgq
        return super()._get_prepared(pgq, prepare)


def run(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows that a prepared statement gives, through Django's connection, its wrappers and its errors.

    It has to be one that answers with rows, were it none. ``sql`` is a constant with ``$1``, ``$2``, … for the
    values: text composed per call would fill the server with plans. Where PostgreSQL cannot tell a value's type
    from its place, the text casts it.
    """
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    raw = cast("psycopg.Connection[tuple[Any, ...]]", connection.connection)
    # Django makes its own cursors client-binding; the wrapper is what counts and logs statements.
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrap(cast("CursorWrapper", _Prepared(raw))) as cursor:
        cursor.execute(sql, values)
        return cast("list[tuple[Any, ...]]", cursor.fetchall())


def columns_of(model: type[Model], alias: str) -> str:
    """The columns of a model under an alias, in the order in which :func:`instance` takes their values."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)  # noqa: SLF001


def width_of(model: type[Model]) -> int:
    """How many columns a model has."""
    return len(model._meta.concrete_fields)  # noqa: SLF001


def instance(model: type[M], values: Sequence[Any]) -> M:
    """A model from the values of its columns."""
    names, converters = _reading(model)
    read = list(values)
    for at, convert in converters:
        read[at] = convert(read[at], None, connection)
    return model.from_db(connection.alias, names, read)


@cache
def _reading(model: type[Model]) -> tuple[list[str], list[tuple[int, Callable[..., Any]]]]:
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's documented way
    converters = [(at, f.from_db_value) for at, f in enumerate(fields) if hasattr(f, "from_db_value")]
    return [field.attname for field in fields], converters


def insert(rows: Sequence[Model]) -> None:
    """Insert rows of several tables in one statement, in their order, and give them their keys.

    A row may name another one of the same call that has no key yet (``Act(entry=entry)``). What the database fills
    in besides (a log entry's number and hash) is read when it is asked for. Rows see none of the others while they
    are inserted: a trigger that has to runs at the end of the statement or of the transaction.
    """
    if not rows:
        return
    shape: list[Any] = []
    values: list[Any] = []
    places = {id(row): at for at, row in enumerate(rows)}
    for row in rows:
        columns = []
        for field in row._meta.concrete_fields:  # noqa: SLF001 - Django's documented way
            value = _value(field, row, places)
            if value is None:
                columns.append((field.column, "NULL"))
            elif isinstance(value, _Key):
                columns.append((field.column, value.mark))
            elif value is not _BY_DATABASE:
                values.append(value)
                columns.append((field.column, f"${len(values)}"))
        shape.append((row._meta.db_table, row._meta.pk.column, tuple(columns)))  # noqa: SLF001
    key = tuple(shape)
    sql = _texts.get(key)
    if sql is None:
        sql = _texts.setdefault(key, _text(key))
    (keys,) = run(sql, values)
    for row, pk in zip(rows, keys, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001
    for row in rows:
        _settle(row)


class _Key:
    """The key that another row of the same statement will have."""

    def __init__(self, at: int) -> None:
        self.mark = _key_of(at)


_BY_DATABASE: Any = object()
_AS_IS = frozenset({int, str, bool, bytes, datetime, uuid.UUID})
_texts: dict[tuple[Any, ...], str] = {}


def filled_by_database(*names: str) -> dict[str, Any]:
    """Values for the fields that the database alone fills: ``LogEntry(…, **filled_by_database("seq"))``."""
    return dict.fromkeys(names, _BY_DATABASE)


def _value(field: "Field[Any, Any]", row: Model, places: dict[int, int]) -> Any:
    if field.is_relation and field.is_cached(row):  # type: ignore[attr-defined]
        other = getattr(row, field.name)
        if other is not None:
            if other.pk is None:
                return _Key(places[id(other)])
            setattr(row, field.attname, other.pk)
    value = field.pre_save(row, add=True)
    if value is None:
        return _BY_DATABASE if field.primary_key else None
    # What PostgreSQL takes as Python has it needs none of Django's preparing, which is slow ninety times over.
    return (
        value if type(value) in _AS_IS or value is _BY_DATABASE else field.get_db_prep_save(value, connection)
    )


def _text(shape: tuple[Any, ...]) -> str:
    parts = []
    for at, (table, pk, columns) in enumerate(shape):
        names = ", ".join(f'"{name}"' for name, _ in columns)
        marks = ", ".join(mark for _, mark in columns)
        # The names are our own models'.
        written = f'INSERT INTO "{table}" ({names}) VALUES ({marks}) RETURNING "{pk}" AS k'  # noqa: S608
        parts.append(f"r{at} AS ({written})")
    return f"WITH {', '.join(parts)} SELECT {', '.join(map(_key_of, range(len(shape))))}"


def _key_of(at: int) -> str:
    return f"(SELECT k FROM r{at})"  # noqa: S608 - a number


def _settle(row: Model) -> None:
    """Let Django read what the database has filled in, and see the keys that have only now become known."""
    for field in row._meta.concrete_fields:  # noqa: SLF001
        if row.__dict__.get(field.attname) is _BY_DATABASE:
            del row.__dict__[field.attname]
        elif field.is_relation and field.is_cached(row):  # type: ignore[attr-defined]
            other = getattr(row, field.name)
            if other is not None and row.__dict__[field.attname] is None:
                row.__dict__[field.attname] = other.pk

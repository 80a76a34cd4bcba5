"""Statements that are sent again and again: parsed and planned once a connection, and several rows in one.

Django binds parameters on the client, so PostgreSQL plans every statement anew; under row-level security that costs
more than running it (docs/operate/performance.md). What stands on the path of every report goes through here instead.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Field, Model
from psycopg.types.numeric import Int8

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
    # Behind the proxy, which looks for the thread's own connection at every word.
    ours = connections[DEFAULT_DB_ALIAS]
    ours.ensure_connection()
    ours.validate_no_broken_transaction()
    raw = cast("psycopg.Connection[tuple[Any, ...]]", ours.connection)
    # Django makes its own cursors client-binding; the wrapper is what counts and logs statements.
    wrap = ours.make_debug_cursor if ours.queries_logged else ours.make_cursor
    # As psycopg has it, numbers of another size are another statement, to be planned again.
    sized = [Int8(value) if type(value) is int else value for value in values]
    with wrap(cast("CursorWrapper", _Prepared(raw))) as cursor:
        cursor.execute(sql, sized)
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


def fetch(model: type[M], *, lock: bool = False, **key: Any) -> M:
    """The row with this value in a unique field, locked until the transaction ends if asked.

    ``fetch(Case, pk=4, lock=True)``, ``fetch(Payout, case=4)``. Raises the model's ``DoesNotExist``.
    """
    ((name, value),) = key.items()
    found = run(_fetching(model, name, lock), [value])
    if not found:
        message = f"{model.__name__} matching query does not exist."
        raise model.DoesNotExist(message)  # type: ignore[attr-defined]
    return instance(model, found[0])


@cache
def _fetching(model: type[Model], name: str, lock: bool) -> str:  # noqa: FBT001 - part of the key of a cache
    meta = model._meta  # noqa: SLF001 - Django's documented way
    field: Any = meta.pk if name == "pk" else meta.get_field(name)
    ending = " FOR UPDATE" if lock else ""
    # The names are our own models'.
    return f'SELECT {columns_of(model, "t")} FROM "{meta.db_table}" t WHERE t."{field.column}" = $1{ending}'  # noqa: S608


def values_of(row: Model) -> dict[str, Any]:
    """What the columns of a row hold at this moment, for :func:`changed`."""
    return {column.field.name: row.__dict__[column.attname] for column in _writing(type(row))}


def changed(row: Model, known: dict[str, Any]) -> list[str]:
    """The fields that have been set to something else since :func:`values_of`."""
    return [name for name, value in values_of(row).items() if value != known[name]]


def update(row: Model, *names: str) -> None:
    """Write these fields of a row as they now stand; raises the model's ``DoesNotExist`` when it is gone."""
    if not names:
        return
    kind = type(row)
    values = [_value(column, row, {}) for column in _written(kind, names)]
    if not run(_updating(kind, names), [*values, row.pk]):
        message = f"{kind.__name__} matching query does not exist."
        raise kind.DoesNotExist(message)  # type: ignore[attr-defined]


@cache
def _updating(model: type[Model], names: tuple[str, ...]) -> str:
    meta = model._meta  # noqa: SLF001 - Django's documented way
    said = ", ".join(
        f'"{column.field.column}" = ${at}' for at, column in enumerate(_written(model, names), start=1)
    )
    # The names are our own models'.
    return f'UPDATE "{meta.db_table}" SET {said} WHERE "{meta.pk.column}" = ${len(names) + 1} RETURNING 1'  # noqa: S608


@cache
def _written(model: type[Model], names: tuple[str, ...]) -> tuple["_Column", ...]:
    found = {column.field.name: column for column in _writing(model)}
    return tuple(found[name] for name in names)


def insert(rows: Sequence[Model]) -> None:
    """Insert rows of several tables in one statement, and give them their keys.

    A row may name another one of the same call that has no key yet (``Act(entry=entry)``). What the database fills
    in besides (a log entry's number and hash) is read when it is asked for. Rows see none of the others while they
    are inserted: a trigger that has to runs at the end of the statement or of the transaction. PostgreSQL runs the
    inserts from the last to the first: what has to be locked in an order is inserted apart.
    """
    if not rows:
        return
    values: list[Any] = []
    places = {id(row): at for at, row in enumerate(rows)}
    shape = tuple([(type(row), _marks(row, places, values)) for row in rows])
    sql = _texts.get(shape)
    if sql is None:
        sql = _texts.setdefault(shape, _text(shape))
    (keys,) = run(sql, values)
    for row, pk in zip(rows, keys, strict=True):
        if pk is not None:
            row.pk = pk
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001
    for row in rows:
        _settle(row)


def _marks(row: Model, places: dict[int, int], values: list[Any]) -> tuple[str, ...]:
    """What stands for each column of a row in the statement; the values that go along are put to the others."""
    marks: list[str] = []
    for column in _writing(type(row)):
        value = _value(column, row, places)
        if value is None:
            marks.append("NULL")
        elif value is _BY_DATABASE:
            marks.append("")
        elif type(value) is _Key:
            marks.append(value.mark)
        else:
            values.append(value)
            marks.append("$")
    return tuple(marks)


class _Key:
    """The key that another row of the same statement will have."""

    def __init__(self, at: int) -> None:
        self.mark = f"k.k{at}"


class _Column(NamedTuple):
    """What writing one field takes."""

    field: "Field[Any, Any]"
    attname: str
    # Where a related row is kept that may have got its key since.
    related: str
    # Whether the value is what the attribute holds.
    plain: bool


_BY_DATABASE: Any = object()
_AS_IS = frozenset({int, str, bool, bytes, datetime, uuid.UUID})
_Shape = tuple[tuple[type[Model], tuple[str, ...]], ...]
_texts: dict[_Shape, str] = {}


@cache
def _writing(model: type[Model]) -> tuple[_Column, ...]:
    columns = [
        _Column(
            field,
            field.attname,
            field.name if field.is_relation else "",
            plain=not field.is_relation and type(field).pre_save is Field.pre_save,
        )
        for field in model._meta.concrete_fields  # noqa: SLF001 - Django's documented way
    ]
    return tuple(columns)


def filled_by_database(*names: str) -> dict[str, Any]:
    """Values for the fields that the database alone fills: ``LogEntry(…, **filled_by_database("seq"))``."""
    return dict.fromkeys(names, _BY_DATABASE)


def _value(column: _Column, row: Model, places: dict[int, int]) -> Any:
    if column.plain:
        value = row.__dict__.get(column.attname, _BY_DATABASE)
    else:
        other = row._state.fields_cache.get(column.related) if column.related else None  # noqa: SLF001
        if other is not None:
            if other.pk is None:
                return _Key(places[id(other)])
            setattr(row, column.attname, other.pk)
        value = column.field.pre_save(row, add=True)
    if value is None:
        return _BY_DATABASE if column.field.primary_key else None
    # What PostgreSQL takes as Python has it needs none of Django's preparing, which is slow ninety times over.
    if type(value) in _AS_IS or value is _BY_DATABASE:
        return value
    return column.field.get_db_prep_save(value, connection)


def _text(shape: _Shape) -> str:
    """One statement: the keys first, so that no row has to be read back, which row-level security would look at."""
    drawn: list[str] = []
    parts: list[str] = []
    keys: list[str] = []
    count = 0
    for at, (model, marks) in enumerate(shape):
        meta = model._meta  # noqa: SLF001 - Django's documented way
        names: list[str] = []
        given: list[str] = []
        keys.append("NULL")
        for field, mark in zip(meta.concrete_fields, marks, strict=True):
            said = mark
            if mark == "$":
                count += 1
                said = f"${count}"
            elif not mark and field.primary_key:
                drawn.append(f"nextval('{sequence_of(model)}') AS k{at}")
                said = keys[at] = f"k.k{at}"
            if said:
                names.append(f'"{field.column}"')
                given.append(said)
        # The names are our own models'.
        parts.append(
            f'r{at} AS (INSERT INTO "{meta.db_table}" ({", ".join(names)}) SELECT {", ".join(given)} FROM k)'  # noqa: S608
        )
    first = f"k AS MATERIALIZED (SELECT {', '.join(drawn)})"
    return f"WITH {', '.join([first, *parts])} SELECT {', '.join(keys)} FROM k"  # noqa: S608


def sequence_of(model: type[Model]) -> str:
    """The sequence behind a model's key, as PostgreSQL names it for an identity column."""
    return f"{model._meta.db_table}_{model._meta.pk.column}_seq"  # noqa: SLF001


def _settle(row: Model) -> None:
    """Let Django read what the database has filled in, and see the keys that have only now become known."""
    held = row.__dict__
    for column in _writing(type(row)):
        if held.get(column.attname) is _BY_DATABASE:
            del held[column.attname]
        elif column.related and held[column.attname] is None:
            other = row._state.fields_cache.get(column.related)  # noqa: SLF001
            if other is not None:
                held[column.attname] = other.pk

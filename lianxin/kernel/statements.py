"""Rows that are read and written by prepared statements: one by its key, some in an order, several tables in one.

Their texts depend on models, names of fields and what is empty alone, so that a connection prepares each once
(:mod:`lianxin.kernel.prepared`).
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast

from django.db import connection
from django.db.models import Field, Model

from lianxin.kernel.prepared import run

M = TypeVar("M", bound=Model)


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
    """The row with these values in a unique field or set of fields, locked until the transaction ends if asked.

    ``fetch(Case, pk=4, lock=True)``, ``fetch(Account, fund=1, kind="paid", line=None)``. A relation takes the other
    row's key. Raises the model's ``DoesNotExist``.
    """
    row = find(model, lock=lock, **key)
    if row is None:
        raise _gone(model)
    return row


def find(model: type[M], *, lock: bool = False, **key: Any) -> M | None:
    """Like :func:`fetch`, and None where there is no such row."""
    found = run(*_asked(model, key, ending=" FOR UPDATE" if lock else ""))
    return instance(model, found[0]) if found else None


def listed(model: type[M], *order: str, **key: Any) -> list[M]:
    """The rows with these values, in the order of these fields: ``listed(Hazard, "position", report=4)``."""
    names = ", ".join(f't."{_field(model, name).column}"' for name in order)
    return [instance(model, row) for row in run(*_asked(model, key, ending=f" ORDER BY {names}"))]


def _asked(model: type[Model], key: dict[str, Any], *, ending: str) -> tuple[str, list[Any]]:
    shape = tuple((name, value is None) for name, value in key.items())
    return _asking(model, shape, ending), [value for value in key.values() if value is not None]


@cache
def _asking(model: type[Model], shape: tuple[tuple[str, bool], ...], ending: str) -> str:
    tests, count = [], 0
    for name, missing in shape:
        count += not missing
        test = "IS NULL" if missing else f"= ${count}"
        tests.append(f't."{_field(model, name).column}" {test}')
    table = model._meta.db_table  # noqa: SLF001 - Django's documented way
    # The names are our own models'.
    return f'SELECT {columns_of(model, "t")} FROM "{table}" t WHERE {" AND ".join(tests)}{ending}'  # noqa: S608


def _field(model: type[Model], name: str) -> Any:
    meta = model._meta  # noqa: SLF001 - Django's documented way
    return meta.pk if name == "pk" else meta.get_field(name)


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
        raise _gone(kind)


@cache
def _updating(model: type[Model], names: tuple[str, ...], *, after: int = 0) -> str:
    meta = model._meta  # noqa: SLF001 - Django's documented way
    said = ", ".join(
        f'"{column.field.column}" = ${at}'
        for at, column in enumerate(_written(model, names), start=after + 1)
    )
    key = after + len(names) + 1
    # The names are our own models'.
    return f'UPDATE "{meta.db_table}" SET {said} WHERE "{meta.pk.column}" = ${key} RETURNING 1'  # noqa: S608


def _gone(model: type[Model]) -> Exception:
    fault: Exception = model.DoesNotExist(f"{model.__name__} matching query does not exist.")  # type: ignore[attr-defined]
    return fault


@cache
def _written(model: type[Model], names: tuple[str, ...]) -> tuple["_Column", ...]:
    found = {column.field.name: column for column in _writing(model)}
    return tuple(found[name] for name in names)


def insert(rows: Sequence[Model], *, updating: Model | None = None, fields: tuple[str, ...] = ()) -> None:
    """Insert rows of several tables in one statement, and give them their keys.

    ``updating`` is a row that is there already: these fields of it are written as they now stand, in the same
    statement. Raises its model's ``DoesNotExist`` when it is gone.

    A row may name another one of the same call that has no key yet (``Act(entry=entry)``). What the database fills
    in besides (a log entry's number and hash) is read when it is asked for. Rows see none of the others while they
    are inserted: a trigger that has to runs at the end of the statement or of the transaction. PostgreSQL runs the
    inserts from the last to the first: what has to be locked in an order is inserted apart.
    """
    if not rows:
        return
    values: list[Any] = []
    places = {id(row): at for at, row in enumerate(rows)}
    shape: _Shape = (
        tuple([(type(row), _marks(row, places, values)) for row in rows]),
        type(updating) if updating else None,
        fields,
    )
    if updating:
        values += [
            *(_value(column, updating, {}) for column in _written(type(updating), fields)),
            updating.pk,
        ]
    sql = _texts.get(shape)
    if sql is None:
        sql = _texts.setdefault(shape, _text(*shape))
    ((found, *keys),) = run(sql, values)
    if not found:
        raise _gone(type(cast("Model", updating)))
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
# Of each row its marks, and which fields of what else are written.
_Shape = tuple[tuple[tuple[type[Model], tuple[str, ...]], ...], type[Model] | None, tuple[str, ...]]
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


def _text(
    rows: tuple[tuple[type[Model], tuple[str, ...]], ...],
    updating: type[Model] | None,
    fields: tuple[str, ...],
) -> str:
    """One statement: the keys first, so that no row has to be read back, which row-level security would look at."""
    drawn: list[str] = []
    parts: list[str] = []
    keys: list[str] = []
    count = 0
    for at, (model, marks) in enumerate(rows):
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
    found = "TRUE"
    if updating:
        parts.append(f"u AS ({_updating(updating, fields, after=count)})")
        found = "EXISTS (SELECT FROM u)"
    first = f"k AS MATERIALIZED (SELECT {', '.join(drawn)})"
    return f"WITH {', '.join([first, *parts])} SELECT {', '.join([found, *keys])} FROM k"  # noqa: S608


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

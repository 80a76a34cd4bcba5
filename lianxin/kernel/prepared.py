"""Statements that a connection prepares once and keeps, and a transaction that begins with its first statement.

Django binds parameters on the client, so PostgreSQL plans every statement anew; under row-level security that costs
more than running it (docs/operate/performance.md). What stands on the path of every report goes through here instead
(docs/adr/0016, 0032); :mod:`lianxin.kernel.statements` composes such statements from rows.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg._preparing import Prepare, PrepareManager
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper


class _Prepared(psycopg.RawCursor[tuple[Any, ...]]):
    """Sends statement and values apart, as they are, and prepares at once what psycopg would after the fifth time."""

    def execute(self, query: Any, params: Any = None, **_kwargs: Any) -> "_Prepared":
        """Run a statement. One that another connection has spoilt is told once and prepared anew the next time."""
        try:
            return super().execute(query, params, prepare=True)
        except _SPOILT:
            cast("_Lasting", self._conn._prepared).forget()  # noqa: SLF001
            raise

    def _get_prepared(self, pgq: Any, prepare: bool | None = None) -> Any:  # noqa: FBT001 - psycopg's own
        # psycopg remembers only what it sends unprepared; Django's log of statements asks for this.
        self._query = pgq
        return super()._get_prepared(pgq, prepare)


class _Lasting(PrepareManager):
    """Keeps what is prepared when a transaction is rolled back, as PostgreSQL does.

    psycopg forgets it all and has the server forget it too, lest a table that was made anew is looked for by its old
    number. Refusals roll back every day; tables are made anew while nobody is served, and then it still forgets.
    """

    # The kinds, steps and what is left empty in them make more texts than psycopg's hundred.
    prepared_max = 250

    def __init__(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        super().__init__()
        self._remade = False
        # One serves a connection for good: its answer is read before the next statement is sent.
        self.cursor = _Prepared(connection)

    def forget(self) -> None:
        """Prepare everything anew, under other names; what the server still holds goes with the connection."""
        self._names.clear()
        self._counts.clear()

    def clear(self) -> bool:
        """Forget what is prepared if tables were changed since; psycopg calls it at each roll-back."""
        remade, self._remade = self._remade, False
        return super().clear() if remade else False

    def _should_discard(self, _prep: Prepare, results: Sequence[Any], *_pattern: Any) -> bool:
        if any((result.command_status or b"").startswith(_REMAKING) for result in results):
            self._remade = True
            return super().clear()
        return False


# A column has another type since ("cached plan must not change result type"), or the server was made to forget.
_SPOILT = (psycopg.errors.FeatureNotSupported, psycopg.errors.InvalidSqlStatementName)
# What a statement answers with that may have given a table other columns, or dropped what was prepared.
_REMAKING = (b"ALTER", b"DROP", b"DISCARD", b"DEALLOCATE")


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
    kept = raw._prepared  # noqa: SLF001 - psycopg has no word for it
    if type(kept) is not _Lasting:
        kept = raw._prepared = _Lasting(raw)  # noqa: SLF001
    # As psycopg has it, numbers of another size are another statement, to be planned again.
    sized = [Int8(value) if type(value) is int else value for value in values]
    cursor = _wrapped(ours, kept.cursor)
    cursor.execute(sql, sized)
    return cast("list[tuple[Any, ...]]", cursor.fetchall())


def begin(sql: str) -> None:
    """Begin the transaction that ``atomic`` has announced, with its first statement in the same round trip.

    ``sql`` is a constant without values. Inside a transaction that has begun it is one more statement.
    """
    ours = connections[DEFAULT_DB_ALIAS]
    ours.ensure_connection()
    raw = cast("psycopg.Connection[tuple[Any, ...]]", ours.connection)
    with _wrapped(ours, psycopg.ClientCursor(raw)) as cursor:
        if raw.pgconn.transaction_status != TransactionStatus.IDLE:
            cursor.execute(sql)
            return
        # psycopg would send its BEGIN by itself first; told that nothing is to begin, it sends ours as it is.
        raw._autocommit = True  # noqa: SLF001 - the setter would ask the server, which has begun by then
        try:
            cursor.execute(f"BEGIN; {sql}")
        finally:
            raw._autocommit = False  # noqa: SLF001


def _wrapped(ours: "BaseDatabaseWrapper", cursor: "psycopg.Cursor[tuple[Any, ...]]") -> "CursorWrapper":
    """A cursor of psycopg's own as Django wraps those that it makes: counted and logged, its errors Django's."""
    wrap = ours.make_debug_cursor if ours.queries_logged else ours.make_cursor
    return wrap(cast("CursorWrapper", cursor))

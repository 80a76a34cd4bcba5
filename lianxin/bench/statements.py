"""How many statements a request costs: counted by the database itself, in its own log, so none is missed.

Transactions' BEGIN and COMMIT and what the pool of connections asks are counted like any other.
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from lianxin.bench import client
from lianxin.bench.requests import HOST
from lianxin.bench.serving import BenchProblem, Server, serving
from lianxin.database.address import ROLE
from lianxin.database.embedded import Embedded

# The first few of a process read what it remembers from then on.
SAMPLES = 15
# What the server does after its answer: a connection goes back to the pool.
SETTLED = 0.03
_BEGINS = re.compile(r"LOG:  (?:statement|execute [^:]*): (.*)")
_DATED = re.compile(r"^\d{4}-\d\d-\d\d ")


@dataclass(frozen=True, slots=True)
class Count:
    """Statements of one request, and their texts in the order of one request."""

    number: int
    texts: tuple[str, ...]


@contextmanager
def told(database: Embedded) -> Iterator[None]:
    """Have the database write down every statement of connections made meanwhile. Bench data only."""
    _log_statements(database, to="all")
    try:
        yield
    finally:
        _log_statements(database, to=None)


def count(server: Server, request: bytes, *, database: Embedded, expected: Sequence[int]) -> Count:
    """Send one request several times on one connection, and count each; the median is the request's.

    Now and then one pays for others: a block of case numbers, a rule read anew. Raises ``BenchProblem`` for an
    answer that was not expected.
    """
    wire = client.connect(HOST, server.port, request)
    samples = []
    with wire.socket:
        for _ in range(SAMPLES):
            start = database.log.stat().st_size
            status = int(client.ask_once(wire)[9:12])
            if status not in expected:
                message = f"The answer was {status}, not {list(expected)}."
                raise BenchProblem(message)
            time.sleep(SETTLED)
            samples.append(tuple(statements_in(_from(database.log, start))))
    found = sorted(samples, key=len)[SAMPLES // 2]
    return Count(len(found), found)


def statements_in(log: str) -> Iterator[str]:
    """The statements in a stretch of the database's log, each in one line."""
    current: list[str] | None = None
    for line in log.splitlines():
        if _DATED.match(line):
            if current is not None:
                yield " ".join(" ".join(current).split())
            begins = _BEGINS.search(line)
            current = [begins.group(1)] if begins else None
        elif current is not None:
            current.append(line)
    if current is not None:
        yield " ".join(" ".join(current).split())


@contextmanager
def counting_server(home: Path, database: Embedded, *, name: str = "") -> Iterator[Server]:
    """A server with one thread whose statements the database writes down."""
    with told(database), serving(home, workers=1, threads=1, database=name, log="counting") as server:
        yield server


def _log_statements(database: Embedded, *, to: str | None) -> None:
    # A setting of the role goes before the one on the server's command line.
    role = sql.Identifier(ROLE)
    statement = (
        sql.SQL("ALTER ROLE {} SET log_statement = {}").format(role, sql.Literal(to))
        if to
        else sql.SQL("ALTER ROLE {} RESET log_statement").format(role)
    )
    with psycopg.connect(database.superuser.conninfo(), autocommit=True) as connection:
        connection.execute(statement)


def _from(path: Path, start: int) -> str:
    with path.open("rb") as file:
        file.seek(start)
        return file.read().decode("utf-8", errors="replace")

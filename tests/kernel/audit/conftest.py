"""A log with a few streams, and the means of somebody who owns the database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

from django.db import connection, connections, transaction

from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.services import record
from lianxin.kernel.clock import CHINA

NOON = datetime(2026, 3, 2, 12, tzinfo=CHINA)


def entry(
    stream: str = "case:1", *, minute: int = 0, action: str = "hazard.accept", **after: object
) -> LogEntry:
    """Append one entry."""
    told = {"status": "accepted", **after}
    return record(action, stream=stream, actor="person:7", at=NOON + timedelta(minutes=minute), after=told)


def some_log() -> list[LogEntry]:
    """Seven entries in three streams, interleaved."""
    return [entry(f"case:{1 + number % 3}", minute=number) for number in range(7)]


@contextmanager
def as_owner(*tables: str) -> Iterator[None]:
    """Work with the tables' triggers switched off, as the owner of the database can."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def execute(statement: str, *values: Any) -> None:
    """Run one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def in_threads(works: Sequence[Callable[[], object]]) -> list[Any]:
    """Run all at once, each on a connection of its own; results or exceptions, in order."""
    outcomes: list[Any] = [None] * len(works)

    def run(index: int) -> None:
        try:
            outcomes[index] = works[index]()
        except Exception as failure:  # noqa: BLE001 - whatever a thread meets is shown by the test
            outcomes[index] = failure
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes

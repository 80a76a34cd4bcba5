"""What comparing stands on: a database that runs SQL. DuckDB on one machine by default, Spark on a cluster.

All SQL of ours is written once, as DuckDB reads it; `dialect` says it in Spark's words.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

Dialect = Literal["duckdb", "spark"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use: memory of the database in bytes, threads, and where its temporary files go."""

    memory: int = 4 * 1024**3
    threads: int | None = None
    temporary: Path | None = None


class Rows(Protocol):
    """What a statement answers."""

    def fetchall(self) -> Sequence[Sequence[Any]]:
        """All rows."""


class Database(Protocol):
    """Runs SQL in DuckDB's words: a connection of DuckDB is one as it stands, and every engine is one."""

    def execute(self, query: str) -> Rows:
        """Run one or several statements; answer the rows of the last."""


class Engine(Database, Protocol):
    """A database together with what differs between one machine and a cluster."""

    dialect: Dialect

    def make_features(self, clean: Path, *, table: str, first: int = 0) -> int:
        """As `lianxin.matching.features.make_features`."""

    def splink(self) -> Any:
        """Splink's own way to this database."""

    def bring(self, select: str, name: str) -> Any:
        """Make the rows of a query the table `name` of a connection to DuckDB, and answer that connection."""


# Opens an engine of one's own for one run; whatever happens, its temporary files go.
Opening = Callable[[Limits], AbstractContextManager[Engine]]

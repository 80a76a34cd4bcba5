"""DuckDB: everything in this process, and on this machine's disk what memory does not hold."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from lianxin.matching.engines import Dialect, Limits, Rows
from lianxin.matching.features import make_features
from lianxin.matching.paths import quoted


@dataclass(slots=True)
class Duck:
    """An open database of DuckDB's as an engine."""

    con: DuckDBPyConnection
    dialect: Dialect = "duckdb"

    def execute(self, query: str) -> Rows:
        """Run statements as they stand."""
        rows: Rows = self.con.execute(query)
        return rows

    def make_features(self, clean: Path, *, table: str, first: int = 0) -> int:
        """In this process."""
        return make_features(self.con, clean, table=table, first=first)

    def splink(self) -> Any:
        """On the same connection."""
        from splink import DuckDBAPI

        return DuckDBAPI(connection=self.con)

    def bring(self, select: str, name: str) -> DuckDBPyConnection:
        """It is here already: a view."""
        self.con.execute(f"create or replace view {name} as {select}")
        return self.con


def connected(file: Path | None, *, memory: int, folder: Path) -> DuckDBPyConnection:
    """A database in `file`, or in memory, that takes at most `memory` bytes and spills into `folder`."""
    con = duckdb.connect(str(file) if file else ":memory:")
    con.execute(f"set memory_limit = '{memory >> 20} MiB'")
    con.execute(f"set temp_directory = '{quoted(folder)}'")
    # Progress is said by the run; a bar would stand in the midst of what a program reads.
    con.execute("set enable_progress_bar = false")
    return con


@contextmanager
def open_duckdb(limits: Limits) -> Iterator[Duck]:
    """A database of its own, whose temporary files are removed whatever happens."""
    if limits.temporary:
        limits.temporary.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="lianxin-match-", dir=limits.temporary))
    try:
        with connected(folder / "match.duckdb", memory=limits.memory, folder=folder) as con:
            con.execute(f"set threads = {limits.threads or os.cpu_count() or 1}")
            con.execute("set preserve_insertion_order = false")
            yield Duck(con)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""Numbers found by a number, from files that are only mapped into memory: opened at once, however long they are."""

import mmap
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import pyarrow as pa
from duckdb import DuckDBPyConnection

Code = Literal["i", "d"]
_ARROW = {"i": pa.int32(), "d": pa.float64()}
_BATCH = 1 << 20


def write_sorted(con: DuckDBPyConnection, pairs: str, folder: Path, name: str, code: Code) -> int:
    """Write what a SELECT of `key` and `value` finds, sorted, as two files of bare numbers; answer how many."""
    rows = 0
    with (folder / f"{name}.keys").open("wb") as keys, (folder / f"{name}.values").open("wb") as values:
        found = con.sql(f"select key, value from ({pairs}) order by key, value")
        for batch in found.to_arrow_reader(_BATCH):
            keys.write(_bytes(batch.column(0).cast(pa.int64())))
            values.write(_bytes(batch.column(1).cast(_ARROW[code])))
            rows += batch.num_rows
    return rows


def _bytes(column: pa.Array) -> memoryview:
    width = column.type.bit_width // 8
    start = column.offset * width
    return memoryview(column.buffers()[1])[start : start + len(column) * width]


class SortedFile:
    """Values by key, of what :func:`write_sorted` wrote."""

    def __init__(self, folder: Path, name: str, code: Code) -> None:
        self._maps: list[mmap.mmap] = []
        self._keys = self._view(folder / f"{name}.keys", "q")
        self._values = self._view(folder / f"{name}.values", code)

    def _view(self, path: Path, code: str) -> Sequence[int] | Sequence[float]:
        if not path.stat().st_size:
            return []
        with path.open("rb") as file:
            self._maps.append(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return memoryview(self._maps[-1]).cast("B").cast(code)  # type: ignore[call-overload, no-any-return]

    def find(self, key: int) -> list[int] | list[float]:
        """The values of a key."""
        return list(self._values[bisect_left(self._keys, key) : bisect_right(self._keys, key)])

    def count(self, key: int) -> int:
        """How many values a key has."""
        return bisect_right(self._keys, key) - bisect_left(self._keys, key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for view in (self._keys, self._values):
            if isinstance(view, memoryview):
                view.release()
        for mapped in self._maps:
            mapped.close()

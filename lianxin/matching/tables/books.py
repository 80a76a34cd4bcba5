"""XLSX: looked through before the reader opens it, read in pieces, only the columns that are known."""

import mmap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

import pyarrow as pa
from duckdb import DuckDBPyConnection
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from lianxin.matching.clean.lists import COLUMNS
from lianxin.matching.problems import Problem
from lianxin.matching.tables.headings import find_columns, heading_row
from lianxin.matching.tables.kinds import misnamed
from lianxin.matching.tables.texts import MOST_COLUMNS
from lianxin.matching.words import Words
from lianxin.workbooks import MOST_ROWS, NotABook, TooMuch, look_through

_HEADINGS_WITHIN = 10
_BATCH = 50_000
_EXACT = 10**15


@dataclass(frozen=True, slots=True)
class _Bounds:
    unpacked: int = 4 << 30
    rows: int = MOST_ROWS
    columns: int = MOST_COLUMNS


def read_xlsx(
    con: DuckDBPyConnection, path: Path, *, mapping: Mapping[str, Sequence[str]] | None
) -> list[str]:
    """Fill the table ``given`` from the first visible sheet and return the columns found."""
    rows = sheet_rows(path)
    head = [row for _, row in zip(range(_HEADINGS_WITHIN), rows, strict=False)]
    at = heading_row([[cell_text(cell) for cell in row] for row in head], mapping)
    headings = [cell_text(cell) for cell in head[at]] if head else []
    places = find_columns(path.name, headings, line=at + 1, mapping=mapping)
    names = ", ".join(f"{column} varchar" for column in COLUMNS)
    con.execute(f"create or replace table given (line bigint, {names})")
    numbered = _chained(head[at + 1 :], rows, at + 2)
    while batch := list(islice(numbered, _BATCH)):
        _insert(con, batch, places)
    return list(places)


def cell_text(cell: object) -> str:
    """A cell as text. A number of more than 15 digits has lost its end: it comes as 4.10105E+17."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, int | float):
        return format(cell, ".15g") if abs(cell) >= _EXACT or cell != int(cell) else str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else "" if cell is None else str(cell)


def sheet_rows(path: Path) -> Iterator[Sequence[object]]:
    """The rows of the first visible sheet. Raises ``Problem`` when it is no workbook, or too large."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            look_through(content, _Bounds())
        book = CalamineWorkbook.from_path(path)
        visible = [m.name for m in book.sheets_metadata if m.visible == SheetVisibleEnum.Visible]
        sheet = book.get_sheet_by_name((visible or book.sheet_names)[0])
    except (NotABook, CalamineError, IndexError):
        raise misnamed(path) from None
    except TooMuch:
        words = Words(
            "“{name}”过大：一张表最多 {rows} 行、{columns} 列；更大的名单请用 CSV 或 Parquet。",
            "“{name}” is too large: a sheet holds {rows} rows and {columns} columns; use CSV or Parquet for more.",
        ).format(name=path.name, rows=f"{MOST_ROWS:,}", columns=MOST_COLUMNS)
        raise Problem("book_too_large", words) from None
    before: list[object] = [""] * (sheet.start[1] if sheet.start else 0)
    above: list[list[object]] = [[]] * (sheet.start[0] if sheet.start else 0)
    yield from above
    for row in sheet.iter_rows():
        yield [*before, *row] if before else row


def _chained(
    head: Sequence[Sequence[object]], rows: Iterator[Sequence[object]], first: int
) -> Iterator[tuple[int, Sequence[object]]]:
    number = first
    for source in (head, rows):
        for row in source:
            if any(cell not in ("", None) for cell in row):
                yield number, row
            number += 1


def _insert(
    con: DuckDBPyConnection, batch: Sequence[tuple[int, Sequence[object]]], places: Mapping[str, int]
) -> None:
    arrays = [pa.array([number for number, _ in batch], pa.int64())]
    for column in COLUMNS:
        at = places.get(column)
        values = (
            [None] * len(batch)
            if at is None
            else [cell_text(row[at]) if at < len(row) else "" for _, row in batch]
        )
        arrays.append(pa.array(values, pa.string()))
    con.register("batch", pa.table(arrays, names=["line", *COLUMNS]))
    con.execute("insert into given from batch")
    con.unregister("batch")

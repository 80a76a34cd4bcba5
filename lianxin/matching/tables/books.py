"""XLSX: looked through before the reader opens it, read in pieces, only the columns that are known."""

import mmap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

import pyarrow as pa
from duckdb import DuckDBPyConnection
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from lianxin.matching.problems import Problem
from lianxin.matching.tables.headings import Layout, find_columns, heading_row, spelling
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


def read_xlsx(con: DuckDBPyConnection, path: Path, layout: Layout) -> list[str]:
    """Fill the table ``given`` from the visible sheet that holds a list and return the columns found.

    Raises ``Problem``: no workbook, too large, several sheets with a list; ``Faulty`` for its headings.
    """
    rows = _the_list(path, layout)
    head = list(islice(rows, _HEADINGS_WITHIN))
    at = heading_row([[cell_text(cell) for cell in row] for row in head], layout)
    headings = [cell_text(cell) for cell in head[at]] if head else []
    places = find_columns(path.name, headings, line=at + 1, layout=layout)
    names = ", ".join(f"{column} varchar" for column in layout.columns)
    con.execute(f"create or replace table given (line bigint, {names})")
    numbered = _chained(head[at + 1 :], rows, at + 2)
    while batch := list(islice(numbered, _BATCH)):
        _insert(con, batch, layout.columns, places)
    return list(places)


def _the_list(path: Path, layout: Layout) -> Iterator[Sequence[object]]:
    """The rows of the one sheet whose headings are a list's; of the first one, when none is."""
    book, names = _opened(path)
    lists = [name for name in names if len(names) == 1 or _is_list(_rows_of(path, book, name), layout)]
    if len(lists) > 1:
        words = Words(
            "“{name}”有 {n} 张工作表都是名单，不知道该读哪一张：请每张另存为一个文件，或合成一张。",
            "“{name}” has {n} sheets with a list, and it is not clear which is meant: save each as a file, or put them "
            "together.",
        )
        raise Problem("lists_several", words.format(name=path.name, n=len(lists)))
    return _rows_of(path, book, (lists or names)[0])


def _is_list(rows: Iterator[Sequence[object]], layout: Layout) -> bool:
    head = [[spelling(cell_text(cell)) for cell in row] for row in islice(rows, _HEADINGS_WITHIN)]
    return any(all(set(layout.known[column]) & set(row) for column in layout.labels) for row in head)


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
    book, names = _opened(path)
    return _rows_of(path, book, names[0])


def _opened(path: Path) -> tuple[CalamineWorkbook, list[str]]:
    """A workbook and the names of its visible sheets, of all where none is visible."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            look_through(content, _Bounds())
        book = CalamineWorkbook.from_path(path)
        sheets = [m for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
        visible = [m.name for m in sheets if m.visible == SheetVisibleEnum.Visible]
        names = visible or [m.name for m in sheets]
    except (NotABook, CalamineError):
        raise misnamed(path) from None
    except TooMuch:
        words = Words(
            "“{name}”过大：一张表最多 {rows} 行、{columns} 列；更大的名单请用 CSV 或 Parquet。",
            "“{name}” is too large: a sheet holds {rows} rows and {columns} columns; use CSV or Parquet for more.",
        ).format(name=path.name, rows=f"{MOST_ROWS:,}", columns=MOST_COLUMNS)
        raise Problem("book_too_large", words) from None
    if not names:
        raise misnamed(path)
    return book, names


def _rows_of(path: Path, book: CalamineWorkbook, name: str) -> Iterator[Sequence[object]]:
    """All rows of a sheet from its first, filled out to its first column."""
    try:
        sheet = book.get_sheet_by_name(name)
    except CalamineError:
        raise misnamed(path) from None
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
            if any(cell not in ("", None) and cell_text(cell) for cell in row):
                yield number, row
            number += 1


def _insert(
    con: DuckDBPyConnection,
    batch: Sequence[tuple[int, Sequence[object]]],
    columns: Sequence[str],
    places: Mapping[str, int],
) -> None:
    arrays = [pa.array([number for number, _ in batch], pa.int64())]
    for column in columns:
        at = places.get(column)
        values = (
            [None] * len(batch)
            if at is None
            else [cell_text(row[at]) if at < len(row) else "" for _, row in batch]
        )
        arrays.append(pa.array(values, pa.string()))
    con.register("batch", pa.table(arrays, names=["line", *columns]))
    con.execute("insert into given from batch")
    con.unregister("batch")

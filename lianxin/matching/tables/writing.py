"""Pairs out, as CSV, XLSX or Parquet: whole or not at all, and no cell that a spreadsheet program would run."""

import csv
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow.parquet as pq
import xlsxwriter

from lianxin.matching.problems import Problem
from lianxin.matching.tables.kinds import Kind, kind_of_name
from lianxin.matching.tables.loading import explained
from lianxin.matching.words import Words
from lianxin.workbooks import DANGEROUS, MOST_ROWS

COLUMNS = ("left_id", "right_id", "probability", "decision", "reason")
_BATCH = 50_000
NO_MAGIC = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def check_target(out: Path) -> Kind:
    """The kind of file to be written. Raises ``Problem`` before anything is reckoned, when it cannot be."""
    kind = kind_of_name(out)
    if out.is_dir() or not os.access(out.parent, os.W_OK):
        words = Words(
            "不能写到“{name}”：请检查文件夹是否存在、是否可写。",
            "“{name}” cannot be written: check that its folder is there and may be written to.",
        )
        raise Problem("target_closed", words.format(name=out.name))
    return kind


def save_pairs(pairs: Path, out: Path) -> int:
    """Write the pairs of a Parquet file to ``out``, by its ending, and return how many there are.

    Nothing appears under ``out`` until all is on the disk.
    """
    kind = check_target(out)
    file = pq.ParquetFile(pairs)
    if kind == "xlsx" and file.metadata.num_rows >= MOST_ROWS:
        words = Words(
            "结果有 {n} 对，一张 XLSX 表放不下：请改用 .csv 或 .parquet。",
            "There are {n} pairs, more than an XLSX sheet holds: use .csv or .parquet.",
        )
        raise Problem("pairs_too_many", words.format(n=f"{file.metadata.num_rows:,}"))
    with explained(out.name), whole(out) as stream:
        _WRITERS[kind](file, stream)
    return int(file.metadata.num_rows)


@contextmanager
def whole(out: Path) -> Iterator[IO[bytes]]:
    """A stream whose bytes become ``out`` when all are on the disk; nothing is left when anything goes wrong."""
    for left in out.parent.glob(f".{out.name}.*.part"):
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(out)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(out.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def harmless(text: str) -> str:
    """Text that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _rows(file: pq.ParquetFile) -> Iterator[tuple[str, str, float, str, str]]:
    for batch in file.iter_batches(_BATCH, columns=list(COLUMNS)):
        values = [batch.column(name).to_pylist() for name in COLUMNS]
        yield from zip(*values, strict=True)


def _write_csv(file: pq.ParquetFile, stream: IO[bytes]) -> None:
    # The mark at the beginning tells spreadsheet programs that this is UTF-8.
    stream.write(b"\xef\xbb\xbf")
    for lines in _csv_lines(file):
        stream.write(lines.encode("utf-8"))


class _Lines:
    """What the csv module writes to."""

    def __init__(self) -> None:
        self.text: list[str] = []

    def write(self, text: str) -> int:
        """Keep a line."""
        self.text.append(text)
        return len(text)


def _csv_lines(file: pq.ParquetFile) -> Iterator[str]:
    lines = _Lines()
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    for left, right, probability, decision, reason in _rows(file):
        writer.writerow((harmless(left), harmless(right), f"{probability:.6f}", decision, harmless(reason)))
        if len(lines.text) >= _BATCH:
            yield "".join(lines.text)
            lines.text.clear()
    yield "".join(lines.text)


def _write_xlsx(file: pq.ParquetFile, stream: IO[bytes]) -> None:
    book = xlsxwriter.Workbook(stream, NO_MAGIC)
    sheet = book.add_worksheet()
    text, quoted = (
        book.add_format({"num_format": "@"}),
        book.add_format({"num_format": "@", "quote_prefix": True}),
    )
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for index, (name, width) in enumerate(zip(COLUMNS, (18, 18, 12, 10, 80), strict=True)):
        sheet.set_column(index, index, width)
        sheet.write_string(0, index, name, bold)
    for number, (left, right, probability, decision, reason) in enumerate(_rows(file), start=1):
        sheet.write_number(number, COLUMNS.index("probability"), round(probability, 6))
        for index, value in ((0, left), (1, right), (3, decision), (4, reason)):
            sheet.write_string(number, index, value, quoted if value.startswith(DANGEROUS) else text)
    book.close()


def _write_parquet(file: pq.ParquetFile, stream: IO[bytes]) -> None:
    table = file.read(columns=list(COLUMNS))
    pq.write_table(table, stream)


_WRITERS: dict[Kind, Callable[[pq.ParquetFile, IO[bytes]], None]] = {
    "csv": _write_csv,
    "xlsx": _write_xlsx,
    "parquet": _write_parquet,
}

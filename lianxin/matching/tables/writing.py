"""Tables out, as CSV, XLSX or Parquet: whole or not at all, and no cell that a spreadsheet program would run."""

import codecs
import csv
import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

import pyarrow.parquet as pq
import xlsxwriter

from lianxin.matching.problems import Problem
from lianxin.matching.tables.kinds import Kind, kind_of_name
from lianxin.matching.tables.loading import explained
from lianxin.matching.words import Words
from lianxin.workbooks import DANGEROUS, MOST_ROWS


@dataclass(frozen=True, slots=True)
class Column:
    """A column to be written: texts, or numbers of six decimals; `width` is that of a sheet's column, in characters."""

    name: str
    width: int


PAIRS = (
    Column("left_id", 18),
    Column("right_id", 18),
    Column("probability", 12),
    Column("decision", 10),
    Column("reason", 80),
)
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


def check_apart(written: Sequence[Path | None], read: Sequence[Path | None]) -> None:
    """Refuse to write over what is read, or twice to one place. Raises ``Problem``."""
    taken = {path.resolve() for path in read if path}
    for path in filter(None, written):
        if path.resolve() in taken:
            words = Words(
                "“{name}”既是输入又是输出，或要写两次：请给结果另起一个名字。",
                "“{name}” would be read and written over, or written twice: give the result another name.",
            )
            raise Problem("target_taken", words.format(name=path.name))
        taken.add(path.resolve())


@contextmanager
def taken_back(made: Path | None) -> Iterator[None]:
    """A file that the block writes goes again when the block fails; one that stood there before stays as it is."""
    before = made is None or made.exists()
    try:
        yield
    except BaseException:
        if made is not None and not before:
            made.unlink(missing_ok=True)
        raise


def save_table(made: Path, out: Path, columns: Sequence[Column] = PAIRS) -> int:
    """Write columns of a Parquet file to ``out``, by its ending, and return how many rows there are.

    Nothing appears under ``out`` until all is on the disk. Raises ``Problem``: a target that cannot be written, more
    rows than a sheet holds, a full disk.
    """
    kind = check_target(out)
    file = pq.ParquetFile(made)
    if kind == "xlsx" and file.metadata.num_rows >= MOST_ROWS:
        words = Words(
            "结果有 {n} 行，一张 XLSX 表放不下：请改用 .csv 或 .parquet。",
            "There are {n} rows, more than an XLSX sheet holds: use .csv or .parquet.",
        )
        raise Problem("pairs_too_many", words.format(n=f"{file.metadata.num_rows:,}"))
    with explained(out.name), whole(out) as stream:
        if kind == "parquet":
            pq.write_table(file.read(columns=[column.name for column in columns]), stream)
        elif kind == "csv":
            _write_csv(file, stream, columns)
        else:
            _write_xlsx(file, stream, columns)
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


def plain(text: str) -> str:
    """Text that was made harmless, as it was before."""
    return text[1:] if text.startswith("'") and text[1:].startswith(DANGEROUS) else text


_Row = tuple[str | float | None, ...]


def _batches(file: pq.ParquetFile, columns: Sequence[Column]) -> Iterator[Iterator[_Row]]:
    names = [column.name for column in columns]
    for batch in file.iter_batches(_BATCH, columns=names):
        yield zip(*(batch.column(name).to_pylist() for name in names), strict=True)


def _write_csv(file: pq.ParquetFile, stream: IO[bytes], columns: Sequence[Column]) -> None:
    # The mark at the beginning tells spreadsheet programs that this is UTF-8.
    stream.write(codecs.BOM_UTF8)
    stream.write((",".join(column.name for column in columns) + "\r\n").encode())
    for rows in _batches(file, columns):
        text = io.StringIO()
        csv.writer(text).writerows(
            [f"{value:.6f}" if isinstance(value, float) else harmless(value or "") for value in row]
            for row in rows
        )
        stream.write(text.getvalue().encode())


def _write_xlsx(file: pq.ParquetFile, stream: IO[bytes], columns: Sequence[Column]) -> None:
    book = xlsxwriter.Workbook(stream, NO_MAGIC)
    sheet = book.add_worksheet()
    text, quoted = (
        book.add_format({"num_format": "@"}),
        book.add_format({"num_format": "@", "quote_prefix": True}),
    )
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, column.name, bold)
    for number, row in enumerate(chain.from_iterable(_batches(file, columns)), start=1):
        for index, value in enumerate(row):
            if isinstance(value, float):
                sheet.write_number(number, index, round(value, 6))
            elif value:
                sheet.write_string(number, index, value, quoted if value.startswith(DANGEROUS) else text)
    book.close()

"""CSV: found out and looked through in pieces before anything reads it whole; DuckDB then reads UTF-8.

A piece at a time tells the encoding, bytes that no text has, and lines without end: a line of five gigabytes is
refused after its first megabyte.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from lianxin.matching.paths import quoted
from lianxin.matching.problems import Fault, Faulty, Problem
from lianxin.matching.tables.headings import Layout, find_columns, heading_row
from lianxin.matching.tables.kinds import misnamed
from lianxin.matching.words import Words

LONGEST_LINE = 1 << 20
MOST_COLUMNS = 500
FAULTS_TOLD = 20
_PIECE = 1 << 20
_HEADINGS_WITHIN = 10
_BLANKS = " \t\r\n\u3000\u00a0\ufeff"
_BINARY_BYTES = bytes({*range(9), *range(14, 32)} - {0x1A, 0x1B})
_BINARY_MARKS = [chr(code) for code in _BINARY_BYTES]
_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HAN_IN_UTF8 = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A CSV file in UTF-8: the one given, or one made in the working folder."""

    path: Path
    delimiter: str


def read_csv(con: DuckDBPyConnection, path: Path, work: Path, layout: Layout) -> list[str]:
    """Fill the table ``given`` and return the columns found. Raises ``Problem`` or ``Faulty``."""
    prepared = _prepare(path, work)
    head = _head(prepared)
    at = heading_row([row for row, _ in head], layout)
    headings, line = head[at]
    if len(headings) > MOST_COLUMNS:
        raise too_many_columns(path, len(headings))
    places = find_columns(path.name, headings, line=at + 1, layout=layout)
    _fill(con, prepared, layout, places, width=len(headings), skip=line, name=path.name)
    return list(places)


def data_rows(path: Path, work: Path, layout: Layout) -> list[int]:
    """The number that a spreadsheet program shows for each row below the headings that is not blank."""
    prepared = _prepare(path, work)
    at = heading_row([row for row, _ in _head(prepared)], layout)
    with prepared.path.open(encoding="utf-8-sig", newline="") as file:
        rows = enumerate(csv.reader(file, delimiter=prepared.delimiter))
        return [index + 1 for index, row in rows if index > at and any(cell.strip(_BLANKS) for cell in row)]


def too_many_columns(path: Path, count: int) -> Problem:
    """The problem of a file that is wider than any list of people."""
    words = Words(
        "“{name}”有 {count} 列，最多 {most} 列：请只留下需要比对的列。",
        "“{name}” has {count} columns, at most {most} are read: keep those to be compared.",
    )
    return Problem("columns_too_many", words.format(name=path.name, count=f"{count:,}", most=MOST_COLUMNS))


def _prepare(path: Path, work: Path) -> Prepared:
    with path.open("rb") as file:
        start = file.read(3)
    encoding = "utf-16" if start.startswith(_BOMS) else encoding_of(path)
    copy = work / f"{path.stem[:40]}.utf8.csv"
    rewritten = encoding != "utf-8" or _has_odd_ends(path)
    sample, longest = "", 0
    with copy.open("w", encoding="utf-8", newline="") if rewritten else nullcontext() as target:
        for text in _pieces(path, encoding):
            sample = sample or text
            if target is None:
                break  # the bytes have been looked at
            if any(mark in text for mark in _BINARY_MARKS):
                raise misnamed(path)
            longest = _going_on(path, text, longest)
            target.write(text)
    return Prepared(copy if rewritten else path, _delimiter(sample))


def encoding_of(path: Path) -> str:
    """UTF-8 when all of it is; else GB18030. UTF-8 with a few broken bytes is said to be broken, not guessed away.

    Raises ``Problem`` for bytes that no text has and for a line without end.
    """
    decoder, longest = codecs.getincrementaldecoder("utf-8")(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                if len(piece.translate(None, _BINARY_BYTES)) < len(piece):
                    raise misnamed(path)
                longest = _going_on(path, piece, longest)
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        damaged = error.object
        if len(_HAN_IN_UTF8.findall(damaged)) > len(_broken(damaged)) * 4 + 4:
            raise _unreadable_text(path) from None
        return "gb18030"
    return "utf-8"


def _broken(damaged: bytes) -> list[str]:
    return re.findall("�", damaged.decode("utf-8", errors="replace"))


def _pieces(path: Path, encoding: str) -> Iterator[str]:
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield decoder.decode(piece)
            yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _unreadable_text(path) from None


def _going_on(path: Path, piece: bytes | str, before: int) -> int:
    """How long the line is that goes on after this piece. Refuses one without end."""
    feed, back = (b"\n", b"\r") if isinstance(piece, bytes) else ("\n", "\r")
    first = max(piece.find(feed), 0)  # type: ignore[arg-type]
    last = max(piece.rfind(feed), piece.rfind(back))  # type: ignore[arg-type]
    going_on = before + len(piece) if last < 0 else len(piece) - last - 1
    if max(before + first, going_on) > LONGEST_LINE:
        words = Words(
            "“{name}”中有超过 1 MB 的行，不像一份名单：请检查换行和引号。",
            "“{name}” has a line of more than 1 MB, which no list has: check its line ends and quotes.",
        )
        raise Problem("line_too_long", words.format(name=path.name))
    return going_on


def _has_odd_ends(path: Path) -> bool:
    """Whether lines end in more than one way, as in files put together, or as on old Macintoshes."""
    both = feeds = returns = 0
    before = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            both += (before + piece).count(b"\r\n")
            feeds += piece.count(b"\n")
            returns += piece.count(b"\r")
            before = piece[-1:] if piece.endswith(b"\r") else b""
    return returns > both or 0 < both < feeds


def _delimiter(sample: str) -> str:
    lines = sample.splitlines()[:_HEADINGS_WITHIN]
    return max(",;\t|", key=lambda mark: max((line.count(mark) for line in lines), default=0))


def _head(prepared: Prepared) -> list[tuple[list[str], int]]:
    """The first rows, each with the number of lines to its end."""
    with prepared.path.open(encoding="utf-8-sig", newline="") as file:
        csv.field_size_limit(LONGEST_LINE)
        reader = csv.reader(file, delimiter=prepared.delimiter)
        try:
            return [(row, reader.line_num) for row in islice(reader, _HEADINGS_WITHIN)]
        except csv.Error:
            raise _quotes_wrong(prepared.path) from None


def _fill(
    con: DuckDBPyConnection,
    prepared: Prepared,
    layout: Layout,
    places: Mapping[str, int],
    *,
    width: int,
    skip: int,
    name: str,
) -> None:
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width))
    # Cleaning takes unusual blanks off the rest; here that costs a second for each column of a million.
    unusual = f", '{_BLANKS}'"
    chosen = ", ".join(
        f"trim(c{places[column]}{unusual if column in layout.labels else ''}) as {column}"
        if column in places
        else f"null::varchar as {column}"
        for column in layout.columns
    )
    # In this form the first cell that holds something ends the looking.
    filled = " or ".join(f"trim(c{index}, '{_BLANKS}') <> ''" for index in range(width))
    try:
        con.execute(
            f"""create or replace table given as select row_number() over () as line, {chosen}
            from read_csv('{quoted(prepared.path)}', columns = {{{columns}}}, auto_detect = false, header = false,
                skip = {skip}, delim = '{prepared.delimiter}', quote = '"', escape = '"', encoding = 'utf-8',
                max_line_size = {4 * LONGEST_LINE}, store_rejects = true, null_padding = false)
            where {filled}"""
        )
    except duckdb.Error:
        raise _unreadable_text(prepared.path, name) from None
    rejected = con.execute(
        "select line, any_value(error_type::varchar) from reject_errors group by line order by line"
    ).fetchall()
    if rejected:
        faults = [_rejected(line, str(kind), width) for line, kind in rejected[:FAULTS_TOLD]]
        raise Faulty(name, faults, len(rejected))


def _rejected(line: int, kind: str, width: int) -> Fault:
    said = {
        "MISSING COLUMNS": Words(
            "列数少于标题行的 {n} 列。", "It has fewer than the {n} columns of the headings."
        ),
        "TOO MANY COLUMNS": Words(
            "列数多于标题行的 {n} 列。", "It has more than the {n} columns of the headings."
        ),
    }.get(
        kind,
        Words(
            "从这一行起引号没有成对，或分隔符有误：请改正引号。",
            "From this row on quotation marks are not in pairs, or separators are wrong: correct the quotation marks.",
        ),
    )
    return Fault(line, "", "row_shape", said.format(n=width))


def _quotes_wrong(path: Path) -> Problem:
    words = Words(
        "“{name}”有一处引号没有闭合，后面的行都被算进了一格：请补上引号。",
        "A quotation mark in “{name}” is never closed and swallows the rows that follow: close it.",
    )
    return Problem("quotes_wrong", words.format(name=path.name))


def _unreadable_text(path: Path, name: str = "") -> Problem:
    words = Words(
        "“{name}”不是完好的文本：请另存为 UTF-8 或 GB18030 编码的 CSV。",
        "“{name}” is not whole text: save it as CSV in UTF-8 or GB18030.",
    )
    return Problem("text_unreadable", words.format(name=name or path.name))

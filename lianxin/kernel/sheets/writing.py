"""Writing spreadsheets: whatever a cell begins with, it stays what it is and is never run."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from lianxin.kernel.clock import CHINA
from lianxin.kernel.money import FEN_PER_YUAN, Money
from lianxin.kernel.sheets.columns import Column
from lianxin.kernel.text import Text
from lianxin.workbooks import DANGEROUS

MOST_ROWS = 1_048_575
_LONGEST_CELL = 32_767
_EXACT = 10**15
_YES, _NO = Text("是", "yes"), Text("否", "no")
_NO_MAGIC = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_xlsx(
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, object]],
    *,
    stream: IO[bytes] | None = None,
    title: Text | str = "",
    made_at: datetime | None = None,
) -> bytes:
    """Rows as an XLSX file with headings in the reader's language; returns the bytes, or fills ``stream``.

    One row is in memory at a time. ``made_at`` goes into the file's properties: with it, the same rows give
    the same bytes. Raises ``ValueError`` for more rows than a sheet holds.
    """
    target = stream or io.BytesIO()
    book = xlsxwriter.Workbook(target, _NO_MAGIC)
    if made_at:
        book.set_properties({"created": made_at.astimezone(CHINA).replace(tzinfo=None)})
    sheet = book.add_worksheet(_sheet_name(str(title)) or None)
    _fill(sheet, columns, rows, _formats(book))
    book.close()
    return target.getvalue() if isinstance(target, io.BytesIO) else b""


def write_csv(columns: Sequence[Column], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Rows as CSV in UTF-8 with a byte order mark, which is what spreadsheet programs open without asking."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_harmless(str(column.label)) for column in columns])
    for row in rows:
        writer.writerow([_plain(column, row.get(column.name)) for column in columns])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    return {
        "heading": book.add_format({"bold": True}),
        "text": book.add_format({"num_format": "@"}),
        "quoted": book.add_format({"num_format": "@", "quote_prefix": True}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }


def _fill(
    sheet: Worksheet,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, object]],
    formats: dict[str, Format],
) -> None:
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, str(column.label), formats["heading"])
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS:
            message = f"a sheet holds {MOST_ROWS} rows"
            raise ValueError(message)
        for index, column in enumerate(columns):
            _write(sheet, number, index, _value(column, row.get(column.name)), formats)


def _write(sheet: Worksheet, row: int, index: int, value: object, formats: dict[str, Format]) -> None:
    match value:
        case None:
            return
        case str():
            text = value[:_LONGEST_CELL]
            sheet.write_string(row, index, text, formats["quoted" if text.startswith(DANGEROUS) else "text"])
        case Money():
            sheet.write_number(row, index, value.fen / FEN_PER_YUAN, formats["money"])
        case datetime():
            moment = value.astimezone(CHINA).replace(tzinfo=None)
            sheet.write_datetime(row, index, moment, formats["moment"])
        case date():
            sheet.write_datetime(row, index, value, formats["date"])
        case int() | float() | Decimal() if -_EXACT < value < _EXACT:
            sheet.write_number(row, index, value)
        case _:
            sheet.write_string(row, index, str(value), formats["text"])


def _value(column: Column, value: object) -> object:
    """Codes as their words; the rest as it is."""
    if isinstance(value, bool):
        return str(_YES if value else _NO)
    if column.kind == "choice" and value in column.choices:
        return str(column.choices[str(value)])
    return str(value) if isinstance(value, Text) else value


def _plain(column: Column, value: object) -> str:
    value = _value(column, value)
    match value:
        case None:
            return ""
        case Money():
            return f"{Decimal(value.fen) / FEN_PER_YUAN:.2f}"
        case datetime():
            return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        case date() | int() | float() | Decimal():
            return str(value)
    return _harmless(str(value))


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _sheet_name(title: str) -> str:
    return "".join(character for character in title if character not in "[]:*?/\\'")[:31]

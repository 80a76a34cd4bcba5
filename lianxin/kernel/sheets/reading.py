"""Reading spreadsheets in two passes: every fault by cell first, and only when there is none the rows."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from lianxin.kernel.sheets.cells import CellFault, is_empty
from lianxin.kernel.sheets.columns import Column, spelling
from lianxin.kernel.sheets.faults import Fault, Faulty, unreadable
from lianxin.kernel.sheets.guard import Limits, guard_xlsx, not_a_sheet, too_much
from lianxin.kernel.text import Text
from lianxin.workbooks import letter

_ZIP = b"PK\x03\x04"
_ENCODINGS = ("utf-8-sig", "gb18030")
# A title and a remark may stand above the headings.
_HEADINGS_WITHIN = 10
_DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class Row:
    """One row with typed values by column name; ``number`` is the one that the spreadsheet program shows."""

    number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read: rows, where each column stood (0 is A), and the headings that no column knows."""

    sheet: str
    places: dict[str, int]
    rows: list[Row] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def read_rows(
    content: bytes, columns: Sequence[Column], *, limits: Limits = _DEFAULT, sheet: str | None = None
) -> Table:
    """The rows of an XLSX or CSV file (UTF-8 or GB18030), typed by the columns.

    Headings are found by name in Chinese or English, in any order, within the first ten rows; the first visible
    sheet is read unless one is named. Raises ``Faulty`` with every fault, or ``Refused``: ``sheet_unreadable``,
    ``sheet_too_large``, ``sheet_not_found``.
    """
    if len(content) > limits.packed:
        raise too_much(limits)
    if content.startswith(_ZIP):
        guard_xlsx(content, limits)
        name, cells = _xlsx(content, sheet, limits)
    else:
        name, cells = "CSV", _csv(content, limits)
    return _typed(name, cells, columns, limits)


def _xlsx(content: bytes, wanted: str | None, limits: Limits) -> tuple[str, Iterable[Sequence[object]]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        visible = [m.name for m in book.sheets_metadata if m.visible == SheetVisibleEnum.Visible]
        name = wanted or (visible or book.sheet_names)[0]
        if name not in book.sheet_names:
            raise unreadable(
                "sheet_not_found", f"没有名为“{name}”的工作表。", f"There is no sheet named “{name}”."
            )
        sheet = book.get_sheet_by_name(name)
    except (CalamineError, IndexError):
        raise not_a_sheet() from None
    # Row by row: all cells at once take half a gigabyte more. Empty columns before the first are left out by it.
    before: list[object] = [""] * (sheet.start[1] if sheet.start else 0)
    return name, ([*before, *row] for row in sheet.iter_rows())


def _csv(content: bytes, limits: Limits) -> Iterator[Sequence[object]]:
    text = _decoded(content)
    if "\0" in text:
        raise not_a_sheet()
    sample = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",;\t", key=sample.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            if number > limits.rows or len(row) > limits.columns:
                raise too_much(limits)
            yield row
    except csv.Error:
        raise not_a_sheet() from None


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise not_a_sheet()


def _typed(sheet: str, cells: Iterable[Sequence[object]], columns: Sequence[Column], limits: Limits) -> Table:
    numbered = enumerate(cells, start=1)
    head = [row for _, row in zip(range(_HEADINGS_WITHIN), numbered, strict=False)]
    at = _heading_row(head, columns)
    places, ignored, faults = _headings(sheet, head[at][1] if head else (), at + 1, columns)
    table = Table(sheet, {column.name: index for index, column in places}, ignored=ignored)
    if faults:
        raise Faulty(faults)
    for number, row in (*head[at + 1 :], *numbered):
        if all(is_empty(cell) for cell in row):
            continue
        values, wrong = _row(sheet, number, row, places)
        faults += wrong
        if len(faults) >= limits.faults:
            raise Faulty(faults[: limits.faults], more=True)
        table.rows.append(Row(number, values))
    if faults:
        raise Faulty(faults)
    return table


def _heading_row(head: Sequence[tuple[int, Sequence[object]]], columns: Sequence[Column]) -> int:
    """The index of the row that holds the most headings; the first one where none does."""
    known = {heading for column in columns for heading in column.headings()}
    counts = [len({spelling(cell) for cell in row} & known) for _, row in head]
    return counts.index(max(counts)) if counts else 0


def _headings(
    sheet: str, row: Sequence[object], number: int, columns: Sequence[Column]
) -> tuple[list[tuple[int, Column]], list[str], list[Fault]]:
    """Where each column stands; the headings that no column knows; what is wrong with the headings."""
    by_heading = {heading: column for column in columns for heading in column.headings()}
    places: dict[str, tuple[int, Column]] = {}
    ignored, faults = [], []
    for index, cell in enumerate(row):
        column = by_heading.get(spelling(cell))
        if column is None:
            ignored += [] if is_empty(cell) else [str(cell)]
        elif column.name in places:
            message = Text("“{column}”列重复。", "There are two columns “{column}”.").format(
                column=column.label
            )
            faults.append(Fault(sheet, number, letter(index), "column_twice", message))
        else:
            places[column.name] = (index, column)
    for column in columns:
        if column.required and column.name not in places:
            message = Text("缺少“{column}”列。", "The column “{column}” is missing.").format(
                column=column.label
            )
            faults.append(Fault(sheet, 0, "", "column_missing", message))
    if not places and not faults:
        message = Text("没有找到任何认识的列标题。", "No heading is known.")
        faults.append(Fault(sheet, 0, "", "headings_missing", message))
    return list(places.values()), ignored, faults


def _row(
    sheet: str, number: int, row: Sequence[object], places: Sequence[tuple[int, Column]]
) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults = []
    width = len(row)
    for index, column in places:
        try:
            values[column.name] = column.read(row[index] if index < width else None)
        except CellFault as fault:
            faults.append(Fault(sheet, number, letter(index), fault.code, fault.message))
    return values, faults

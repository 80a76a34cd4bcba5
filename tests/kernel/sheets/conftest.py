"""Columns of every kind, and files made of raw cells."""

import io
import zipfile
from collections.abc import Callable, Sequence

import xlsxwriter

from lianxin.kernel.sheets.columns import Column
from lianxin.kernel.text import Text

COLUMNS = (
    Column("name", Text("姓名", "Name"), required=True, longest=10),
    Column("age", Text("年龄", "Age"), kind="integer"),
    Column("aid", Text("金额（元）", "Amount"), kind="money"),
    Column("day", Text("日期", "Date"), kind="date"),
    Column("at", Text("时间", "Moment"), kind="moment"),
    Column("member", Text("会员", "Member"), kind="yes_no"),
    Column(
        "grade",
        Text("等级", "Grade"),
        kind="choice",
        choices={"deep": Text("深度困难", "deep"), "relative": Text("相对困难", "relative")},
    ),
    Column("share", Text("比例", "Share"), kind="decimal"),
)
HEADINGS = [column.label.zh for column in COLUMNS]


def xlsx(*rows: Sequence[object], hidden_first: bool = False) -> bytes:
    """A file with these cells, written as they are."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"strings_to_formulas": False})
    if hidden_first:
        cover = book.add_worksheet("封面")
        cover.hide()
    sheet = book.add_worksheet("名册")
    if hidden_first:
        sheet.activate()
        sheet.set_first_sheet()
    date_format = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows):
        for index, cell in enumerate(row):
            if hasattr(cell, "year"):
                sheet.write_datetime(number, index, cell, date_format)
            elif cell is not None:
                sheet.write(number, index, cell)
    book.close()
    return stream.getvalue()


def rezipped(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same file with some parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part.filename)))
    return out.getvalue()

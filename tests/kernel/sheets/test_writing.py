"""Writing: what comes out is what went in, and nothing in it runs."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from lianxin.kernel.clock import CHINA
from lianxin.kernel.money import Money
from lianxin.kernel.sheets.columns import Column
from lianxin.kernel.sheets.reading import read_rows
from lianxin.kernel.sheets.writing import write_csv, write_xlsx
from lianxin.kernel.text import Text
from lianxin.workbooks import DANGEROUS
from tests.kernel.sheets.conftest import COLUMNS

ROW = {
    "name": "张三",
    "age": 41,
    "aid": Money(1_234_560),
    "day": date(2025, 1, 31),
    "at": datetime(2025, 1, 31, 0, 30, tzinfo=UTC),
    "member": False,
    "grade": "relative",
    "share": Decimal("0.25"),
}
NOTE = (Column("note", Text("备注", "Note")),)
WRITERS = [write_csv, write_xlsx]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("write", WRITERS)
def test_what_is_written_in_either_language_reads_back_alike(write: type, language: str) -> None:
    with translation.override(language):
        content = write(COLUMNS, [ROW, {"name": "李四"}])
    rows = read_rows(content, COLUMNS).rows
    assert rows[0].values == {**ROW, "at": datetime(2025, 1, 31, 8, 30, tzinfo=CHINA)}
    assert rows[1].values == {**dict.fromkeys(ROW), "name": "李四"}


def test_headings_are_in_the_reader_s_language() -> None:
    with translation.override("en"):
        english = write_csv(NOTE, [])
    assert (english, write_csv(NOTE, [])) == ("\ufeffNote\r\n".encode(), "\ufeff备注\r\n".encode())


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_looks_like_a_formula_stays_text(text: str) -> None:
    cell = next(
        csv.reader(io.StringIO(write_csv(NOTE, [{"note": text}]).decode("utf-8-sig").split("\r\n", 1)[1]))
    )
    assert cell == [f"'{text}"]
    content = write_xlsx(NOTE, [{"note": text}])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50))
@settings(max_examples=60, deadline=None)
def test_no_text_begins_dangerously_in_csv_and_all_text_comes_back(text: str) -> None:
    content = write_csv(NOTE, [{"note": text}, {"note": "end"}])
    cells = [row[0] for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))]
    assert not any(cell.startswith(DANGEROUS) for cell in cells)
    shown = " ".join(text.split())
    assert [row.values["note"] for row in read_rows(content, NOTE).rows] == [
        *([shown] if shown else []),
        "end",
    ]


def test_long_numbers_are_written_as_text() -> None:
    content = write_xlsx(NOTE, [{"note": "6200000000000000017"}, {"note": 6200000000000000017}])
    assert [row.values["note"] for row in read_rows(content, NOTE).rows] == ["6200000000000000017"] * 2


def test_an_overlong_cell_is_cut_at_what_a_cell_holds() -> None:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(write_xlsx(NOTE, [{"note": "长" * 40_000}])))
    assert len(str(sheet.get_sheet_by_index(0).to_python()[1][0])) == 32_767


def test_write_xlsx_fills_a_stream_and_names_the_sheet() -> None:
    stream = io.BytesIO()
    write_xlsx(NOTE, [{"note": "甲"}], stream=stream, title=Text("名册/一", "Roster"))
    assert read_rows(stream.getvalue(), NOTE).sheet == "名册一"


def test_write_xlsx_with_a_moment_gives_the_same_bytes() -> None:
    moment = datetime(2025, 6, 9, 12, tzinfo=CHINA)
    assert write_xlsx(NOTE, [{"note": "甲"}], made_at=moment) == write_xlsx(
        NOTE, [{"note": "甲"}], made_at=moment
    )

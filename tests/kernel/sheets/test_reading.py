"""Reading: every fault at once, by cell; typed rows only when there is none."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import pytest

from lianxin.kernel.clock import CHINA
from lianxin.kernel.money import Money
from lianxin.kernel.refusals import Refused
from lianxin.kernel.sheets.cells import CellFault
from lianxin.kernel.sheets.columns import Column
from lianxin.kernel.sheets.faults import Faulty
from lianxin.kernel.sheets.guard import Limits
from lianxin.kernel.sheets.reading import read_rows
from lianxin.kernel.text import Text
from tests.kernel.sheets.conftest import COLUMNS, HEADINGS, xlsx

GOOD = ["张三", 41, 500.5, datetime(2025, 1, 31), "2025-01-31 08:30", "是", "深度困难", "0.25"]  # noqa: DTZ001 - a cell of a sheet has no zone
TYPED = {
    "name": "张三",
    "age": 41,
    "aid": Money(50_050),
    "day": date(2025, 1, 31),
    "at": datetime(2025, 1, 31, 8, 30, tzinfo=CHINA),
    "member": True,
    "grade": "deep",
    "share": Decimal("0.25"),
}


def csv_of(*rows: Sequence[object], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    return "\r\n".join(delimiter.join(map(str, row)) for row in rows).encode(encoding)


def faults(content: bytes, columns: tuple[Column, ...] = COLUMNS, **options: object) -> list[tuple[str, str]]:
    with pytest.raises(Faulty) as refused:
        read_rows(content, columns, **options)  # type: ignore[arg-type]
    return [(f"{fault.column}{fault.row}", fault.code) for fault in refused.value.faults]


def test_read_rows_types_every_kind_of_cell() -> None:
    table = read_rows(xlsx(HEADINGS, GOOD), COLUMNS)
    assert [(row.number, row.values) for row in table.rows] == [(2, TYPED)]
    assert table.sheet == "名册"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_read_rows_from_csv_in_the_encodings_in_use(encoding: str) -> None:
    row = ["张三", 41, "500.50", "2025/1/31", "2025年1月31日 8:30", "√", "deep", "0.25"]
    assert [r.values for r in read_rows(csv_of(HEADINGS, row, encoding=encoding), COLUMNS).rows] == [TYPED]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_read_rows_from_csv_with_other_delimiters(delimiter: str) -> None:
    table = read_rows(csv_of(["姓名", "年龄"], ["张三", 41], delimiter=delimiter), COLUMNS)
    assert [row.values for row in table.rows] == [{"name": "张三", "age": 41}]


def test_read_rows_finds_columns_by_english_heading_in_any_order_below_a_title() -> None:
    content = xlsx(
        ["二〇二五年名册"], [], ["Age ", "备注", "*NAME:"], [41, "随便", "张三"], [], [None, "", "李四"]
    )
    table = read_rows(content, COLUMNS)
    assert [(row.number, row.values) for row in table.rows] == [
        (4, {"age": 41, "name": "张三"}),
        (6, {"age": None, "name": "李四"}),
    ]
    assert table.ignored == ["备注"]


def test_read_rows_points_at_the_cell_when_the_table_stands_away_from_the_corner() -> None:
    content = xlsx([], [], [None, None, "姓名", "年龄"], [None, None, "张三", "x"])
    assert faults(content) == [("D4", "not_a_number")]
    assert faults(xlsx(), COLUMNS[:1]) == [("0", "column_missing")]


def test_read_rows_skips_hidden_sheets_unless_named() -> None:
    content = xlsx(["姓名"], ["张三"], hidden_first=True)
    assert read_rows(content, COLUMNS).sheet == "名册"
    assert faults_of_missing(content, "封面") == "sheet_faulty"
    assert faults_of_missing(content, "附表") == "sheet_not_found"


def faults_of_missing(content: bytes, sheet: str) -> str:
    with pytest.raises(Refused) as refused:
        read_rows(content, COLUMNS, sheet=sheet)
    return refused.value.code


def test_read_rows_tells_every_fault_by_cell_in_both_languages() -> None:
    bad = [" ", "四十一", "12.345", "2025-02-30", "明天", "也许", "很困难", "NaN"]
    content = xlsx(
        HEADINGS, bad, GOOD, ["名字实在是太长了啊啊啊", 4.5, "¥1,000元", 20250131, None, 1, "DEEP", None]
    )
    with pytest.raises(Faulty) as refused:
        read_rows(content, COLUMNS)
    assert [(f"{f.column}{f.row}", f.code) for f in refused.value.faults] == [
        ("A2", "missing"),
        ("B2", "not_a_number"),
        ("C2", "amount_invalid"),
        ("D2", "not_a_date"),
        ("E2", "not_a_date"),
        ("F2", "not_yes_no"),
        ("G2", "not_a_choice"),
        ("H2", "not_a_number"),
        ("A4", "too_long"),
        ("B4", "not_whole"),
    ]
    first = refused.value.faults[0]
    assert first.where == Text("工作表“名册”单元格 A2", "Sheet “名册”, cell A2")
    assert first.message == Text("必填。", "This has to be filled in.")


def test_read_rows_stops_at_the_limit_of_faults() -> None:
    content = xlsx(["姓名"], *([[None, "x"]] * 30))
    with pytest.raises(Faulty) as refused:
        read_rows(xlsx(["姓名", "年龄"], *([["张三", "x"]] * 30)), COLUMNS, limits=Limits(faults=5))
    assert (len(refused.value.faults), refused.value.more) == (5, True)
    assert faults(content)[0] == ("A2", "missing")


def test_read_rows_with_a_missing_or_doubled_column_is_refused() -> None:
    assert faults(xlsx(["年龄"], [41])) == [("0", "column_missing")]
    assert faults(xlsx(["姓名", "Name"], ["张三", "李四"])) == [("B1", "column_twice")]
    optional = (Column("note", Text("备注", "Note")),)
    assert faults(xlsx(["别的"], ["x"]), optional) == [("0", "headings_missing")]
    assert faults(b"", optional) == [("0", "headings_missing")]


def test_a_long_number_in_a_text_column_is_refused_since_its_end_is_lost() -> None:
    column = (Column("account", Text("账号", "Account"), required=True),)
    assert faults(xlsx(["账号"], [6200000000000000017])) == [("0", "column_missing")]
    assert faults(xlsx(["账号"], [6200000000000000017]), column) == [("A2", "number_lost_digits")]
    assert read_rows(xlsx(["账号"], [620000000017]), column).rows[0].values == {"account": "620000000017"}


@pytest.mark.parametrize(
    ("cell", "value"), [(0.1 + 0.2, Money(30)), ("1,234.5", Money(123_450)), (7.0, Money(700))]
)
def test_an_amount_is_read_as_the_spreadsheet_shows_it(cell: object, value: Money) -> None:
    column = (Column("aid", Text("金额", "Amount"), kind="money"),)
    assert read_rows(xlsx(["金额"], [cell]), column).rows[0].values == {"aid": value}


def test_a_check_of_the_column_may_refuse_or_change() -> None:
    def even(value: int) -> int:
        if value % 2:
            raise CellFault("odd", Text("应为偶数。", "This should be even."))
        return value // 2

    column = (Column("n", Text("数", "N"), kind="integer", check=even),)
    assert read_rows(xlsx(["数"], [4]), column).rows[0].values == {"n": 2}
    assert faults(xlsx(["数"], [3]), column) == [("A2", "odd")]


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 nothing", b"\xff\xfe\x00a\x00", b"\x00\x01\x02", b'a\n"b\rc" d"\r'], ids=repr
)
def test_read_rows_of_bytes_that_are_no_sheet_is_refused(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_rows(content, COLUMNS)
    assert refused.value.code in {"sheet_unreadable", "sheet_faulty"}
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    "limits", [Limits(rows=3), Limits(columns=1), Limits(packed=10)], ids=["rows", "columns", "bytes"]
)
def test_read_rows_beyond_a_limit_is_refused(limits: Limits) -> None:
    rows: list[list[object]] = [["姓名", "年龄"], ["张三", 1], ["李四", 2]]
    for content in (xlsx(*rows), csv_of(*rows)):
        assert len(read_rows(content, COLUMNS, limits=Limits(rows=3, columns=2)).rows) == 2
        longer = xlsx(*rows, ["王五", 3]) if content[:2] == b"PK" else csv_of(*rows, ["王五", 3])
        with pytest.raises(Refused) as refused:
            read_rows(longer, COLUMNS, limits=limits)
        assert refused.value.code == "sheet_too_large"


def test_a_column_of_an_unknown_kind_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        Column("x", Text("甲", "X"), kind="colour")

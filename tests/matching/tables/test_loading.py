"""Lists from files: what can be read is read, what cannot is said where and why, and nothing is left behind."""

import os
import resource
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from lianxin.matching.problems import Faulty, Problem
from lianxin.matching.tables import load

HEADINGS = "编号,姓名,身份证号码,手机号,现住址\n"
ROWS = "1,张三,,13800000001,河南省郑州市中原区建设路1号\n2,李 四,,,\n"
TABLE = HEADINGS + ROWS


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows_of(sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        found: list[tuple[object, ...]] = con.execute(sql).fetchall()
    return found


def names_in(path: Path) -> list[object]:
    return [row[0] for row in rows_of(f"select name from '{path}' order by record_id")]


def problem_of(path: Path, work: Path) -> Problem:
    with pytest.raises(Problem) as raised:
        load(path, work=work)
    assert list(work.iterdir()) == []
    return raised.value


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("gb18030"),
        TABLE.encode("utf-16"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.replace("\n", "\r\n", 1).encode(),
        TABLE.replace("\n", "\r\n").replace("李 四", '"李\n四"').encode(),
        TABLE.replace(",", "\t").encode(),
        TABLE.replace(",", ";").encode(),
        f"2025 年名单,,,,\n{TABLE}".encode(),
        f"{HEADINGS}\n{ROWS}\n\n,,,,\n".encode(),
    ],
)
def test_a_csv_file_is_read_however_it_was_saved(
    file: Callable[[str, str | bytes], Path], work: Path, content: bytes
) -> None:
    roster = load(file("list.csv", content), work=work)
    assert (roster.rows, names_in(roster.path)) == (2, ["张三", "李四"])
    assert roster.columns == ("record_id", "name", "id_number", "phone", "address")
    assert list(work.iterdir()) == [roster.path]


def test_an_xlsx_file_is_read(tmp_path: Path, work: Path) -> None:
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(1, 1, ["编号", "姓名", "身份证号", "出生日期", "手机"])
        sheet.write_row(2, 1, [1, "张三", 410102198001011234])
        sheet.write_datetime(2, 4, date(1980, 1, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_number(2, 5, 13800000001)
        sheet.write_row(4, 1, ["b", "李四"])
    roster = load(path, work=work)
    found = rows_of(
        f"select record_id, name, id_number, id_state, birth_date, phone from '{roster.path}' order by 1"
    )
    # A number of 18 digits entered as a number has lost the last three: what is left is marked.
    assert found == [
        ("1", "张三", "410102198001011", "partial", date(1980, 1, 1), "13800000001"),
        ("b", "李四", None, None, None, None),
    ]


def book(path: Path, *sheets: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(path) as made:
        for rows in sheets:
            sheet = made.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


LISTED: list[list[object]] = [["编号", "姓名"], ["1", "张三"], ["2", "李四"]]


def test_the_sheet_that_holds_the_list_is_read_wherever_it_stands(tmp_path: Path, work: Path) -> None:
    notes: list[list[object]] = [["填表说明"], ["请如实填写姓名"]]
    path = book(tmp_path / "a.xlsx", notes, [["职工名册"], *LISTED], [])
    assert names_in(load(path, work=work).path) == ["张三", "李四"]


def test_a_second_sheet_with_a_list_is_never_left_out_unsaid(tmp_path: Path, work: Path) -> None:
    path = book(tmp_path / "a.xlsx", LISTED, [LISTED[0], ["3", "王五"]])
    problem = problem_of(path, work)
    assert problem.code == "lists_several"
    assert "2" in problem.spoken("zh")


def test_rows_that_hold_blanks_only_do_not_count(tmp_path: Path, work: Path) -> None:
    text = tmp_path / "a.csv"
    text.write_text("编号,姓名\n1,张三\n ,\t\n2,李四\n　, \n3,\n", encoding="utf-8")
    assert faults_of(text, work) == [(6, "empty")]
    path = book(tmp_path / "a.xlsx", [*LISTED, [" ", "　"], ["", " "]])
    assert load(path, work=work).rows == 2


def test_what_excel_keeps_beside_the_cells_is_no_reason_to_refuse_a_book(tmp_path: Path, work: Path) -> None:
    path = book(tmp_path / "a.xlsx", LISTED)
    with ZipFile(path, "a") as archive:
        archive.writestr("xl/printerSettings/printerSettings1.bin", b"of the printer")
        archive.writestr("xl/vbaProject.bin", b"macros, which nobody runs")
    macros = path.rename(tmp_path / "a.xlsm")
    assert names_in(load(macros, work=work).path) == ["张三", "李四"]


def test_traditional_headings_and_dates_as_numbers_are_understood(
    file: Callable[[str, str | bytes], Path], work: Path
) -> None:
    path = file("a.csv", "編號,姓名,身份證號,手機號,出生日期\n1,张三,4.10102E+17,13800000001,29221\n")
    roster = load(path, work=work)
    assert rows_of(f"select id_number, phone, birth_date from '{roster.path}'") == [
        ("410102", "13800000001", date(1980, 1, 1))
    ]
    assert "表格程序" in roster.notices()[0].zh


@pytest.mark.parametrize("name", ["a.xls", "a.et", "a.ods", "a.xlsb"])
def test_another_kind_of_workbook_is_refused_with_what_to_do(
    file: Callable[[str, str | bytes], Path], work: Path, name: str
) -> None:
    problem = problem_of(file(name, b"\xd0\xcf\x11\xe0 a workbook"), work)
    assert (problem.code, ".xlsx" in problem.spoken("zh")) == ("ending_unknown", True)


def test_a_mapping_for_one_list_leaves_the_other_its_usual_headings(
    file: Callable[[str, str | bytes], Path], work: Path
) -> None:
    mapping = file("m.toml", 'name = "申请人"\n')
    for heading in ("申请人", "姓名"):
        roster = load(file(f"{heading}.csv", f"编号,{heading}\n1,张三\n"), work=work, mapping=mapping)
        assert names_in(roster.path) == ["张三"]
    both = load(file("both.csv", "编号,姓名,申请人\n1,李四,张三\n"), work=work, mapping=mapping)
    assert names_in(both.path) == ["张三"]


def test_a_parquet_file_is_read(tmp_path: Path, work: Path) -> None:
    path = tmp_path / "list.parquet"
    columns = {
        "record_id": [1, 2],
        "name": ["张三", "李四"],
        "phone": [13800000001.0, None],
        "birth_date": [date(1980, 1, 1), None],
    }
    pq.write_table(pa.table(columns), path)
    roster = load(path, work=work)
    found = rows_of(f"select record_id, name, phone, birth_date from '{roster.path}' order by 1")
    assert found == [("1", "张三", "13800000001", date(1980, 1, 1)), ("2", "李四", None, None)]


def test_other_headings_are_mapped_by_a_file(file: Callable[[str, str | bytes], Path], work: Path) -> None:
    mapping = file("m.toml", 'record_id = "卡号"\nname = ["人名", "称呼"]\n')
    roster = load(file("list.csv", "称呼,卡号\n张三,7\n"), work=work, mapping=mapping)
    assert rows_of(f"select record_id, name from '{roster.path}'") == [("7", "张三")]


@pytest.mark.parametrize("told", ["name = 1", 'nam = "x"', "name", "name = []\nname = []", "name = ['']"])
def test_a_mapping_that_cannot_be_used_is_refused(
    file: Callable[[str, str | bytes], Path], work: Path, told: str
) -> None:
    with pytest.raises(Problem) as raised:
        load(file("list.csv", TABLE), work=work, mapping=file("m.toml", told))
    assert raised.value.code == "mapping_wrong"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "file_empty"),
        ("a.csv", b"PK\x03\x04rest of a workbook", "file_misnamed"),
        ("a.csv", b"PAR1", "file_misnamed"),
        ("a.csv", b"\xd0\xcf\x11\xe0 an old workbook", "file_misnamed"),
        ("a.csv", TABLE.encode() + b"\x00\x01", "file_misnamed"),
        ("a.xlsx", TABLE.encode(), "file_misnamed"),
        ("a.xlsx", b"PK\x03\x04rest of a workbook", "file_misnamed"),
        ("a.parquet", b"PAR1 and nothing else PAR1", "file_misnamed"),
        ("a.doc", TABLE.encode(), "ending_unknown"),
        ("a.csv", HEADINGS.encode(), "list_empty"),
        ("a.csv", TABLE.encode() * 9 + b"\xff\n" + TABLE.encode(), "text_unreadable"),
        ("a.csv", TABLE.encode("gb18030") + b"\xff\xff\n", "text_unreadable"),
        (
            "a.csv",
            (HEADINGS[:-1] + "," + ",".join(f"c{n}" for n in range(2000)) + "\n").encode(),
            "columns_too_many",
        ),
        ("a.csv", TABLE.encode() + b"x" * (1 << 21), "line_too_long"),
        ("a.csv", (HEADINGS + '1,"张三,,,\n' + "2,李四,,,\n" * 200_000).encode(), "quotes_wrong"),
    ],
)
def test_a_file_that_is_no_list_is_refused(
    file: Callable[[str, str | bytes], Path], work: Path, name: str, content: bytes, code: str
) -> None:
    problem = problem_of(file(name, content), work)
    assert problem.code == code
    assert all(problem.spoken(language) for language in ("zh", "en"))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, work: Path) -> None:
    assert problem_of(tmp_path / "none.csv", work).code == "file_missing"
    (tmp_path / "folder.csv").mkdir()
    assert problem_of(tmp_path / "folder.csv", work).code == "file_missing"


def test_a_line_of_five_gigabytes_is_refused_without_being_read(tmp_path: Path, work: Path) -> None:
    path = tmp_path / "endless.csv"
    path.write_bytes(TABLE.encode() + b"3,")
    os.truncate(path, 5 << 30)  # takes no space
    with path.open("r+b") as file:
        file.seek(len(TABLE.encode()) + 2)
        file.write(b"x" * (4 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert problem_of(path, work).code in {"line_too_long", "file_misnamed"}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10


def faults_of(path: Path, work: Path) -> list[tuple[int, str]]:
    problem = problem_of(path, work)
    assert isinstance(problem, Faulty)
    return [(fault.row, fault.code) for fault in problem.faults]


def test_faults_are_told_by_row_as_a_spreadsheet_program_counts(
    file: Callable[[str, str | bytes], Path], work: Path
) -> None:
    table = f"名单,,,,\n{HEADINGS}\n{ROWS},王五,,,\n4,,,,\n5,不详,,,\n"
    assert faults_of(file("a.csv", table), work) == [(6, "empty"), (7, "empty")]
    unnamed = f"名单,,,,\n{HEADINGS}\n{ROWS}5,不详,,,\n"
    assert faults_of(file("a.csv", unnamed), work) == [(6, "name_missing")]


def test_repeated_keys_are_told_with_their_rows(file: Callable[[str, str | bytes], Path], work: Path) -> None:
    path = file("a.csv", HEADINGS + "".join(f"{key},张三,,,\n" for key in "1232323222"))
    problem = problem_of(path, work)
    assert problem.spoken("en").splitlines()[1:] == [
        "Row 3, column “编号 record_id”: This key stands there 6 times: rows 3, 5, 7, 9, 10 and more.",
        "Row 4, column “编号 record_id”: This key stands there 3 times: rows 4, 6, 8.",
    ]
    assert problem.spoken("zh").splitlines()[0] == "“a.csv”有 2 处错误，未作任何处理；请改正后重试。"


def test_rows_of_another_width_are_told(file: Callable[[str, str | bytes], Path], work: Path) -> None:
    path = file("a.csv", TABLE + "3,王五\n4,赵六,,,,x\n5,孙七,,,\n")
    assert faults_of(path, work) == [(4, "row_shape"), (5, "row_shape")]


def test_missing_and_repeated_headings_are_told(file: Callable[[str, str | bytes], Path], work: Path) -> None:
    assert faults_of(file("a.csv", "甲,乙\n1,2\n"), work) == [(0, "column_missing"), (0, "column_missing")]
    assert faults_of(file("a.csv", "编号,姓名,姓名\n1,张三,李四\n"), work) == [(1, "column_twice")]


def test_no_sentence_holds_a_value(file: Callable[[str, str | bytes], Path], work: Path) -> None:
    number = "410102198001011234"
    table = f"{HEADINGS}{number},张三,{number},13800000001,\n{number},,{number},,\n"
    problem = problem_of(file("a.csv", table), work)
    for said in (problem.spoken("zh"), problem.spoken("en"), repr(problem)):
        assert number not in said
        assert "张三" not in said
        assert "13800000001" not in said


def test_what_was_noticed_is_said(file: Callable[[str, str | bytes], Path], work: Path) -> None:
    roster = load(file("a.csv", TABLE), work=work)
    assert [words.en for words in roster.notices()] == [
        "1 rows: names had blanks, titles, remarks or traditional characters"
    ]

"""Both records side by side for a person, and the answers read back: all faults before any use."""

import csv
import os
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from lianxin.matching.answers import Answer
from lianxin.matching.problems import Faulty, Problem
from lianxin.matching.reviewing import check_known, read_answers, write_review
from tests.matching.rosters import person, write

PAIRS = [
    ("L1", "R1", 0.6, "review", "姓名同音。"),
    ("L2", "R2", 0.5, "review", "姓名一致。"),
    ("=L3", "R2", 0.9, "review", "姓名一致。"),
    ("L4", "R4", 0.9999, "match", "姓名一致。"),
    ("L1", "R5", 0.99995, "match", "姓名一致。"),
]


@pytest.fixture
def found(tmp_path: Path) -> tuple[Path, Path, Path]:
    """What a run found over two small rosters, one of whose values a spreadsheet program would run."""
    born = date(1972, 3, 1)
    left = write(
        tmp_path / "left.parquet",
        {**person("L1", "林晓清", birth_date=born), "raw_name": "林 晓清"},
        {**person("L2", "王伟", birth_date=born), "raw_name": "王伟", "raw_phone": "=cmd()"},
        {**person("=L3", "王伟", birth_date=born), "raw_name": "王伟", "raw_phone": "13800000002"},
        {**person("L4", "赵敏"), "raw_name": "赵敏"},
    )
    right = write(
        tmp_path / "right.parquet",
        {**person("R1", "林晓青", birth_date=born), "raw_name": "林晓青"},
        {**person("R2", "王伟", birth_date=date(1972, 1, 3)), "raw_name": "王伟"},
        {**person("R4", "赵敏"), "raw_name": "赵敏"},
        {**person("R5", "林晓清"), "raw_name": "林晓清"},
    )
    names = ["left_id", "right_id", "probability", "decision", "reason"]
    rows = [dict(zip(names, row, strict=True)) for row in PAIRS]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "pairs.parquet")
    return tmp_path / "pairs.parquet", left, right


def sheet(path: Path) -> list[Any]:
    rows: list[Any] = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return rows


def test_both_records_stand_side_by_side(found: tuple[Path, Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "review.xlsx"
    assert write_review(*found, out) == 3
    head, *rows = sheet(out)
    assert head[:10] == [
        *("答复", "左编号", "右编号", "概率", "判断", "理由"),
        *("姓名（左）", "姓名（右）", "身份证号（左）", "身份证号（右）"),
    ]
    # One person's candidates together, the likeliest first.
    assert [(row[1], row[2]) for row in rows] == [("=L3", "R2"), ("L2", "R2"), ("L1", "R1")]
    assert rows[2][6:8] == ["林 晓清", "林晓青"]
    assert {row[0] for row in rows} == {""}
    with ZipFile(out) as book:
        inside = book.read("xl/worksheets/sheet1.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "<f>" not in inside
    assert '<formula1>"是,否,不确定"</formula1>' in inside
    assert 'sqref="A2:A4"' in inside
    assert "FFFFE08A" in styles
    assert 'quotePrefix="1"' in styles


def test_cells_that_differ_are_marked_and_others_are_not(
    found: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "review.xlsx"
    write_review(*found, out)
    with ZipFile(out) as book:
        inside = book.read("xl/worksheets/sheet1.xml").decode()
    style = {cell: inside.split(f'<c r="{cell}" s="')[1].split('"')[0] for cell in ("G4", "H4", "M2", "G2")}
    assert style["G4"] == style["H4"] == style["M2"]  # names of the last pair, birth dates of the first
    assert style["G2"] != style["G4"]  # the same name


def test_matches_are_added_by_lot_and_the_same_lot_each_time(
    found: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    drawn = []
    for name in ("one.csv", "two.csv"):
        assert write_review(*found, tmp_path / name, matches=1, language="en") == 4
        with (tmp_path / name).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        drawn.append(rows[-1]["Left key"])
        assert [row["Decision"] for row in rows] == ["review", "review", "review", "match (sample)"]
        assert rows[0]["Left key"] == "'=L3"
        assert rows[1]["Phone (left)"] == "'=cmd()"
    assert drawn[0] == drawn[1]
    with pytest.raises(Problem) as refused:
        write_review(*found, tmp_path / "review.parquet")
    assert refused.value.code == "ending_unknown"


def answered(path: Path, *answers: str) -> Path:
    """Fill in a review that was written as CSV, as a spreadsheet program saves it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = list(csv.reader(file))
    filled = path.with_name("filled.csv")
    with filled.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(
            [head, *([said, *row[1:]] for said, row in zip(answers, rows, strict=True))]
        )
    return filled


def test_answers_come_back_and_empty_ones_are_left_out(
    found: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "review.csv"
    write_review(*found, out)
    answers = read_answers(answered(out, "是", "否", ""))
    assert answers == [Answer("=L3", "R2", "yes"), Answer("L2", "R2", "no")]
    assert [answer.row for answer in answers] == [2, 3]
    check_known(answers, out.name, found[1], found[2])
    with pytest.raises(Problem) as refused:
        read_answers(answered(out, "", "", ""))
    assert refused.value.code == "answers_none"


def test_all_faults_are_told_by_cell(found: tuple[Path, Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "review.csv"
    write_review(*found, out)
    with pytest.raises(Faulty) as refused:
        read_answers(answered(out, "是", "yes", "maybe"))
    assert [(f.row, f.column, f.code) for f in refused.value.faults] == [
        (3, "右编号 Right key", "answered_twice"),
        (4, "答复 Answer", "answer_unknown"),
    ]
    twice = tmp_path / "twice.csv"
    twice.write_text("答复,左编号,右编号\n是,L1,R1\n否,L1,R1\n是,,R4\n", encoding="utf-8")
    with pytest.raises(Faulty) as refused:
        read_answers(twice)
    assert [(f.row, f.code) for f in refused.value.faults] == [(3, "answered_otherwise"), (4, "empty")]
    other = tmp_path / "other.csv"
    other.write_text("编号,姓名\n1,赵敏\n", encoding="utf-8")
    with pytest.raises(Faulty) as refused:
        read_answers(other)
    assert {f.code for f in refused.value.faults} == {"column_missing"}


def test_answers_about_another_list_are_refused(found: tuple[Path, Path, Path]) -> None:
    answers = [Answer("L1", "R1", "yes", 2), Answer("L9", "R9", "no", 3)]
    with pytest.raises(Faulty) as refused:
        check_known(answers, "review.csv", found[1], found[2])
    assert [(f.row, f.column) for f in refused.value.faults] == [
        (3, "左编号 Left key"),
        (3, "右编号 Right key"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_answers_are_read_however_they_were_saved(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("答复,左编号,右编号\n是,L1,R1\n".replace(",", delimiter), encoding=encoding)
    assert read_answers(path) == [Answer("L1", "R1", "yes")]


def test_a_line_of_answers_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("答复,左编号,右编号\n是,L1," + "x" * (2 << 20), encoding="utf-8")
    os.truncate(path, 5 << 30)  # takes no space
    with pytest.raises(Problem) as problem:
        read_answers(path)
    assert problem.value.code in {"line_too_long", "file_misnamed"}

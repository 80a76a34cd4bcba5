"""`lianxin match resolve`: each department reads the answers in its own ids, and learns nothing of the other side."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from lianxin.matching.encoding.keyfile import make_key
from lianxin.matching.encoding.resolving import Resolved, ResolveOrder, run_resolve
from lianxin.matching.encoding.running import run_link
from lianxin.matching.problems import Faulty, Problem
from tests.matching.encoding.test_running import command, encode, silent
from tests.matching.test_running import roster

# The left list has four persons more, the right one two whom nobody knows.
SHARED, LEFT_ONLY, RIGHT_ONLY = 8, 4, 2


def lists(folder: Path) -> tuple[Path, Path]:
    """Two lists of departments that share persons, the right one with names as they come."""
    left = roster(folder / "l.csv", prefix="L", count=SHARED + LEFT_ONLY)
    right = roster(folder / "r.csv", prefix="R", count=SHARED, encoding="gb18030", spaced=True)
    with right.open("a", encoding="gb18030") as file:
        file.writelines(f"R{n},欧阳靖{'淳安'[n - SHARED]},,,\n" for n in range(SHARED, SHARED + RIGHT_ONLY))
    return left, right


def linked(folder: Path, *, ending: str = "csv", **wanted: Any) -> Path:
    """Both lists encoded under new ids, and the answers."""
    left, right = (encode(folder, given, **wanted) for given in lists(folder))
    out = folder / f"answers.{ending}"
    run_link(left, right, out=out, memory=1 << 30, above=folder / "home", progress=silent)
    return out


def resolve(folder: Path, name: str, **wanted: Any) -> Resolved:
    settings: dict[str, Any] = {
        "answers": folder / "answers.csv",
        "roster": folder / f"{name}.csv",
        "ids": folder / f"{name}-ids.csv",
        "out": folder / f"{name}-answers.csv",
    }
    return run_resolve(ResolveOrder(**settings | wanted), above=folder / "home", progress=silent)


def refused(folder: Path, name: str, **wanted: Any) -> Problem:
    before = sorted(path for path in folder.rglob("*") if path.name != "home")
    with pytest.raises(Problem) as problem:
        resolve(folder, name, **wanted)
    assert sorted(path for path in folder.rglob("*") if path.name != "home") == before
    return problem.value


def told(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_key(tmp_path / "k.key")
    return tmp_path


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_each_department_reads_the_answers_in_its_own_ids_and_order(folder: Path, ending: str) -> None:
    answers = linked(folder, ending=ending)
    assert resolve(folder, "r", answers=answers) == Resolved("right", 10, 8, 0, 2)
    assert resolve(folder, "l", answers=answers) == Resolved("left", 12, 8, 0, 4)
    right, left = told(folder / "r-answers.csv"), told(folder / "l-answers.csv")
    assert [row["record_id"] for row in right] == [f"R{n}" for n in range(10)]
    assert [row["answer"] for row in right] == ["yes"] * 8 + ["no"] * 2
    assert right[0]["name"] == "王 芳(已退休)"
    assert [(row["record_id"], row["name"]) for row in left[:2]] == [("L0", "王芳"), ("L1", "赵敏")]
    assert [row["answer"] for row in left] == ["yes"] * 8 + ["no"] * 4
    # What both call a pair is the same, and no id is told by it.
    assert [row["pairs"] for row in left[:8]] == [row["pairs"] for row in right[:8]]
    assert len({row["pairs"] for row in right[:8]}) == 8
    assert all(row["pairs"].isalpha() for row in right[:8])
    assert list((folder / "home").iterdir()) == []


def test_a_department_learns_nothing_of_the_other_side(folder: Path) -> None:
    linked(folder)
    resolve(folder, "r")
    written = (folder / "r-answers.csv").read_text("utf-8")
    other = told(folder / "l-ids.csv")
    assert not any(row["record"] in written for row in other)
    assert not any(f"L{n}," in written for n in range(12))
    assert list(told(folder / "r-answers.csv")[0]) == ["record_id", "name", "answer", "pairs"]


@pytest.mark.parametrize("ending", ["xlsx", "parquet"])
def test_the_result_is_written_by_its_ending(folder: Path, ending: str) -> None:
    linked(folder)
    out = folder / f"result.{ending}"
    resolve(folder, "r", out=out)
    if ending == "xlsx":
        head, *rows = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    else:
        table = pq.read_table(out)
        head, rows = table.column_names, [list(row.values()) for row in table.to_pylist()]
    assert head == ["record_id", "name", "answer", "pairs"]
    assert [row[:3] for row in rows[7:9]] == [["R7", "林 晓清(已退休)", "yes"], ["R8", "欧阳靖淳", "no"]]


def test_a_person_in_doubt_shows_each_pair_on_both_sides(folder: Path) -> None:
    left, right = lists(folder)
    for given in (left, right):
        encode(folder, given)
    ids = {row["record_id"]: row["record"] for name in "lr" for row in told(folder / f"{name}-ids.csv")}
    rows = [(ids["L0"], ids["R0"], "review"), (ids["L1"], ids["R0"], "review"), (ids["L1"], ids["R1"], "yes")]
    rows += [("", ids[f"R{n}"], "no") for n in range(2, 10)]
    lines = "".join(",".join(row) + "\n" for row in rows)
    (folder / "answers.csv").write_text("left_id,right_id,answer\n" + lines, encoding="utf-8")
    assert resolve(folder, "r") == Resolved("right", 10, 1, 1, 8)
    assert resolve(folder, "l") == Resolved("left", 12, 1, 1, 10)
    theirs = {row["record_id"]: row for row in told(folder / "l-answers.csv")}
    ours = {row["record_id"]: row for row in told(folder / "r-answers.csv")}
    assert (ours["R0"]["answer"], ours["R1"]["answer"]) == ("review", "yes")
    assert set(ours["R0"]["pairs"].split()) & set(theirs["L0"]["pairs"].split()) == {theirs["L0"]["pairs"]}
    # The surest comes first: L1 is R1, and might be R0.
    assert theirs["L1"]["answer"] == "yes"
    assert theirs["L1"]["pairs"].split()[0] == ours["R1"]["pairs"]
    assert set(theirs["L1"]["pairs"].split()[1:]) < set(ours["R0"]["pairs"].split())


def test_ids_that_were_kept_need_no_file(folder: Path) -> None:
    linked(folder, keep_ids=True)
    assert resolve(folder, "r", ids=None).yes == 8
    assert resolve(folder, "l", ids=None).side == "left"


def test_ids_that_a_spreadsheet_would_run_come_back(folder: Path) -> None:
    left, right = lists(folder)
    right.write_text(right.read_text("gb18030").replace("R0,", "-0,").replace("R1,", "=1,"), encoding="utf-8")
    for keep in (False, True):
        made = [
            encode(folder, given, keep_ids=keep, ids=None if keep else folder / f"{given.stem}-ids.csv")
            for given in (left, right)
        ]
        run_link(*made, out=folder / "answers.csv", memory=1 << 30, above=folder / "home", progress=silent)
        assert resolve(folder, "r", ids=None if keep else folder / "r-ids.csv").yes == 8
        assert [row["record_id"] for row in told(folder / "r-answers.csv")[:3]] == ["'-0", "'=1", "R2"]


def test_the_side_is_asked_for_when_it_cannot_be_told(folder: Path) -> None:
    given = roster(folder / "l.csv", prefix="P")
    other = roster(folder / "r.csv", prefix="P", spaced=True)
    other.write_text(other.read_text("utf-8").replace("新兴街0号", "新兴街90号"), encoding="utf-8")
    made = [encode(folder, folder / f"{name}.csv", keep_ids=True) for name in "lr"]
    run_link(*made, out=folder / "answers.csv", memory=1 << 30, above=folder / "home", progress=silent)
    assert refused(folder, "l", ids=None).code == "side_unclear"
    assert resolve(folder, "l", ids=None, side="left").side == "left"
    assert resolve(folder, "r", ids=None, side="right").yes == 8
    # Nobody was found: then the answers do not name a single record of the left list.
    encode(folder, given)
    (folder / "answers.csv").write_text("left_id,right_id,answer\n,px,no\n", encoding="utf-8")
    assert refused(folder, "l").code == "side_unclear"
    assert resolve(folder, "l", side="left") == Resolved("left", 8, 0, 0, 8)
    assert refused(folder, "l", side="right").code == "answers_other"


def test_answers_about_another_encoding_or_a_part_of_them_are_refused(folder: Path) -> None:
    answers = linked(folder)
    for name in "lr":
        encode(
            folder, folder / f"{name}.csv", ids=folder / f"{name}-again.csv", out=folder / f"{name}2.parquet"
        )
        other = refused(folder, name, ids=folder / f"{name}-again.csv")
        assert other.code == "answers_other"
        assert "0" in other.spoken("zh")
    head, *rows = answers.read_text("utf-8-sig").splitlines()
    answers.write_text("\n".join([head, *rows[:-1]]) + "\n", encoding="utf-8")
    assert refused(folder, "r").code == "answers_other"


def test_a_list_and_ids_that_do_not_belong_together_are_refused(folder: Path) -> None:
    linked(folder)
    problem = refused(folder, "r", ids=folder / "l-ids.csv")
    assert problem.code == "ids_other"
    assert "r.csv" in problem.spoken("en")
    with (folder / "r.csv").open("a", encoding="gb18030") as file:
        file.write("R99,欧阳靖安,,,\n")
    assert refused(folder, "r").code == "ids_other"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("yes", "maybe"), "answer_unknown"),
        (("yes", ""), "empty"),
        (("yes", "no"), "answer_odd"),
        (("left_id", "links"), "column_missing"),
    ],
)
def test_answers_that_were_changed_are_told_by_row(folder: Path, change: tuple[str, str], code: str) -> None:
    answers = linked(folder)
    answers.write_text(answers.read_text("utf-8-sig").replace(*change, 1), encoding="utf-8")
    problem = refused(folder, "r")
    assert isinstance(problem, Faulty)
    assert code in {fault.code for fault in problem.faults}
    assert all(fault.spoken("zh").endswith("。") for fault in problem.faults)


def test_answers_given_twice_and_ids_given_twice_are_told(folder: Path) -> None:
    answers = linked(folder)
    text = answers.read_text("utf-8-sig")
    answers.write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")
    problem = refused(folder, "r")
    assert isinstance(problem, Faulty)
    assert {fault.code for fault in problem.faults} == {"answered_twice"}
    answers.write_text(text, encoding="utf-8")
    ids = folder / "r-ids.csv"
    lines = ids.read_text("utf-8-sig").splitlines()
    ids.write_text("\n".join([*lines, lines[1]]), encoding="utf-8")
    problem = refused(folder, "r")
    assert isinstance(problem, Faulty)
    assert {fault.code for fault in problem.faults} == {"key_twice"}


def test_another_file_in_the_place_of_each_is_refused(folder: Path) -> None:
    linked(folder)
    assert refused(folder, "r", answers=folder / "none.csv").code == "file_missing"
    assert refused(folder, "r", answers=folder / "r-ids.csv").code == "list_faulty"
    assert refused(folder, "r", answers=folder / "r.parquet").code == "list_faulty"
    assert refused(folder, "r", ids=folder / "answers.csv").code == "list_faulty"
    assert refused(folder, "r", roster=folder / "r.parquet").code == "list_encoded"
    assert refused(folder, "r", out=folder / "r-ids.csv").code == "target_taken"
    assert refused(folder, "r", out=folder / "x.doc").code == "ending_unknown"
    assert refused(folder, "r", out=folder / "nowhere" / "x.csv").code == "target_closed"


def test_answers_saved_by_a_spreadsheet_program_are_read(folder: Path) -> None:
    answers = linked(folder)
    rows = [list(row.values()) for row in told(answers)]
    with xlsxwriter.Workbook(folder / "saved.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["left_id", "right_id", "answer"], *rows]):
            sheet.write_row(number, 0, row)
    assert resolve(folder, "r", answers=folder / "saved.xlsx").yes == 8
    (folder / "saved.csv").write_text(answers.read_text("utf-8-sig").replace(",", ";"), encoding="gb18030")
    assert resolve(folder, "r", answers=folder / "saved.csv").yes == 8


def test_a_line_of_five_gigabytes_is_refused(folder: Path) -> None:
    answers = linked(folder)
    with answers.open("a") as file:
        file.write("x" * (4 << 20))
    os.truncate(answers, 5 << 30)  # takes no space
    assert refused(folder, "r").code in {"line_too_long", "file_misnamed"}


def test_the_command_as_it_is_typed(folder: Path) -> None:
    linked(folder)
    words = ("resolve", folder / "answers.csv", folder / "r.csv", "--ids", folder / "r-ids.csv")
    done = command(*words, "--out", folder / "x.csv", "--lang", "en", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "10 records of your list: 8 yes, 0 to be reviewed, 2 no."
    assert not any(value in done.stdout + done.stderr for value in ("王", "13900000001", "210803"))
    wrong = command(*words[:-1], folder / "l-ids.csv", "--out", folder / "y.csv", "--json", folder=folder)
    assert (wrong.returncode, json.loads(wrong.stdout)["error"]) == (1, "ids_other")
    assert not (folder / "y.csv").exists()


def test_a_full_disk_is_said_and_nothing_is_left(folder: Path) -> None:
    linked(folder)
    words = ("resolve", folder / "answers.csv", folder / "r.csv", "--ids", folder / "r-ids.csv")
    done = command(*words, "--out", folder / "x.csv", "--json", folder=folder, largest=1 << 10)
    assert (done.returncode, json.loads(done.stdout)["error"]) == (1, "disk_full")
    assert not (folder / "x.csv").exists()
    assert [path for path in (folder / "home").rglob("*") if path.is_file()] == []


def test_answers_in_parquet_with_other_columns_are_refused(folder: Path) -> None:
    linked(folder)
    pq.write_table(pa.table({"left_id": ["1"], "right_id": ["2"]}), folder / "other.parquet")
    assert refused(folder, "r", answers=folder / "other.parquet").code == "list_faulty"

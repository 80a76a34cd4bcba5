"""`lianxin match prepare`, `lookup`, `explain`, `learn` and `train`, as they are typed."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.matching.test_running import home, left_behind, match, number, roster

__all__ = ["home"]
PERSON = {"姓名": "王 芳(已退休)", "身份证号": number("21080319700101000")}


def asked(folder: Path, words: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A look-up whose person comes on standard input."""
    return subprocess.run(
        [sys.executable, "-m", "lianxin", "match", "lookup", str(folder), "--json"],
        env={"LIANXIN_HOME": str(home), "PATH": "/usr/bin:/bin"},
        input=words,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def lists(tmp_path: Path) -> tuple[Path, Path]:
    return (
        roster(tmp_path / "left.csv", prefix="L"),
        roster(tmp_path / "right.csv", prefix="R", spaced=True),
    )


def test_a_person_on_standard_input_is_looked_up(
    tmp_path: Path, lists: tuple[Path, Path], home: Path
) -> None:
    folder = tmp_path / "ready"
    done = match("prepare", lists[0], "--out", folder, home=home)
    assert done.returncode == 0, done.stderr
    found = asked(folder, json.dumps(PERSON), home)
    assert found.returncode == 0, found.stderr
    ((answer,),) = [a["found"] for a in json.loads(found.stdout)["answers"]]
    assert (answer["left_id"], answer["decision"]) == ("L0", "match")
    assert not any(value in done.stderr + found.stderr for value in ("王芳", "王 芳", "210803"))
    refused = asked(folder, "王芳", home)
    assert (refused.returncode, json.loads(refused.stdout)["error"]) == (1, "person_unreadable")
    assert left_behind(home) == []


def test_a_pair_is_explained_as_a_picture_and_as_data(
    tmp_path: Path, lists: tuple[Path, Path], home: Path
) -> None:
    for name, holds in (("why.svg", "</svg>"), ("why.json", '"probability"')):
        done = match("explain", *lists, "L3", "R3", "--out", tmp_path / name, "--lang", "en", home=home)
        assert done.returncode == 0, done.stderr
        assert holds in (tmp_path / name).read_text(encoding="utf-8")
        assert done.stdout.strip().endswith("the identity numbers agree: a match.")
        assert "Reading “left.csv”" in done.stderr
        assert "Cleaning names" in done.stderr.partition("Reading “right.csv”")[2]
    refused = match("explain", *lists, "L3", "nobody", "--json", home=home)
    assert (refused.returncode, json.loads(refused.stdout)["error"]) == (1, "record_unknown")
    assert left_behind(home) == []


def test_a_round_of_review_ends_in_a_new_model(tmp_path: Path, lists: tuple[Path, Path], home: Path) -> None:
    review, out, model = tmp_path / "review.csv", tmp_path / "pairs.csv", tmp_path / "model.json"
    done = match(*lists, "--out", out, "--review", review, "--review-matches", 3, home=home)
    assert done.returncode == 0, done.stderr
    with review.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = list(csv.reader(file))
    assert len(rows) == 3
    with review.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *(["否", *row[1:]] for row in rows)])
    again = match(*lists, "--out", out, "--answers", review, "--json", home=home)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["matches"] == 5
    learned = match("learn", *lists, "--answers", review, "--out-model", model, "--json", home=home)
    assert learned.returncode == 0, learned.stderr
    assert (json.loads(learned.stdout)["no"], json.loads(learned.stdout)["moved"]) == (3, False)
    assert "整理姓名" in learned.stderr.partition("读取“right.csv”")[2]
    (origin,) = json.loads(model.read_text(encoding="utf-8"))["provenance"]
    assert (origin["kind"], origin["no"]) == ("answers", 3)
    in_place = match("learn", *lists, "--answers", review, "--out-model", model, "--json", home=home)
    assert (in_place.returncode, json.loads(in_place.stdout)["error"]) == (1, "model_there")
    assert left_behind(home) == []


def test_short_lists_are_refused_for_training(tmp_path: Path, lists: tuple[Path, Path], home: Path) -> None:
    done = match("train", *lists, "--out-model", tmp_path / "m.json", "--json", home=home)
    assert (done.returncode, json.loads(done.stdout)["error"]) == (1, "lists_short")
    assert "整理姓名" in done.stderr.partition("读取“right.csv”")[2]
    assert not (tmp_path / "m.json").exists()
    assert left_behind(home) == []

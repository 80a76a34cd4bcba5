"""A waterfall adds up, to the last figure, to the probability that a run tells."""

from datetime import date
from math import log2
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

from lianxin.matching import Limits, link
from lianxin.matching.answers import Answer
from lianxin.matching.explaining import Waterfall, explain, explain_found
from lianxin.matching.lookup import Prepared, prepare_clean
from lianxin.matching.problems import Problem
from tests.matching.rosters import number, person, write
from tests.matching.test_households import BORN, NEW_HOME, OLD_HOME, WIFE, two_of_one_name
from tests.matching.test_linking import LIN, STRANGERS, lin, listed
from tests.matching.test_lookup import anybody

ONE = Limits(threads=1)


def adds_up(fall: Waterfall) -> None:
    """What the docstring of a waterfall promises."""
    parts = [fall.start, *(s.weight for s in fall.steps), *(s.adjustment for s in fall.steps), fall.household]
    assert sum(parts) == pytest.approx(fall.weight, abs=1e-9)
    assert fall.odds == pytest.approx(min(2**fall.weight, 1e15))
    if not fall.rule.startswith("answered"):
        assert fall.probability == pytest.approx(fall.odds / (1 + fall.all_odds), rel=1e-12)
    for step in fall.steps:
        if step.m is not None and step.u is not None:
            assert step.weight == pytest.approx(log2(step.m / step.u))
        if step.share is not None and step.m is not None:
            assert step.weight + step.adjustment == pytest.approx(log2(step.m / step.share))


def linked(left: Path, right: Path, out: Path, **options: Any) -> dict[tuple[str, str], dict[str, Any]]:
    link(left, right, out=out, limits=ONE, **options)
    return {(row["left_id"], row["right_id"]): row for row in pq.read_table(out).to_pylist()}


@pytest.mark.parametrize("cardinality", ["one-to-one", "one-to-many"])
def test_a_waterfall_adds_up_to_the_probability_of_the_run(tmp_path: Path, cardinality: Any) -> None:
    random = Random(8)
    left = write(tmp_path / "left.parquet", *(anybody(random, f"L{n}") for n in range(60)))
    right = write(tmp_path / "right.parquet", *(anybody(random, f"R{n}") for n in range(25)))
    told = linked(left, right, tmp_path / "pairs.parquet", cardinality=cardinality)
    assert {row["decision"] for row in told.values()} == {"match", "review"}
    chosen = random.sample(sorted(told), 5)
    for left_id, right_id in chosen:
        fall = explain(left, right, left_id, right_id, cardinality=cardinality, limits=ONE)
        adds_up(fall)
        row = told[(left_id, right_id)]
        assert fall.probability == pytest.approx(row["probability"], rel=1e-9)
        assert fall.decision == row["decision"]
        assert fall.weight == pytest.approx(row["weight"], rel=1e-9)
        assert {f"level_{s.comparison}": s.level for s in fall.steps}.items() <= row.items()


def test_a_household_counts_in_the_waterfall_as_in_the_run(tmp_path: Path) -> None:
    wife = person("R", "孙丽华", id_number=WIFE, **OLD_HOME)
    left = write(tmp_path / "left.parquet", *STRANGERS, *two_of_one_name(**OLD_HOME), wife)
    husband = person("H", "王伟", **BORN, **NEW_HOME)
    right = write(tmp_path / "right.parquet", husband, person("W", "孙丽华", id_number=WIFE, **NEW_HOME))
    row = linked(left, right, tmp_path / "pairs.parquet")[("C1", "H")]
    fall = explain(left, right, "C1", "H", limits=ONE)
    adds_up(fall)
    assert fall.household == pytest.approx(log2(0.5 / 0.0005))
    assert fall.probability == pytest.approx(row["probability"], rel=1e-9)
    assert [(rival.left_id, rival.right_id) for rival in fall.rivals] == [("C2", "H")]
    assert fall.rule == "match"


def test_the_rule_that_held_is_named(tmp_path: Path) -> None:
    born = {"id_number": None, "birth_date": date(1985, 3, 12), "sex": "M"}
    left = write(tmp_path / "left.parquet", *STRANGERS, lin())
    said = {
        "match_by_number": listed("林晓清"),
        "match": listed("林晓青", **born),
        "other_number": listed("林晓明", id_number=number(LIN[:16] + "9")),
        "other_name": listed("林晓明", **born),
        "other_birth": listed("林晓清", id_number=None, birth_date=date(1958, 7, 1), sex="M"),
        "not_met": person("B", "钱多多"),
    }
    for rule, row in said.items():
        fall = explain(left, write(tmp_path / "right.parquet", row), "A", "B", limits=ONE)
        adds_up(fall)
        assert fall.rule == rule
        assert fall.met == (rule != "not_met")
        assert (fall.decision == "match") == rule.startswith("match")


def test_an_answer_is_told_and_stands(tmp_path: Path) -> None:
    crowd = [person(f"C{n}", "王伟", **BORN) for n in range(5)]
    left = write(tmp_path / "left.parquet", *crowd)
    right = write(tmp_path / "right.parquet", person("B", "王伟", **BORN))
    answers = [Answer("C4", "B", "yes"), Answer("C1", "B", "no")]
    told = linked(left, right, tmp_path / "pairs.parquet", answers=answers)
    assert {pair: row["decision"] for pair, row in told.items()} == {("C4", "B"): "match"}
    rules = {
        left_id: explain(left, right, left_id, "B", answers=answers, limits=ONE).rule
        for left_id in ("C0", "C1", "C4")
    }
    assert rules == {"C0": "unlikely", "C1": "answered_no", "C4": "answered_yes"}


def test_a_look_up_is_explained_as_a_list_of_one_row_is(tmp_path: Path) -> None:
    random = Random(9)
    left = write(tmp_path / "left.parquet", *(anybody(random, f"L{n}") for n in range(80)))
    prepare_clean(left, tmp_path / "ready", limits=ONE)
    explained = 0
    with Prepared(tmp_path / "ready") as prepared:
        for seed in range(4):
            asked = anybody(Random(500 + seed), "R")
            right = write(tmp_path / "right.parquet", asked)
            for found in prepared.find_clean(asked)[:1]:
                fall = explain_found(prepared, asked, found.left_id, clean=True)
                adds_up(fall)
                whole = explain(left, right, found.left_id, "R", limits=ONE)
                assert fall.probability == pytest.approx(whole.probability, rel=1e-9)
                assert (fall.steps, fall.rivals, fall.rule) == (whole.steps, whole.rivals, whole.rule)
                explained += 1
    assert explained > 1


def test_an_unknown_record_is_refused(tmp_path: Path) -> None:
    left = write(tmp_path / "left.parquet", *STRANGERS)
    right = write(tmp_path / "right.parquet", lin())
    with pytest.raises(Problem) as refused:
        explain(left, right, "R1", "nobody", limits=ONE)
    assert refused.value.code == "record_unknown"

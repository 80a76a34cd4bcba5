"""A model learned from answers, or trained on lists: better by measure, the same for the same seed, hard to wreck."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lianxin.bench.match.accuracy import accuracy
from lianxin.bench.match.lists import Lists, make_lists
from lianxin.bench.match.people import Shape
from lianxin.matching import Limits, default_model, link
from lianxin.matching.answers import Answer
from lianxin.matching.learning import learn
from lianxin.matching.model import Model, load_model, save_model
from lianxin.matching.problems import Problem
from lianxin.matching.training import train
from tests.matching.rosters import person, write

AT = date(2026, 11, 1)
# Sends much to review, so that there is something to answer.
TIMID = replace(default_model(), match=0.9999999, review=0.02)


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    return make_lists(tmp_path_factory.mktemp("lists"), Shape(6_000, 4_000), seed=6)


@pytest.fixture(scope="module")
def answers(lists: Lists, tmp_path_factory: pytest.TempPathFactory) -> Sequence[Answer]:
    """What somebody who knows the truth answers about the pairs that the timid model does not decide."""
    out = tmp_path_factory.mktemp("pairs") / "pairs.parquet"
    link(lists.clean_left, lists.clean_right, out=out, model=TIMID)
    truth = {(row["left_id"], row["right_id"]) for row in pq.read_table(lists.truth).to_pylist()}
    pairs = [
        (row["left_id"], row["right_id"])
        for row in pq.read_table(out).to_pylist()
        if row["decision"] == "review"
    ]
    return [Answer(*pair, "yes" if pair in truth else "no") for pair in pairs]


def measured(lists: Lists, model: Model, folder: Path) -> tuple[float, float, float]:
    out = folder / "pairs.parquet"
    link(lists.clean_left, lists.clean_right, out=out, model=model)
    told = accuracy(out, lists.truth, 4_000)
    return told.precision, told.recall, told.in_review


def test_answers_make_a_model_that_leaves_less_to_review(
    lists: Lists, answers: Sequence[Answer], tmp_path: Path
) -> None:
    before = measured(lists, TIMID, tmp_path)
    model, told = learn(lists.clean_left, lists.clean_right, answers, at=AT, model=TIMID)
    assert (told.yes, told.no, told.unsure) == (
        sum(a.said == "yes" for a in answers),
        sum(a.said == "no" for a in answers),
        0,
    )
    assert told.fitted + told.held == len(answers)
    assert told.moved
    assert model.match < TIMID.match
    precision, recall, in_review = measured(lists, model, tmp_path)
    assert in_review < before[2] / 2
    assert precision >= 0.998
    assert recall >= before[1] - 0.005
    (origin,) = model.provenance
    assert (origin["kind"], origin["date"], origin["seed"], origin["yes"]) == (
        "answers",
        "2026-11-01",
        1,
        told.yes,
    )
    save_model(model, tmp_path / "model.json")
    assert load_model(tmp_path / "model.json") == model
    again, _ = learn(lists.clean_left, lists.clean_right, answers, at=AT, model=TIMID)
    assert again == model


def test_ten_wrong_answers_wreck_nothing(lists: Lists, answers: Sequence[Answer], tmp_path: Path) -> None:
    lies = [Answer(a.left_id, a.right_id, "no" if a.said == "yes" else "yes") for a in answers[:10]]
    model, told = learn(lists.clean_left, lists.clean_right, lies, at=AT)
    assert not told.moved
    assert (model.match, model.review) == (default_model().match, default_model().review)
    assert told.precision is None
    precision, recall, _ = measured(lists, model, tmp_path)
    usual = measured(lists, default_model(), tmp_path)
    assert precision >= usual[0] - 0.002
    assert recall >= usual[1] - 0.005


def test_training_is_the_same_for_the_same_seed_and_finds_as_much(lists: Lists, tmp_path: Path) -> None:
    model, told = train(lists.clean_left, lists.clean_right, at=AT, seed=5)
    again, _ = train(lists.clean_left, lists.clean_right, at=AT, seed=5)
    save_model(model, tmp_path / "one.json")
    save_model(again, tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert (told.left, told.right, told.rules) == (6_000, 4_000, 3)
    assert told.levels > 30
    trained = load_model(tmp_path / "one.json")
    assert trained.chances != default_model().chances
    assert trained.provenance[0]["kind"] == "em"
    precision, recall, _ = measured(lists, trained, tmp_path)
    assert precision >= 0.995
    assert recall >= 0.98
    other, _ = train(lists.clean_left, lists.clean_right, at=AT, seed=6)
    assert other.chances != trained.chances


def test_short_lists_are_not_trained_on(tmp_path: Path) -> None:
    left = write(tmp_path / "left.parquet", person("1", "王伟"))
    right = write(tmp_path / "right.parquet", person("1", "王伟"))
    with pytest.raises(Problem) as refused:
        train(left, right, at=AT, limits=Limits(threads=1))
    assert refused.value.code == "lists_short"

"""People from a seed: the lists hold what they say, and the engine answers for them."""

from pathlib import Path

import duckdb
import pytest

from lianxin.bench.match.accuracy import KINDS, Accuracy, accuracy, accuracy_by_kind
from lianxin.bench.match.lists import Lists, Rates, make_lists
from lianxin.bench.match.people import Shape
from lianxin.matching import link

SHAPE = Shape(roster=6_000, listed=1_200)


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    return make_lists(tmp_path_factory.mktemp("lists"), SHAPE, seed=4242, rates=Rates().times(1.2))


def rows(question: str) -> list[tuple[object, ...]]:
    return list(duckdb.execute(question).fetchall())


def test_half_of_the_list_is_in_the_roster(lists: Lists) -> None:
    assert rows(f"select count(*), count(distinct record_id) from '{lists.left}'") == [(6_000, 6_000)]
    assert rows(f"select count(*), count(distinct record_id) from '{lists.right}'") == [(1_200, 1_200)]
    assert rows(
        f"select count(*), count(distinct left_id), count(distinct right_id) from '{lists.truth}'"
    ) == [(600, 600, 600)]


def test_the_same_seed_gives_the_same_lists_and_another_seed_others(lists: Lists, tmp_path: Path) -> None:
    again = make_lists(tmp_path / "again", SHAPE, seed=4242, rates=Rates().times(1.2))
    other = make_lists(tmp_path / "other", SHAPE, seed=4243, rates=Rates().times(1.2))
    question = "select sum(hash(t)::hugeint) from '{}' as t"
    assert rows(question.format(again.right)) == rows(question.format(lists.right))
    assert rows(question.format(other.right)) != rows(question.format(lists.right))


def test_every_number_of_the_roster_is_valid(lists: Lists) -> None:
    states = rows(f"select distinct id_state from '{lists.clean_left}' where id_number is not null")
    assert states == [("valid",)]


def test_a_mistyped_number_is_never_valid(lists: Lists) -> None:
    joined = f"'{lists.truth}' as t join '{lists.clean_right}' as r on r.record_id = t.right_id"
    assert rows(f"select distinct r.id_state from {joined} where t.mistyped_number") == [("bad_check",)]
    assert rows(f"select count(r.id_number) from {joined} where t.missing_number") == [(0,)]


def test_the_engine_holds_its_bars_on_a_list_it_was_not_made_on(lists: Lists, tmp_path: Path) -> None:
    out = tmp_path / "pairs.parquet"
    linked = link(lists.clean_left, lists.clean_right, out=out)
    told = accuracy(out, lists.truth, linked.right)
    assert told.persons == 600
    assert told.precision >= 0.995
    assert told.recall >= 0.985
    assert told.in_review <= 0.03


def test_accuracy_counts_what_is_right_wrong_and_missing(tmp_path: Path) -> None:
    pairs, truth = tmp_path / "pairs.parquet", tmp_path / "truth.parquet"
    duckdb.execute(
        "copy (select * from (values ('R1', 'L1', 'match'), ('R9', 'L2', 'match'), ('R3', 'L3', 'review'), "
        f"('R8', 'L5', 'review')) as t(left_id, right_id, decision)) to '{pairs}'"
    )
    others = [kind for kind in KINDS.split() if kind != "homophone"]
    duckdb.execute(
        "copy (select 'R' || n as left_id, 'L' || n as right_id, n > 2 as homophone, "
        f"{', '.join(f'false as {kind}' for kind in others)} from range(1, 5) as t(n)) to '{truth}'"
    )
    assert accuracy(pairs, truth, 10) == Accuracy(
        persons=4, precision=0.5, recall_match=0.25, recall=0.5, in_review=0.2
    )
    (kind,) = accuracy_by_kind(pairs, truth)
    assert (kind.kind, kind.persons, kind.recall_match, kind.recall) == ("homophone", 2, 0.0, 0.5)

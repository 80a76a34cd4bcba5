"""The peers answer in the same form as the engine, on the same lists as they came."""

from pathlib import Path

import duckdb
import pytest

from lianxin.bench.match.accuracy import accuracy
from lianxin.bench.match.febrl import compare_on_febrl
from lianxin.bench.match.lists import Lists, make_lists
from lianxin.bench.match.peers import link_with_recordlinkage, link_with_splink, reader, write_candidates
from lianxin.bench.match.people import Shape
from lianxin.bench.match.words import SOUTH


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    folder = tmp_path_factory.mktemp("lists")
    return make_lists(folder, Shape(2_000, 400), seed=4244, folk=SOUTH, files="csv")


def test_other_people_live_elsewhere(lists: Lists) -> None:
    ((towns, surnames),) = duckdb.execute(
        f"select count(*) filter (region not like '45%'), count(*) filter (name like '黄%') from {reader(lists.left)}"
    ).fetchall()
    assert towns == 0
    assert surnames > 100


def test_splink_on_our_candidates_finds_most(lists: Lists, tmp_path: Path) -> None:
    candidates, out = tmp_path / "candidates.parquet", tmp_path / "splink.parquet"
    count = write_candidates(lists, candidates)
    assert duckdb.execute(f"select count(*) from '{candidates}'").fetchall() == [(count,)]
    assert link_with_splink(lists, out, candidates, 1 << 30) == count
    told = accuracy(out, lists.truth, 400)
    assert told.persons == 200
    assert told.recall > 0.9


def test_recordlinkage_finds_most(lists: Lists, tmp_path: Path) -> None:
    out = tmp_path / "recordlinkage.parquet"
    assert link_with_recordlinkage(lists, out) > 200
    assert accuracy(out, lists.truth, 400).recall > 0.7


def test_febrl_is_matched_as_well_as_by_splink() -> None:
    ours, splink = compare_on_febrl()
    assert (ours.name, splink.name) == ("lianxin", "splink")
    assert ours.f1 > 0.999
    assert ours.f1 >= splink.f1 - 0.0005
    assert ours.best_f1 >= ours.f1

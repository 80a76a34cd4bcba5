"""Chances from counts: what the shipped model was made by, and still agrees with."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from lianxin.bench.match.lists import Rates, make_lists
from lianxin.bench.match.people import Shape
from lianxin.matching import default_model
from lianxin.matching.comparisons import COMPARISONS
from lianxin.matching.counting import both_sides, chances_of, count_levels
from lianxin.matching.features import make_features
from lianxin.matching.model import SMALLEST, Chance


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Chance]]:
    """m from the true pairs of an invented list, u from every record of it beside every 97th of the roster."""
    lists = make_lists(
        tmp_path_factory.mktemp("lists"), Shape(roster=6_000, listed=1_200), seed=31, rates=Rates()
    )
    with duckdb.connect() as con:
        first = make_features(con, lists.clean_left, table="left_records")
        make_features(con, lists.clean_right, table="right_records", first=first)
        con.execute("create view both_records as from left_records union all by name from right_records")
        con.execute(
            f"create table same as select l.rec as join_key_l, r.rec as join_key_r from '{lists.truth}' as t "
            "join left_records as l on l.record_id = t.left_id join right_records as r on r.record_id = t.right_id"
        )
        con.execute(
            "create table other as select l.rec as join_key_l, r.rec as join_key_r from left_records as l, "
            "right_records as r where l.rec % 97 = 0 and (l.rec, r.rec) not in (select * from same)"
        )
        same, other = (count_levels(con, both_sides(con, "both_records", name)) for name in ("same", "other"))
    return chances_of(same, other)


def test_counts_agree_with_the_shipped_model(counted: dict[str, dict[str, Chance]]) -> None:
    shipped = default_model().chances
    for comparison in COMPARISONS:
        for level, chance in counted[comparison.name].items():
            assert chance.m == pytest.approx(shipped[comparison.name][level].m, abs=0.06), (
                comparison.name,
                level,
            )
            assert chance.u == pytest.approx(shipped[comparison.name][level].u, abs=0.06), (
                comparison.name,
                level,
            )


def test_chances_of_a_comparison_are_one_together(counted: dict[str, dict[str, Chance]]) -> None:
    for levels in counted.values():
        assert sum(chance.m for chance in levels.values()) == pytest.approx(1, abs=1e-6)
        assert all(chance.u >= SMALLEST for chance in levels.values())


@pytest.fixture
def con() -> Iterator[DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def test_what_was_known_before_counts_as_so_many_pairs() -> None:
    before = default_model().chances
    assert chances_of({}, {}, before=before, weight=10.0)["sex"]["exact"].m == pytest.approx(
        before["sex"]["exact"].m
    )


def test_count_levels_sums_the_weight_and_leaves_no_table(con: DuckDBPyConnection, tmp_path: Path) -> None:
    lists = make_lists(tmp_path, Shape(roster=60, listed=20), seed=5, rates=Rates())
    make_features(con, lists.clean_left, table="records")
    pairs = both_sides(con, "records", "(select 1 as join_key_l, 1 as join_key_r, 0.25 as half)")
    counts = count_levels(con, pairs, weight="half")
    assert {name: sum(levels.values()) for name, levels in counts.items()} == {
        c.name: 0.25 for c in COMPARISONS
    }
    assert con.execute("select count(*) from duckdb_tables() where table_name = 'levels'").fetchall() == [
        (0,)
    ]

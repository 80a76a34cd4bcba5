"""The measuring of look-ups, on a roster that takes no time."""

import json
from dataclasses import replace
from pathlib import Path

from lianxin.bench.lookup import LookupFigures, measure_lookup, told
from tests.bench.test_bench import bench


def test_look_ups_are_measured(tmp_path: Path) -> None:
    said: list[str] = []
    figures = measure_lookup(tmp_path, rows=3_000, questions=40, seed=5, say=said.append)
    assert (figures.rows, figures.questions) == (3_000, 40)
    assert 10 <= figures.found <= 20  # half of those asked for are in the roster
    assert 0 < figures.median_ms <= figures.p95_ms <= figures.p99_ms <= figures.most_ms
    assert figures.folder_bytes > 3_000 * 100
    assert len(said) == 3


def test_the_command_measures_in_a_folder_that_it_removes(tmp_path: Path) -> None:
    code, said, complained = bench(
        tmp_path, "lookup", "--rows", "2000", "--questions", "20", "--seed", "6", "--json"
    )
    assert code == 0, complained
    facts = json.loads(said)
    assert (facts["bench"], facts["figures"]["rows"], facts["figures"]["questions"]) == ("lookup", 2_000, 20)
    assert 5 <= facts["figures"]["found"] <= 10
    assert list(tmp_path.iterdir()) == []


def test_a_slow_roster_is_told_as_not_held(tmp_path: Path) -> None:
    figures = LookupFigures(1_000, 10, 5, 80.0, 199.9, 210.0, 220.0, 4.0, 1.5, 700_000)
    assert told(figures, tmp_path).lines[-1].endswith(": held")
    assert told(replace(figures, p95_ms=200.1), tmp_path).lines[-1].endswith(": NOT HELD")

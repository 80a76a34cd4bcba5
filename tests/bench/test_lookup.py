"""The measuring of look-ups, on a roster that takes no time."""

from pathlib import Path

from lianxin.bench.lookup import measure_lookup


def test_look_ups_are_measured(tmp_path: Path) -> None:
    said: list[str] = []
    figures = measure_lookup(tmp_path, rows=3_000, questions=40, seed=5, say=said.append)
    assert (figures.rows, figures.questions) == (3_000, 40)
    assert 10 <= figures.found <= 20  # half of those asked for are in the roster
    assert 0 < figures.median_ms <= figures.p95_ms <= figures.p99_ms <= figures.most_ms
    assert figures.folder_bytes > 3_000 * 100
    assert len(said) == 3

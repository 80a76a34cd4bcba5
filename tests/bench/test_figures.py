"""Latencies into figures."""

import math

from hypothesis import given
from hypothesis import strategies as st

from lianxin.bench.figures import Figure, Round, percentile, round_of, table

LATENCIES = st.lists(st.floats(0.0001, 30.0), min_size=1, max_size=300)


def rounds(*rates: float) -> list[Round]:
    return [Round(requests=100, rate=rate, p50=1000 / rate, p95=5.0, p99=9.0) for rate in rates]


@given(LATENCIES, st.integers(1, 100))
def test_percentile_is_the_smallest_value_that_covers_the_share(latencies: list[float], share: int) -> None:
    ordered = sorted(latencies)
    found = percentile(ordered, share)
    covered = sum(each <= found for each in ordered)
    below = sum(each < found for each in ordered)
    assert found in latencies
    assert covered * 100 >= share * len(ordered)
    assert below * 100 < share * len(ordered)


def test_percentile_of_nothing_is_nothing() -> None:
    assert percentile([], 95) == 0.0


@given(LATENCIES)
def test_round_of_keeps_percentiles_in_order(latencies: list[float]) -> None:
    made = round_of(latencies, wall=2.0)
    assert made.requests == len(latencies)
    assert made.rate == len(latencies) / 2.0
    assert made.p50 <= made.p95 <= made.p99
    assert math.isclose(made.p99, max(latencies) * 1000) or len(latencies) > 100


def test_figure_tells_the_median_round_and_how_far_the_others_lie() -> None:
    figure = Figure("report", rounds(100, 400, 200))
    assert figure.rate == 200
    assert figure.spread == 1.5


def test_figure_as_dict_holds_what_is_promised() -> None:
    told = Figure("report", rounds(100, 400, 200), statements=12).as_dict()
    assert told["statements"] == 12
    assert told["rate"] == 200
    assert [each["rate"] for each in told["rounds"]] == [100, 400, 200]
    assert set(told) >= {"p50", "p95", "p99", "spread", "client_cpu", "server_cpu", "database_cpu"}


def test_table_lines_are_of_one_width_and_say_every_subject() -> None:
    figures = [Figure("empty view", rounds(11_500), statements=0), Figure("report", rounds(7))]
    lines = table(figures)
    assert len({len(line) for line in lines}) == 1
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["empty view", "report"]
    assert "11,500" in lines[2]

"""Figures from rows, of every sum, by time, slice and place."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from lianxin.kernel.clock import CHINA
from lianxin.kernel.metrics.periods import Per, Period, ever, month, year, year_to
from lianxin.kernel.metrics.totals import Asked, count, percent, recount, value
from tests.kernel.metrics.conftest import FIRST, Tried, add, after

WEEK = Period(FIRST, after(6))


def test_value_of_each_sum(tried: Tried) -> None:
    for amount, whole, kind in [(3, 4, "a"), (0, 4, "a"), (7, 8, "b")]:
        add(FIRST, amount=amount, whole=whole, kind=kind)
    assert value(tried.total, WEEK) == 10
    assert value(tried.rate, WEEK) == Decimal("62.5")
    assert value(tried.median, WEEK) == Decimal(3)
    assert value(tried.distinct, WEEK) == 2
    assert value(tried.largest, WEEK) == 7
    assert value(tried.holds, WEEK) is False
    assert value(tried.holds, WEEK, slice="b") is True


def test_value_of_nothing(tried: Tried) -> None:
    add(after(7))
    assert value(tried.total, WEEK) == 0
    assert value(tried.rate, WEEK) is None
    assert value(tried.median, WEEK) is None
    assert value(tried.distinct, WEEK) == 0
    assert value(tried.largest, WEEK) is None
    assert value(tried.holds, WEEK) is False


def test_days_begin_at_midnight_in_china(tried: Tried) -> None:
    midnight = datetime(2025, 3, 1, tzinfo=CHINA)
    add(midnight)
    add(midnight - timedelta(microseconds=1), amount=100)
    add(midnight + timedelta(days=1), amount=1000)
    assert value(tried.total, Period(FIRST, FIRST)) == 1


def test_value_under_a_path_leaves_the_neighbours_out(tried: Tried) -> None:
    for path, amount in [("0001", 1), ("00010001", 10), ("00010002", 100), ("0002", 1000)]:
        add(FIRST, path=path, amount=amount)
    assert value(tried.total, WEEK, path="0001") == 111
    assert value(tried.total, WEEK, path="00010001") == 10
    assert value(tried.total, WEEK, path="00010001", slice="b") == 0


def test_stock_counts_from_the_beginning(tried: Tried) -> None:
    add(date(2019, 1, 1), amount=5)
    add(FIRST, amount=-2)
    assert value(tried.stock, WEEK) == 3
    assert value(tried.stock, year(2019)) == 5
    assert value(tried.total, ever(after(6))) == 3


def test_count_by_month_and_slice(tried: Tried) -> None:
    add(date(2025, 3, 31), kind="b", amount=2)
    add(date(2025, 4, 1), kind="a", amount=3)
    counted = count(Asked(tried.total, year(2025), per=Per.MONTH, parts="slice"))
    assert [(c.since, c.part, c.value, c.events) for c in counted] == [
        (date(2025, 3, 1), "b", 2, 1),
        (date(2025, 4, 1), "a", 3, 1),
    ]


def test_count_by_child(tried: Tried) -> None:
    for path, amount in [("00010001", 1), ("000100010007", 2), ("00010003", 4)]:
        add(FIRST, path=path, amount=amount)
    counted = count(Asked(tried.total, WEEK, path="0001", parts="child"))
    assert [(c.part, c.value) for c in counted] == [("00010001", 3), ("00010003", 4)]


def test_recount_agrees_where_nothing_is_kept(tried: Tried) -> None:
    add(FIRST, amount=4)
    assert recount(tried.total, WEEK) == value(tried.total, WEEK) == 4


@pytest.mark.parametrize(
    ("part", "whole", "rate"), [(1, 8, "12.5"), (1, 3, "33.3"), (1, 2000, "0.1"), (2, 3, "66.7")]
)
def test_percent_rounds_halves_up(part: int, whole: int, rate: str) -> None:
    assert percent(part, whole) == Decimal(rate)


def test_periods() -> None:
    assert month(2024, 2) == Period(date(2024, 2, 1), date(2024, 2, 29))
    assert year_to(date(2026, 2, 12)) == Period(date(2026, 1, 1), date(2026, 2, 12))
    assert year(2025).label.en == "2025"
    assert month(2025, 3).label.zh == "2025-03-01至2025-03-31"
    assert ever(FIRST).label.en == "up to 2025-03-01"
    with pytest.raises(ValueError, match="before it begins"):
        Period(after(1), FIRST)

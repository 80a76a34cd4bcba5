"""Figures in words and digits, for people and for programs."""

from datetime import date
from decimal import Decimal

import pytest

from lianxin.kernel.metrics.registry import Metric, Sum
from lianxin.kernel.metrics.totals import Value
from lianxin.kernel.metrics.wording import for_programs, spoken
from tests.kernel.metrics.conftest import N

PLAIN = Metric(id="a.plain", label=N, unit=N, query="")
MONEY = Metric(id="a.money", label=N, unit=N, query="", money=True)
RATE = Metric(id="a.rate", label=N, unit=N, query="", sum=Sum.RATE)


@pytest.mark.parametrize(
    ("metric", "value", "words"),
    [
        (PLAIN, 12500, "12,500"),
        (PLAIN, Decimal("3.0"), "3"),
        (PLAIN, Decimal("2.5"), "2.5"),
        (PLAIN, True, "yes"),
        (PLAIN, False, "no"),
        (PLAIN, None, "—"),
        (PLAIN, date(2026, 3, 2), "2 Mar 2026"),
        (PLAIN, "text", "text"),
        (MONEY, 7_200_000, "72,000"),
        (MONEY, 7_200_050, "72,000.50"),
        (RATE, Decimal("97.0"), "97.0"),
    ],
)
def test_spoken(metric: Metric, value: Value, words: str) -> None:
    assert spoken(metric, value).en == words


@pytest.mark.parametrize(
    ("metric", "value", "number"),
    [
        (MONEY, 7_200_000, 72000),
        (MONEY, 50, Decimal("0.5")),
        (MONEY, None, None),
        (PLAIN, 5, 5),
        (PLAIN, True, True),
    ],
)
def test_for_programs(metric: Metric, value: Value, number: Value) -> None:
    assert for_programs(metric, value) == number
    assert type(for_programs(metric, value)) is type(number)

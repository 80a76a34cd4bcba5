"""Figures in words and digits."""

from datetime import date
from decimal import Decimal

from lianxin.kernel.metrics.registry import Metric, Sum
from lianxin.kernel.metrics.totals import Value
from lianxin.kernel.moments import day_told
from lianxin.kernel.money import Money
from lianxin.kernel.text import Text

NOTHING = Text("—", "—")


def spoken(metric: Metric, value: Value) -> Text:
    """The figure as people read it, without its unit: ``72,000``, ``97.5``, ``yes``, ``—`` for nothing."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, date):
        return day_told(value, now=None, weekday=False)
    text = _digits(metric, value)
    return Text(text, text)


def for_programs(metric: Metric, value: Value) -> Value:
    """The figure as a program reads it: money in yuan, everything else as it is."""
    if metric.money and isinstance(value, int) and not isinstance(value, bool):
        yuan = Decimal(value) / 100
        return int(yuan) if yuan == yuan.to_integral_value() else yuan
    return value


def _digits(metric: Metric, value: int | Decimal | str) -> str:
    if isinstance(value, int):
        return str(Money(value)) if metric.money else f"{value:,}"
    if isinstance(value, Decimal):
        return str(value) if metric.sum is Sum.RATE else f"{value.normalize():f}"
    return value

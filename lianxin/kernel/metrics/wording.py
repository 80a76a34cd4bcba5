"""Figures in words and digits."""

from datetime import date
from decimal import Decimal

from lianxin.kernel.metrics.registry import Metric, Sum
from lianxin.kernel.metrics.totals import Value
from lianxin.kernel.money import Money
from lianxin.kernel.text import Text

NOTHING = Text("—", "—")


def spoken(metric: Metric, value: Value) -> Text:
    """The figure as people read it, without its unit: ``72,000``, ``97.5%``, ``yes``, ``—`` for nothing."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, date):
        return Text(value.isoformat(), value.isoformat())
    if metric.money and isinstance(value, int):
        return _both(str(Money(value)))
    if metric.sum is Sum.RATE:
        return _both(f"{value}%")
    if isinstance(value, Decimal):
        return _both(f"{value.normalize():f}")
    return _both(f"{value:,}" if isinstance(value, int) else value)


def for_programs(metric: Metric, value: Value) -> Value:
    """The figure as a program reads it: money in yuan, everything else as it is."""
    if metric.money and isinstance(value, int) and not isinstance(value, bool):
        yuan = Decimal(value) / 100
        return int(yuan) if yuan == yuan.to_integral_value() else yuan
    return value


def _both(text: str) -> Text:
    return Text(text, text)

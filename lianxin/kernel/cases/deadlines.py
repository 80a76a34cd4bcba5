"""Deadlines on the Chinese working calendar.

Time limits differ by place and year, so a stage's own limit is only the fallback: the parameter
``deadline.<kind>.<status>`` of the nearest region decides when there is one (ADR 0006).
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar

from lianxin.kernel.clock import CHINA, day_of
from lianxin.kernel.text import Text

logger = logging.getLogger(__name__)
_MONDAY_TO_FRIDAY = 5
_END_OF_DAY = time(23, 59, 59)
_UNITS = {
    "working_days": Text("{n} 个工作日", "{n} working day{s}"),
    "days": Text("{n} 天", "{n} day{s}"),
    "hours": Text("{n} 小时", "{n} hour{s}"),
}


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as rules state it: ``unit`` is ``working_days``, ``days`` or ``hours``.

    Raises ``ValueError`` for another unit or a negative amount, so that a faulty rule is found when it is read.
    """

    amount: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in _UNITS or self.amount < 0:
            message = f"no length of time: {self.amount} {self.unit}"
            raise ValueError(message)

    @property
    def label(self) -> Text:
        """In words."""
        plural = "" if self.amount == 1 else "s"
        return _UNITS[self.unit].format(n=self.amount, s=plural)


def working_days(amount: int) -> Duration:
    """So many working days; make-up working Saturdays and Sundays count."""
    return Duration(amount, "working_days")


def days(amount: int) -> Duration:
    """So many calendar days."""
    return Duration(amount, "days")


def hours(amount: int) -> Duration:
    """So many hours on the clock."""
    return Duration(amount, "hours")


@lru_cache(maxsize=20_000)
def is_working_day(day: date) -> bool:
    """Whether China works on that day; Monday to Friday, with a warning, where no calendar is published."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        _warn_unpublished(day.year)
        return day.weekday() < _MONDAY_TO_FRIDAY


@lru_cache(maxsize=50)
def _warn_unpublished(year: int) -> None:
    logger.warning("no working calendar is published for %s: counting Monday to Friday", year)


def add_working_days(day: date, amount: int) -> date:
    """The last day of a time limit of so many working days; the day itself does not count."""
    while amount > 0:
        day += timedelta(days=1)
        if is_working_day(day):
            amount -= 1
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days lie after ``first`` up to and with ``last``: what a limit from one to the other is."""
    return sum(is_working_day(first + timedelta(days=n + 1)) for n in range((last - first).days))


def moment_after(start: datetime, duration: Duration) -> datetime:
    """When the time limit ends: limits in days run to the end of their last day in China."""
    if duration.unit == "hours":
        return start + timedelta(hours=duration.amount)
    if duration.unit == "days":
        last = day_of(start) + timedelta(days=duration.amount)
    else:
        last = add_working_days(day_of(start), duration.amount)
    return datetime.combine(last, _END_OF_DAY, tzinfo=CHINA)

"""Stretches of days on the Chinese calendar."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lianxin.kernel.text import Text


class Per(StrEnum):
    """Into what a period is cut for a chart."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """From ``first`` to ``last``, both counted."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            message = f"a period cannot end on {self.last}, before it begins on {self.first}"
            raise ValueError(message)

    @property
    def label(self) -> Text:
        """In words."""
        if self.first == date.min:
            return Text("截至{last}", "up to {last}").format(last=self.last)
        if (self.first, self.last) == (date(self.first.year, 1, 1), date(self.first.year, 12, 31)):
            return Text("{year}年", "{year}").format(year=self.first.year)
        return Text("{first}至{last}", "{first} to {last}").format(first=self.first, last=self.last)

    def from_the_beginning(self) -> "Period":
        """Everything up to the same end."""
        return Period(date.min, self.last)


def year(number: int) -> Period:
    """A calendar year."""
    return Period(date(number, 1, 1), date(number, 12, 31))


def month(year_number: int, number: int) -> Period:
    """A calendar month."""
    return Period(date(year_number, number, 1), date(year_number, number, monthrange(year_number, number)[1]))


def year_to(day: date) -> Period:
    """The year of a day, up to that day."""
    return Period(date(day.year, 1, 1), day)


def ever(last: date) -> Period:
    """From the beginning to a day."""
    return Period(date.min, last)

"""The clock of the replay: stories take turns by the moment at which each wants to go on.

A story is a generator. It yields the moment of its next act and is resumed there, with that moment; so a year reads
as many small stories, and all their acts still come one after the other in time.
"""

import heapq
import random
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count

from lianxin.kernel.cases.deadlines import add_working_days, is_working_day
from lianxin.kernel.clock import CHINA, day_of

Story = Generator[datetime, datetime, None]
_MORNING = (time(8, 20), time(11, 40))
_AFTERNOON = (time(13, 10), time(16, 50))


@dataclass(slots=True)
class Agenda:
    """What is to go on, and when; ``ends`` is the moment after which nothing happens any more."""

    ends: datetime
    _waiting: list[tuple[datetime, int, Story]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)

    def begin(self, story: Story) -> None:
        """Let a story run to its first moment."""
        self._wait(next(story, None), story)

    def run(self) -> None:
        """Let every story take its turns until the end; what is still waiting then stays where it stands."""
        while self._waiting:
            at, _, story = heapq.heappop(self._waiting)
            try:
                self._wait(max(at, story.send(at)), story)
            except StopIteration:
                continue

    def _wait(self, at: datetime | None, story: Story) -> None:
        if at is not None and at <= self.ends:
            heapq.heappush(self._waiting, (at, next(self._order), story))


def moment(year: int, text: str) -> datetime:
    """``03-12 14:20`` of a year, in China."""
    return datetime.strptime(f"{year}-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)


def in_office(at: datetime, chance: random.Random, least: int, most: int) -> datetime:
    """A moment in office hours, after so many working days; later the same day while there is time for it."""
    wait = chance.randint(least, most)
    day = day_of(at)
    if wait == 0 and is_working_day(day) and at.hour < _AFTERNOON[0].hour:
        return _between(at, chance, *_AFTERNOON)
    return _office_hour(at, add_working_days(day, max(1, wait)), chance)


def days_later(at: datetime, chance: random.Random, least: int, most: int) -> datetime:
    """A moment in office hours so many calendar days later, or on the next working day after them."""
    day = day_of(at) + timedelta(days=chance.randint(least, most))
    while not is_working_day(day):
        day += timedelta(days=1)
    return _office_hour(at, day, chance)


def at_leisure(at: datetime, chance: random.Random, least: int, most: int) -> datetime:
    """A moment at which a worker takes up the phone, so many calendar days later."""
    later = at + timedelta(days=chance.randint(least, most))
    return later.replace(hour=chance.choice((7, 12, 18, 19, 20, 21)), minute=chance.randint(0, 59))


def _office_hour(at: datetime, day: object, chance: random.Random) -> datetime:
    first, last = chance.choice((_MORNING, _AFTERNOON))
    return _between(datetime.combine(day, first, tzinfo=CHINA), chance, first, last)  # type: ignore[arg-type]


def _between(at: datetime, chance: random.Random, first: time, last: time) -> datetime:
    minutes = (last.hour - first.hour) * 60 + last.minute - first.minute
    begins = datetime.combine(day_of(at), first, tzinfo=CHINA)
    return begins + timedelta(minutes=chance.randint(0, minutes), seconds=chance.randint(0, 59))

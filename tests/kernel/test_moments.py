"""Days and moments as people write them."""

from datetime import UTC, date, datetime

import pytest

from lianxin.kernel.clock import CHINA
from lianxin.kernel.moments import day_told, moment_told
from lianxin.kernel.text import Text

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 12, 3), Text("12月3日（周四）", "Thu 3 Dec")),
        (date(2026, 1, 1), Text("1月1日（周四）", "Thu 1 Jan")),
        (date(2027, 1, 3), Text("2027年1月3日（周日）", "Sun 3 Jan 2027")),
        (date(2025, 11, 26), Text("2025年11月26日（周三）", "Wed 26 Nov 2025")),
    ],
)
def test_a_day_has_its_year_only_when_it_is_another(day: date, said: Text) -> None:
    assert day_told(day, now=NOW) == said


def test_a_day_has_its_year_where_nobody_says_when_it_is_read() -> None:
    assert day_told(date(2026, 12, 3), now=None) == Text("2026年12月3日（周四）", "Thu 3 Dec 2026")


def test_a_day_may_go_without_its_weekday() -> None:
    assert day_told(date(2026, 12, 3), now=NOW, weekday=False) == Text("12月3日", "3 Dec")


def test_the_year_turns_at_midnight_in_china() -> None:
    day = date(2027, 1, 3)
    before, after = (datetime(2026, 12, 31, hour, tzinfo=UTC) for hour in (15, 16))
    assert day_told(day, now=before, weekday=False).zh == "2027年1月3日"
    assert day_told(day, now=after, weekday=False).zh == "1月3日"


@pytest.mark.parametrize(
    ("moment", "weekday", "said"),
    [
        (datetime(2026, 12, 3, 1, 5, tzinfo=UTC), True, Text("12月3日（周四）09:05", "Thu 3 Dec, 09:05")),
        (datetime(2026, 12, 3, 1, 5, tzinfo=UTC), False, Text("12月3日 09:05", "3 Dec, 09:05")),
        # Evening elsewhere, the next day in China.
        (datetime(2026, 12, 3, 16, 0, tzinfo=UTC), True, Text("12月4日（周五）00:00", "Fri 4 Dec, 00:00")),
        # A deadline at the end of a day is that day.
        (datetime(2026, 12, 3, 23, 59, 59, tzinfo=CHINA), True, Text("12月3日（周四）", "Thu 3 Dec")),
    ],
)
def test_a_moment_is_told_in_china(moment: datetime, weekday: bool, said: Text) -> None:
    assert moment_told(moment, now=NOW, weekday=weekday) == said

"""A day and a moment as people write them, in both languages: the one place that knows how.

Machine formats (exports, the API, addresses) are ISO and do not come here.
"""

from datetime import date, datetime
from functools import lru_cache

from lianxin.kernel.clock import CHINA, day_of
from lianxin.kernel.text import Text

# The days that a page of a queue speaks of, and room to spare.
KEPT = 1024
WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_told(day: date, *, now: datetime | None, weekday: bool = True) -> Text:
    """12月3日（周四）, Thu 3 Dec: the year only where it is not that of ``now``, or nobody says when this is read."""
    return _day(day, now is None or day.year != day_of(now).year, weekday)


def moment_told(moment: datetime, *, now: datetime | None, weekday: bool = True) -> Text:
    """The same with the time of day in China; the last minute of a day is just the day."""
    local = moment.astimezone(CHINA)
    day = day_told(local.date(), now=now, weekday=weekday)
    if (local.hour, local.minute) == (23, 59):
        return day
    time = f"{local.hour:02}:{local.minute:02}"
    return Text(f"{day.zh}{'' if weekday else ' '}{time}", f"{day.en}, {time}")


@lru_cache(KEPT)
def _day(day: date, year: bool, weekday: bool) -> Text:  # noqa: FBT001 - the keys of a cache
    zh = (f"{day.year}年" if year else "") + f"{day.month}月{day.day}日"
    en = f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")
    if not weekday:
        return Text(zh, en)
    return Text(f"{zh}（周{WEEKDAYS[day.weekday()]}）", f"{WEEKDAYS_EN[day.weekday()]} {en}")

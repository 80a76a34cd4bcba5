"""How a moment and a deadline are told to a reader."""

from dataclasses import dataclass
from datetime import date, datetime

from lianxin.kernel.clock import CHINA, day_of
from lianxin.kernel.moments import day_told
from lianxin.kernel.text import Text
from lianxin.web.reader import is_english

SOON = 2
STYLES = ("day", "time", "full")


def told(moment: datetime | date, style: str, now: datetime) -> str:
    """The moment in China's time, or a day, which has none; the year only when it is not this one."""
    local = moment.astimezone(CHINA) if isinstance(moment, datetime) else moment
    clock = f"{local.hour:02}:{local.minute:02}" if isinstance(local, datetime) else ""
    if style == "time":
        return clock
    day = str(day_told(local.date() if isinstance(local, datetime) else local, now=now, weekday=False))
    between = ", " if is_english() else " "
    return f"{day}{between}{clock}" if style == "full" and clock else day


@dataclass(frozen=True)
class Urgency:
    """What a deadline chip says, and in which colour and with which sign."""

    words: Text
    tone: str
    icon: str


def days(count: int) -> Text:
    """A number of days."""
    return Text(f"{count} 天", f"{count} day" if count == 1 else f"{count} days")


def urgency(due_at: datetime, now: datetime) -> Urgency:
    """How an open case stands with its deadline."""
    left = (day_of(due_at) - day_of(now)).days
    if due_at < now:
        return _overdue(-left)
    if left == 0:
        return Urgency(Text("今天到期", "Due today"), "orange", "alarm")
    return Urgency(
        Text("还有 {days}", "{days} left").format(days=days(left)),
        "orange" if left <= SOON else "neutral",
        "clock",
    )


def _overdue(over: int) -> Urgency:
    if over == 0:
        return Urgency(Text("刚刚超期", "Just overdue"), "red", "clock-exclamation")
    return Urgency(Text("超期 {days}", "{days} overdue").format(days=days(over)), "red", "clock-exclamation")


def outcome(due_at: datetime, done_at: datetime) -> Urgency:
    """How a finished case stood with its deadline."""
    if done_at <= due_at:
        return Urgency(Text("按时办结", "Done in time"), "green", "check")
    late = max((day_of(done_at) - day_of(due_at)).days, 1)
    return Urgency(Text("晚 {days}办结", "Done {days} late").format(days=days(late)), "neutral", "history")

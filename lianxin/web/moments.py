"""How a moment and a deadline are told to a reader."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.dateformat import format as format_date

from lianxin.kernel.clock import CHINA, day_of
from lianxin.kernel.text import Text

SOON = 2
FORMATS = {
    "day": Text("Y年n月j日", "j M Y"),
    "time": Text("H:i", "H:i"),
    "full": Text("Y年n月j日 H:i", "j M Y, H:i"),
}
THIS_YEAR = {"day": Text("n月j日", "j M"), "full": Text("n月j日 H:i", "j M, H:i")}


def told(moment: datetime | date, style: str, now: datetime) -> str:
    """The moment in China's time, or a day, which has none; the year only when it is not this one."""
    local = moment.astimezone(CHINA) if isinstance(moment, datetime) else moment
    same_year = local.year == now.astimezone(CHINA).year
    pattern = THIS_YEAR.get(style, FORMATS[style]) if same_year else FORMATS[style]
    return format_date(local, str(pattern))


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

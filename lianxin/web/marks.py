"""The small things that stand in every line of a list, drawn without a template: a page holds hundreds of them."""

from datetime import date, datetime
from functools import lru_cache
from html import escape

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from lianxin.web.moments import outcome, told, urgency
from lianxin.web.reader import is_english

NONE = mark_safe('<span class="lx-none">—</span>')
# Icons in their sizes, and room to spare.
REMEMBERED = 512

# The colour of a status, by its code; every domain's workflow uses these words (see the glossary).
STATUS_TONES = {
    "draft": "neutral",
    "submitted": "blue",
    "reported": "blue",
    "received": "blue",
    "open": "blue",
    "accepted": "blue",
    "graded": "purple",
    "assigned": "purple",
    "reviewing": "purple",
    "reserved": "purple",
    "approved": "purple",
    "released": "purple",
    "rectifying": "orange",
    "verifying": "orange",
    "waiting": "orange",
    "failed": "red",
    "disputed": "red",
    "escalated": "red",
    "overdue": "red",
    "verified": "green",
    "adopted": "green",
    "paid": "green",
    "done": "green",
    "closed": "green",
    "declined": "neutral",
    "merged": "neutral",
    "withdrawn": "neutral",
    "void": "neutral",
}


@lru_cache(REMEMBERED)
def icon(name: str, size: str = "") -> SafeString:
    """One of the icons in ``lianxin/web/icons.py``; it says nothing to a screen reader."""
    return format_html(
        '<svg class="lx-icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f" lx-icon-{size}" if size else "",
        static("vendor/icons.svg"),
        name,
    )


def badge(label: object, tone: str, *, sign: str = "", title: object = "") -> SafeString:
    """A short word in a coloured pill, with an icon before it; nothing for no word."""
    words = _escaped(label)
    if not words:
        return SafeString("")
    more = f' title="{_escaped(title)}"' if title else ""
    before = icon(sign, "small") if sign else ""
    return mark_safe(  # noqa: S308 - escaped above
        f'<span class="lx-badge lx-tone-{_escaped(tone)}"{more}>{before}{words}</span>'
    )


def _escaped(value: object) -> str:
    # Django's own asks first whether it was given a promise, which takes longer than the escaping.
    return value if isinstance(value, SafeString) else escape(str(value))


def tone_of(status: object) -> str:
    """The colour of a status, by its code."""
    return STATUS_TONES.get(str(getattr(status, "value", status)), "neutral")


def deadline(due_at: datetime | None, done_at: datetime | None, now: datetime) -> SafeString:
    """How many days are left or overdue; with ``done_at``, whether it was in time; nothing without a deadline."""
    if due_at is None:
        return SafeString("")
    state = outcome(due_at, done_at) if done_at else urgency(due_at, now)
    at = told(due_at, "full", now)
    title = f"Deadline: {at}" if is_english() else f"期限：{at}"
    return badge(state.words, state.tone, sign=state.icon, title=title)


def when(moment: datetime | date | None, style: str, now: datetime) -> SafeString:
    """A moment in China's time, or a day; a dash when there is none."""
    if moment is None:
        return NONE
    return mark_safe(  # noqa: S308 - figures and our own words
        f'<time class="lx-when" datetime="{moment.isoformat()}">{told(moment, style, now)}</time>'
    )

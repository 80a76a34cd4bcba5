"""Cases as lines: one markup, a table's row on a wide screen and a card on a phone (``lianxin.css``)."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from django.template import Library
from django.utils.safestring import SafeString, mark_safe

from lianxin.kernel import clock
from lianxin.kernel.text import Text
from lianxin.web import marks
from lianxin.web.components import Components
from lianxin.web.moments import told

if TYPE_CHECKING:
    from lianxin.web.casework.listing import Line

register = Library()
components = Components(register)

HEADS = (Text("事项", "Matter"), Text("单位", "Place"), Text("状态", "Status"), Text("期限", "Deadline"))
ESCALATED = Text("已上报", "Escalated")


@components.drawn()
def caselines(lines: "Iterable[Line]", *, id: str = "rows", now: datetime | None = None) -> SafeString:  # noqa: A002 - HTML's own word
    """A list of cases; what it is of stands in the page's heading."""
    at = now or clock.now()
    # Fifty lines share a handful of words: each is put into the reader's language once.
    words: dict[object, str] = {}
    heads = "".join(f"<span>{head}</span>" for head in HEADS)
    rows = "\n".join(_row(line, at, words) for line in lines)
    return mark_safe(  # noqa: S308 - each row is escaped
        f'<section class="card lx-card lx-cases" id="{escape(id)}">'
        f'<p class="lx-cases-head" aria-hidden="true">{heads}</p>\n'
        f'<ul class="lx-list" role="list">\n{rows}\n</ul></section>'
    )


def _row(line: "Line", now: datetime, words: dict[object, str]) -> str:
    kind = words.get(line.kind) or words.setdefault(line.kind, escape(str(line.kind)))
    state = words.get(line.status) or words.setdefault(line.status, _state(line))
    escalated = marks.badge(ESCALATED, "red", sign="arrow-up") if line.escalation else ""
    weight = marks.badge(line.weight[0], line.weight[1]) if line.weight else ""
    turn = f'<span class="lx-note">{escape(line.whose_turn)}</span>' if line.whose_turn else ""
    late = " lx-case-late" if line.due_at and not line.closed_at and line.due_at < now else ""
    return (
        f'<li class="lx-case{late}"><div class="lx-case-matter"><a class="lx-cover" href="{escape(line.href)}">'
        f'{escape(line.title)}</a><span class="lx-note">{kind} · '
        f'<span class="lx-number">{escape(line.number)}</span> · {told(line.opened_at, "day", now)}</span></div>'
        f'<div class="lx-case-place"><span>{escape(line.place)}</span>{turn}</div>'
        f'<div class="lx-case-state">{state}{weight}{escalated}</div>'
        f'<div class="lx-case-due">{marks.deadline(line.due_at, line.closed_at, now)}</div></li>'
    )


def _state(line: "Line") -> str:
    return marks.badge(line.status.label, marks.tone_of(line.status))

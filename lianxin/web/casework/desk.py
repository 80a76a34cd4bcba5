"""What whoever holds an office finds first: what is overdue, what is due, what waits, and where their work lies."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from lianxin.kernel.cases import queues
from lianxin.kernel.cases.queues import Wanted
from lianxin.kernel.cases.workflow import Party, workflows
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.roles import role_kind
from lianxin.kernel.text import Text
from lianxin.web import navigation
from lianxin.web.casework.listing import listed_line, matter

FIRST = 8


@dataclass(frozen=True, slots=True)
class Count:
    """How many wait, and where they are."""

    label: Text
    href: str
    number: str
    tone: str


def desk_facts(viewer: Actor, *, at: datetime) -> dict[str, Any]:
    """All that the home of an office holder says: a handful of statements, however long the queue."""
    kinds = {role.kind for role in viewer.roles}
    facts: dict[str, Any] = {
        "offices": [f"{role_kind(role.kind).label} · {role.organization.label}" for role in viewer.roles],
        "places": navigation.links(navigation.DESK, kinds, ""),
        "own": navigation.links((navigation.REPORT, navigation.SUGGEST, navigation.MINE), kinds, ""),
        "has_queue": not kinds.isdisjoint(owners()),
    }
    if facts["has_queue"]:
        mine = queues.queue_lines(viewer, Wanted("mine"), at=at, size=FIRST).cases
        # Whoever has nothing in hand looks after what others let lie.
        climbed = [] if mine else queues.queue_lines(viewer, Wanted("supervised"), at=at, size=FIRST).cases
        facts |= {
            "counts": _counts(viewer, at),
            "stages": list(_stages(viewer)),
            "supervises": bool(climbed),
            "lines": [listed_line(case, own=bool(mine)) for case in mine or climbed],
        }
    return facts


@cache
def owners() -> frozenset[str]:
    """The offices that a case can wait for."""
    stages = (stage for workflow in workflows() for stage in workflow.stages.values())
    return frozenset(stage.owner.code for stage in stages if not isinstance(stage.owner, Party))


def counted(count: int, most: int = queues.MANY) -> str:
    """A number, or that it is larger than was counted."""
    return f"{most - 1}+" if count >= most else str(count)


def _counts(viewer: Actor, at: datetime) -> list[Count]:
    found = queues.queue_counts(viewer, at=at)
    tabs = (
        ("overdue", Text("已逾期", "Overdue"), "red"),
        ("today", Text("今日到期", "Due today"), "orange"),
        ("mine", Text("全部待办", "All that waits"), "blue"),
        ("supervised", Text("督办", "Supervised"), "purple"),
    )
    queue = reverse("cases:queue")
    return [
        Count(label, f"{queue}?tab={tab}", counted(found[tab]), tone if found[tab] else "neutral")
        for tab, label, tone in tabs
    ]


def _stages(viewer: Actor) -> Iterator[Count]:
    found = queues.queue_stages(viewer)
    more = "+" if sum(found.values()) >= queues.LOT else ""
    for (kind, status), number in found.items():
        query = urlencode({"what": f"{kind}.{status}"})
        yield Count(matter(kind, status), f"{reverse('cases:queue')}?{query}", f"{number}{more}", "neutral")

"""Cases as lines of a list."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import quote

from django.urls import reverse

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queues import Listed, ListedPage, Page
from lianxin.kernel.cases.workflow import Party, workflow_for
from lianxin.kernel.people.roles import role_kind
from lianxin.kernel.text import Text

PARTIES = {str(Party.REPORTER): Text("报告人", "the reporter"), str(Party.SYSTEM): Text("系统", "the system")}


@dataclass(frozen=True, slots=True)
class Shown:
    """A status with its word, as the status component draws it."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Line:
    """What a list says of a case."""

    number: str
    title: str
    href: str
    kind: Text
    status: Shown
    place: str
    whose_turn: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    escalation: int
    weight: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class NextPage:
    """What the pager component wants: the cursor of the following page."""

    next: str | None


def address(number: str) -> str:
    """Where a case's page is. Looked up once: a list asks for fifty."""
    before, after = _around()
    return f"{before}{quote(number)}{after}"


@cache
def _around() -> tuple[str, str]:
    before, _, after = reverse("cases:case", args=["NUMBER"]).partition("NUMBER")
    return before, after


def line(case: Case) -> Line:
    """Compose the line; the kind and status words come from its workflow."""
    return _line(case, place=case.organization.label, turn=whose_turn(case))


def listed_line(case: Listed, *, own: bool = False) -> Line:
    """The same, of a case read for a list; ``own`` when the reader's turn goes without saying."""
    owner = str(Text(case.owner, case.owner_en or case.owner)) if case.owner else ""
    turn = "" if own or case.closed_at else _turn(case.owner_role, owner)
    return _line(case, place=str(Text(case.place, case.place_en or case.place)), turn=turn)


def _line(case: Case | Listed, *, place: str, turn: str) -> Line:
    workflow = workflow_for(case.kind)
    return Line(
        number=case.number,
        title=case.title or str(workflow.label),
        href=address(case.number),
        kind=workflow.label,
        status=Shown(case.status, workflow.status_label(case.status)),
        place=place,
        whose_turn=turn,
        opened_at=case.opened_at,
        due_at=case.due_at,
        closed_at=case.closed_at,
        escalation=case.escalation,
        weight=workflow.weight.words.get(case.weight)
        if workflow.weight and isinstance(case, Listed)
        else None,
    )


def matter(kind: str, status: str) -> Text:
    """A kind with one of its statuses, as a choice."""
    workflow = workflow_for(kind)
    return Text("{kind} · {status}", "{kind} · {status}").format(
        kind=workflow.label, status=workflow.status_label(status)
    )


def whose_turn(case: Case) -> str:
    """Who has to act now, in words a worker understands; nothing when the case is closed."""
    return "" if case.closed_at else _turn(case.owner_role, case.owner.label if case.owner else "")


def _turn(role: str, owner: str) -> str:
    if not role:
        return ""
    if role in PARTIES:
        return str(PARTIES[role])
    office = str(role_kind(role).label)
    return f"{owner} · {office}" if owner else office


def next_page(page: Page | ListedPage) -> NextPage:
    """The pager's view of a page."""
    return NextPage(page.after)

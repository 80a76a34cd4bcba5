"""Cases as lines of a list."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queries import Page
from lianxin.kernel.cases.workflow import Party, workflow_for
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.roles import role_kind
from lianxin.kernel.text import Text


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
    place: Organization
    whose_turn: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    escalation: int


@dataclass(frozen=True, slots=True)
class NextPage:
    """What the pager component wants: the cursor of the following page."""

    next: str | None


def line(case: Case) -> Line:
    """Compose the line; the kind and status words come from its workflow."""
    workflow = workflow_for(case.kind)
    return Line(
        number=case.number,
        title=case.title or str(workflow.label),
        href=reverse("cases:case", args=[case.number]),
        kind=workflow.label,
        status=Shown(case.status, workflow.status_label(case.status)),
        place=case.organization,
        whose_turn=whose_turn(case),
        opened_at=case.opened_at,
        due_at=case.due_at,
        closed_at=case.closed_at,
        escalation=case.escalation,
    )


def whose_turn(case: Case) -> str:
    """Who has to act now, in words a worker understands; nothing when the case is closed."""
    if case.closed_at or not case.owner_role:
        return ""
    if case.owner_role == Party.REPORTER:
        return str(Text("报告人", "the reporter"))
    if case.owner_role == Party.SYSTEM:
        return str(Text("系统", "the system"))
    role = role_kind(case.owner_role).label
    return f"{case.owner.label} · {role}" if case.owner else str(role)


def next_page(page: Page) -> NextPage:
    """The pager's view of a page."""
    return NextPage(page.after)

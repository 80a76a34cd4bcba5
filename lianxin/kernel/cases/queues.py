"""What waits for an office: its lines in an order, a page at a time, what comes next, and how many there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case as Choose
from django.db.models import Q, QuerySet, Value, When

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.workflow import workflows
from lianxin.kernel.clock import CHINA
from lianxin.kernel.people.actors import Actor, ActorKind
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text

PAGE = 50
MANY = 100
LOT = 1_000
# How many of a queue are put into an order that no index keeps.
SORTED = 500


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list without a total; ``after`` is the cursor of the next page, if there is one."""

    cases: Sequence[Case]
    after: str | None


class Listed(NamedTuple):
    """What a list says of a case, without the rest of its row: reading fifty whole ones costs three times as much."""

    pk: int
    number: str
    kind: str
    title: str
    status: str
    place: str
    place_en: str
    owner: str | None
    owner_en: str | None
    owner_role: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    escalation: int
    weight: int


# The columns of ``Listed``, in its order.
_LISTED = (
    "pk",
    "number",
    "kind",
    "title",
    "status",
    "organization__name",
    "organization__name_en",
    "owner__name",
    "owner__name_en",
    "owner_role",
    "opened_at",
    "due_at",
    "closed_at",
    "escalation",
    "weight",
)


class Order(StrEnum):
    """In which order a queue is read."""

    DUE = "due"
    NEWEST = "newest"
    OLDEST = "oldest"
    WEIGHT = "weight"


# Keyset columns of each order, the last of them unique. A queue of one's own is kept by deadline and by arrival
# (``cases_queue``, ``cases_arrivals``); any other order is that of the ``SORTED`` that are due first.
_COLUMNS = {
    Order.DUE: ("due_at", "id"),
    Order.NEWEST: ("-opened_at", "-id"),
    Order.OLDEST: ("opened_at", "id"),
    Order.WEIGHT: ("-weight", "due_at", "id"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a queue is asked for: a tab, a matter in it, words in the matter or the place; and in which order.

    Tabs: ``mine``, ``today``, ``overdue`` (of mine) or ``supervised`` (climbed to me).
    """

    tab: str = "mine"
    kind: str = ""
    status: str = ""
    words: str = ""
    order: Order = Order.DUE


@dataclass(frozen=True, slots=True)
class ListedPage:
    """One page of lines, continued like ``Page``."""

    cases: Sequence[Listed]
    after: str | None


def queue(viewer: Actor, tab: str, *, at: datetime, after: str | None = None, kind: str = "") -> Page:
    """Open cases by deadline. One statement, one index range, no exact count."""
    return page_by_due(_waiting(viewer, Wanted(tab, kind), at), after=after)


def queue_lines(
    viewer: Actor, wanted: Wanted, *, at: datetime, after: str | None = None, size: int = PAGE
) -> ListedPage:
    """A page of the queue as lines, in the order asked for."""
    chosen = _in_order(_waiting(viewer, wanted, at), wanted, after)
    rows = [Listed(*row) for row in chosen.values_list(*_LISTED)[: size + 1]]
    return ListedPage(rows[:size], _mark(rows[size - 1], wanted.order) if len(rows) > size else None)


def next_in_queue(
    viewer: Actor, case: Case, wanted: Wanted, *, at: datetime, past: str | None = None
) -> tuple[Listed | None, str | None]:
    """What waits for the viewer after this case, and the mark of the place in the queue where that was looked for.

    A case that no longer waits for the viewer is gone from its place, which ``past`` remembers; what lay behind it
    comes next, and after the last of the queue its first again.
    """
    waiting = _waiting(viewer, wanted, at).exclude(pk=case.pk)
    if _waits_for(viewer, case, wanted.tab):
        weighs = wanted.order is Order.WEIGHT
        placed = _weighed(Case.objects.filter(pk=case.pk), wanted.order).get() if weighs else case
        past = _mark(placed, wanted.order)
        return _first(waiting, wanted, past), past
    return (_first(waiting, wanted, past) if past else None) or _first(waiting, wanted, None), past


def _first(waiting: QuerySet[Case], wanted: Wanted, after: str | None) -> Listed | None:
    row = _in_order(waiting, wanted, after).values_list(*_LISTED).first()
    return Listed(*row) if row else None


def _waits_for(viewer: Actor, case: Case, tab: str) -> bool:
    if case.closed_at is not None:
        return False
    if tab == "supervised":
        return any(role.organization_id == case.supervisor_id for role in viewer.roles)
    return any((role.organization_id, role.kind) == (case.owner_id, case.owner_role) for role in viewer.roles)


def _waiting(viewer: Actor, wanted: Wanted, at: datetime) -> QuerySet[Case]:
    if wanted.kind and wanted.kind not in {workflow.kind for workflow in workflows()}:
        # Text from an address, which may hold what no column can.
        return Case.objects.none()
    chosen = Case.objects.filter(closed_at=None).filter(_lot(viewer, wanted.tab))
    if wanted.tab in {"overdue", "today"}:
        chosen = chosen.filter(_due(wanted.tab, at))
    if wanted.kind:
        chosen = chosen.filter(kind=wanted.kind)
    if wanted.status:
        chosen = chosen.filter(status=wanted.status)
    if wanted.words:
        chosen = chosen.filter(
            Q(title__icontains=wanted.words) | Q(organization__name__icontains=wanted.words)
        )
    return chosen


def _in_order(waiting: QuerySet[Case], wanted: Wanted, after: str | None) -> QuerySet[Case]:
    """The cases in their order, behind a mark; what no index keeps in this order is bounded first."""
    order = wanted.order
    if order is Order.WEIGHT or (wanted.tab == "supervised" and order is not Order.DUE):
        waiting = Case.objects.filter(pk__in=waiting.order_by("due_at", "id").values("pk")[:SORTED])
    weighed = _weighed(waiting, order)
    return (weighed.filter(_beyond(after, order)) if after else weighed).order_by(*_COLUMNS[order])


def _weighed(cases: QuerySet[Case], order: Order) -> QuerySet[Case]:
    """Cases with their weight, where the order asks for it: what their kind says of it, else 0."""
    kinds = [workflow for workflow in workflows() if workflow.weight is not None]
    if order is not Order.WEIGHT or not kinds:
        return cases.annotate(weight=Value(0))
    return cases.annotate(
        weight=Choose(
            *(When(kind=workflow.kind, then=workflow.weight.value) for workflow in kinds if workflow.weight),
            default=Value(0),
        )
    )


def _due(tab: str, at: datetime) -> Q:
    """Past its time, or due by the end of this day in China, whatever zone the moment is told in."""
    if tab == "overdue":
        return Q(due_at__lt=at)
    midnight = at.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return Q(due_at__gte=at, due_at__lt=midnight)


def page_by_due(cases: QuerySet[Case], *, after: str | None, size: int = PAGE) -> Page:
    """A page in the order of the deadline, continued after a cursor; cases without a deadline come last."""
    behind = cases.filter(_beyond(after, Order.DUE)) if after else cases
    rows = list(behind.order_by(*_COLUMNS[Order.DUE]).select_related("organization", "owner")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, _mark(rows[-1], Order.DUE) if more else None)


def queue_counts(viewer: Actor, *, at: datetime) -> dict[str, int]:
    """How many are in each tab, counted no further than ``MANY``: a page need not know more. One statement."""
    open_cases = Case.objects.filter(closed_at=None)
    mine = open_cases.filter(_lot(viewer, "mine"))
    tabs = {
        "mine": mine,
        "today": mine.filter(_due("today", at)),
        "overdue": mine.filter(_due("overdue", at)),
        "supervised": open_cases.filter(_lot(viewer, "supervised")),
    }
    return dict(zip(tabs, _up_to_many(tabs.values()), strict=True))


def queue_stages(viewer: Actor) -> dict[tuple[str, str], int]:
    """How many of mine stand in each status of each kind, the most first; of a longer queue only of ``LOT``."""
    lot = Case.objects.filter(closed_at=None).filter(_lot(viewer, "mine"))
    try:
        statement, given = lot.values("kind", "status")[:LOT].query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, status, count(*) FROM ({statement}) lot"  # noqa: S608 - composed by Django
            " GROUP BY kind, status ORDER BY 3 DESC, 1, 2",
            given,
        )
        return {(kind, status): count for kind, status, count in cursor.fetchall()}


def _up_to_many(tabs: Iterable[QuerySet[Case]]) -> tuple[int, ...]:
    counted: list[str] = []
    values: list[Any] = []
    for cases in tabs:
        try:
            statement, given = cases.values("pk")[:MANY].query.sql_with_params()
        except EmptyResultSet:
            # Django does not ask the database for what can hold nothing.
            counted.append("0")
        else:
            counted.append(f"(SELECT count(*) FROM ({statement}) counted)")  # noqa: S608 - composed by Django
            values += given
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counted)}", values)
        found: tuple[int, ...] = cursor.fetchone()
    return found


def _lot(viewer: Actor, tab: str) -> Q:
    if viewer.kind is not ActorKind.PERSON or not viewer.roles:
        return Q(pk__in=[])
    if tab == "supervised":
        return Q(supervisor__in={role.organization_id for role in viewer.roles})
    lot = Q(pk__in=[])
    for role in viewer.roles:
        lot |= Q(owner=role.organization_id, owner_role=role.kind)
    return lot


def _mark(case: Any, order: Order) -> str:
    """The place of a case (or of a line of one) in an order, as text that an address can hold."""
    if order in {Order.NEWEST, Order.OLDEST}:
        return f"{case.opened_at.isoformat()}|{case.pk}"
    due = f"{case.due_at.isoformat() if case.due_at else ''}|{case.pk}"
    return f"{case.weight}|{due}" if order is Order.WEIGHT else due


def _beyond(mark: str, order: Order) -> Q:
    try:
        if order is Order.WEIGHT:
            weight, _, rest = mark.partition("|")
            return Q(weight__lt=int(weight)) | Q(weight=int(weight)) & _due_beyond(rest)
        if order is Order.DUE:
            return _due_beyond(mark)
        moment, _, pk = mark.partition("|")
        opened, last = datetime.fromisoformat(moment), int(pk)
    except ValueError:
        raise Refused(
            "cursor_invalid",
            Text(
                "翻页标记已失效，请从第一页重新打开。",
                "This page mark is not valid. Start from the first page again.",
            ),
            field="after",
        ) from None
    # The first half is what the index is entered by.
    if order is Order.NEWEST:
        return Q(opened_at__lte=opened) & (Q(opened_at__lt=opened) | Q(pk__lt=last))
    return Q(opened_at__gte=opened) & (Q(opened_at__gt=opened) | Q(pk__gt=last))


def _due_beyond(mark: str) -> Q:
    due, _, pk = mark.partition("|")
    moment, last = datetime.fromisoformat(due) if due else None, int(pk)
    if moment is None:
        return Q(due_at=None, pk__gt=last)
    return Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=last) | Q(due_at=None)

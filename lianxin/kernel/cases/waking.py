"""What the passing of time does to cases: steps that ripen, deadlines that pass, climbing up the tree."""

import logging
from datetime import datetime, timedelta
from functools import cache

from lianxin.kernel import events, scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases import routing
from lianxin.kernel.cases.deadlines import Duration, moment_after
from lianxin.kernel.cases.events import CaseMoved
from lianxin.kernel.cases.history import stream_of
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.cases.workflow import workflow_for
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.prepared import run
from lianxin.kernel.statements import columns_of, fetch, instance, update

AGAIN = timedelta(hours=1)
logger = logging.getLogger(__name__)


def escalate(case: Case, *, at: datetime) -> Case:
    """Let an overdue case climb one level: the next union above is told and sees it among the supervised."""
    with scope.act():
        fresh = fetch(Case, pk=case.pk, lock=True)
        above = routing.supervisor_above(fresh)
        before = {"escalation": fresh.escalation, "supervisor": fresh.supervisor_id}
        fresh.escalation += 1
        fresh.supervisor = above or fresh.supervisor
        fresh.wake_at = moment_after(at, routing.climbing_pause()) if above else None
        update(fresh, "escalation", "supervisor", "wake_at")
        record(
            f"{fresh.kind}.escalate",
            stream=stream_of(fresh),
            actor=SYSTEM.label,
            at=at,
            before=before,
            after={"escalation": fresh.escalation, "supervisor": fresh.supervisor_id, "status": fresh.status},
        )
        events.publish(
            CaseMoved(
                case_id=fresh.pk,
                kind=fresh.kind,
                step="escalate",
                from_status=fresh.status,
                to_status=fresh.status,
                at=at,
                case=fresh,
            )
        )
    return fresh


def wake(case: Case, *, at: datetime) -> Case:
    """Do what the passing of time asks of a case: an automatic step that is ripe, else one climb if overdue."""
    workflow = workflow_for(case.kind)
    for step in workflow.steps_from(case.status):
        if step.after and _ripe(case, step.after) <= at:
            return perform(case, step.name, actor=SYSTEM, at=at)
    if case.due_at and case.due_at <= at and case.closed_at is None:
        return escalate(case, at=at)
    return case


def wake_due(*, at: datetime, limit: int = 500) -> int:
    """Wake every case whose moment has come; several workers share the work without meeting. Returns how many.

    One that cannot be woken is tried again after ``AGAIN``, and holds up no other.
    """
    woken = 0
    for _ in range(limit):
        number = ""
        try:
            with scope.act():
                found = run(_due(), [at])
                if not found:
                    return woken
                case = instance(Case, found[0])
                number, before = case.number, case.wake_at
                after = wake(case, at=at)
                if after.wake_at == before:
                    Case.objects.filter(pk=case.pk).update(wake_at=None)
                woken += 1
        except Exception as fault:
            if not number:
                raise
            # Not the fault's own words: the database tells the failing row, with what somebody wrote.
            logger.error("case %s cannot be woken (%s); tried again later", number, type(fault).__name__)  # noqa: TRY400
            with scope.act():
                Case.objects.filter(number=number).update(wake_at=at + AGAIN)
    return woken


@cache
def _due() -> str:
    """The case that has waited longest, locked; one that another worker has in hand is passed over."""
    return f"""SELECT {columns_of(Case, "c")} FROM cases_case c WHERE c.closed_at IS NULL AND c.wake_at <= $1
ORDER BY c.wake_at, c.id LIMIT 1 FOR UPDATE SKIP LOCKED"""  # noqa: S608 - the model's own names


def _ripe(case: Case, after: Duration) -> datetime:
    return moment_after(case.entered_at, routing.window_for(case, after, case.entered_at))

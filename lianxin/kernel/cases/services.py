"""The one door for every change of a case: opening, performing a step, climbing, merging.

Each deed is one transaction: lock, compare-and-set on the status, rule, separation of duties, evidence,
effect, new owner and deadline, history, log; notices travel as events.
"""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from lianxin.kernel import crypto, events, scope
from lianxin.kernel.audit.services import canonical, record
from lianxin.kernel.cases import reporters, routing
from lianxin.kernel.cases.attachments import Prepared, check_evidence, keep
from lianxin.kernel.cases.deadlines import Duration, moment_after
from lianxin.kernel.cases.events import CaseMoved, CaseOpened
from lianxin.kernel.cases.models import Act, Case, Duty
from lianxin.kernel.cases.numbers import next_number
from lianxin.kernel.cases.reporters import Reporting
from lianxin.kernel.cases.rules import can_perform, duty_claims, performs_as, role_for_step, same_hand
from lianxin.kernel.cases.workflow import Deed, Opening, Party, Step, Verdict, Workflow, workflow_for
from lianxin.kernel.orgs.models import Organization, Site
from lianxin.kernel.people.actors import SYSTEM, Actor
from lianxin.kernel.people.models import Role
from lianxin.kernel.refusals import Conflict, NotAllowed, NotFound, Refused
from lianxin.kernel.text import Text

OPEN = "open"
Files = Mapping[str, Sequence[Prepared]]


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening a case gives back. ``receipt`` is shown once and kept nowhere."""

    case: Case
    receipt: str | None
    created: bool


def open_case(
    workflow: Workflow,
    *,
    actor: Actor,
    at: datetime,
    organization: Organization,
    data: Mapping[str, Any],
    title: str,
    reporting: Reporting | None = None,
    site: Site | None = None,
    files: Files | None = None,
    parent: Case | None = None,
    client_token: uuid.UUID | None = None,
) -> Opened:
    """Open a case of a kind, with its detail row, reporters, files, first history row and log entry.

    The same ``client_token`` a second time gives the case of the first. ``data`` are the cleaned values of the
    kind's opening form; ``data["spoken"]``, when given, is what history may show.
    """
    opening = workflow.opening
    if opening is None:
        message = f"{workflow.kind} has no opening"
        raise ValueError(message)
    _may_open(workflow, opening, actor, organization, reporting)
    check_evidence(opening.evidence, files or {})
    if opening.check:
        opening.check(dict(data), files or {})
    with scope.act():
        case = _insert_case(workflow, organization, title, at, site, parent, client_token)
        if case is None:
            return Opened(Case.objects.get(client_token=client_token), None, created=False)
        receipt = reporters.attach(case, reporting, actor=actor) if reporting else None
        for author in reporters.authors_known(actor, reporting):
            _claim(duty_claims(author, case, dict(opening.duties), None), at)
        opening.create(case, dict(data))
        act = _write_act(
            case,
            step=OPEN,
            from_status="",
            actor=reporters.spoken_actor(actor, reporting),
            role=None,
            at=at,
            data=dict(data.get("spoken", {})),
            files=files or {},
        )
        keep(case, act, files or {})
        if opening.after:
            opening.after(case, dict(data), actor, at)
        events.publish(CaseOpened(case_id=case.pk, kind=case.kind, at=at))
    return Opened(case, receipt, created=True)


def _may_open(
    workflow: Workflow, opening: Opening, actor: Actor, organization: Organization, reporting: Reporting | None
) -> None:
    """Some kinds are opened by an office only, and not every kind can be raised without a name."""
    held = actor.role_for(opening.by, organization.path)
    if opening.by and not held and actor is not SYSTEM:
        words = Text("、".join(kind.label.zh for kind in opening.by), ", ".join(k.label.en for k in opening.by))
        raise NotAllowed("wrong_role", Text("须由{who}发起。", "This is opened by: {who}.").format(who=words))
    if reporting and reporting.mode not in opening.modes:
        raise Refused(
            "mode_not_offered",
            Text("“{kind}”不能以这种方式提交。", "“{kind}” cannot be submitted in this way.").format(kind=workflow.label),
            field="mode",
        )


def perform(
    case: Case,
    step_name: str,
    *,
    actor: Actor,
    at: datetime,
    files: Files | None = None,
    client_token: uuid.UUID | None = None,
    inputs: Mapping[str, Any] | None = None,
    **named: Any,
) -> Case:
    """Take one step, for page, API and replay alike, and return the fresh case.

    The values of the step's form come as ``inputs`` (a query dict or a plain one) or by name.

    Raises ``NotFound`` for a step the kind does not have, ``NotAllowed`` with the reason for the wrong person,
    ``Conflict`` for a step out of turn or twice at once, ``Invalid`` for faulty inputs, ``Refused`` for
    missing evidence. The same ``client_token`` a second time changes nothing.
    """
    workflow = workflow_for(case.kind)
    step = step_of(workflow, step_name)
    with scope.act():
        fresh = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if client_token and Act.objects.filter(client_token=client_token, case=fresh).exists():
            return fresh
        refuse(can_perform(actor, fresh, step, at), fresh)
        values, spoken = _clean(step, actor=actor, at=at, case=fresh, inputs=inputs or named)
        check_evidence(step.needs, files or {})
        role = role_for_step(actor, fresh, step)
        _claim(duty_claims(actor, fresh, dict(step.duties), role), at)
        _advance(
            workflow,
            fresh,
            step,
            actor=actor,
            role=role if performs_as(actor, fresh, step) != Party.REPORTER else None,
            at=at,
            values=values,
            spoken=spoken,
            files=files or {},
            client_token=client_token,
        )
    return fresh


def step_of(workflow: Workflow, name: str) -> Step:
    """The step of this name; raises ``NotFound``."""
    try:
        return workflow.steps[name]
    except KeyError:
        raise NotFound(
            "unknown_step", Text("没有“{name}”这一步。", "There is no step “{name}”.").format(name=name), field="step"
        ) from None


def escalate(case: Case, *, at: datetime) -> Case:
    """Let an overdue case climb one level: the next union above is told and sees it among the supervised."""
    with scope.act():
        fresh = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        above = routing.supervisor_above(fresh)
        before = {"escalation": fresh.escalation, "supervisor": fresh.supervisor_id}
        fresh.escalation += 1
        fresh.supervisor = above or fresh.supervisor
        fresh.wake_at = moment_after(at, routing.climbing_pause()) if above else None
        fresh.save(update_fields=["escalation", "supervisor", "wake_at"])
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


def _ripe(case: Case, after: Duration) -> datetime:
    return moment_after(case.entered_at, routing.window_for(case, after, case.entered_at))


def wake_due(*, at: datetime, limit: int = 500) -> int:
    """Wake every case whose moment has come; several workers share the work without meeting. Returns how many."""
    woken = 0
    for _ in range(limit):
        with scope.act():
            case = (
                Case.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(closed_at=None, wake_at__lte=at)
                .order_by("wake_at")
                .first()
            )
            if case is None:
                return woken
            before = case.wake_at
            after = wake(case, at=at)
            if after.wake_at == before:
                Case.objects.filter(pk=case.pk).update(wake_at=None)
            woken += 1
    return woken


def stream_of(case: Case) -> str:
    """The log stream of a case."""
    return f"case:{case.pk}"


def _insert_case(
    workflow: Workflow,
    organization: Organization,
    title: str,
    at: datetime,
    site: Site | None,
    parent: Case | None,
    client_token: uuid.UUID | None,
) -> Case | None:
    """Insert the row, or nothing when the client token has opened a case already."""
    case = Case(
        number=next_number(workflow.prefix, at),
        kind=workflow.kind,
        title=title[:200],
        status=workflow.initial,
        organization=organization,
        organization_path=organization.path,
        site=site,
        region_id=organization.region_id,
        parent=parent,
        root_id=parent.chain_id if parent else None,
        opened_at=at,
        entered_at=at,
        client_token=client_token,
    )
    _route(workflow, case, at=at, due_at=None)
    if client_token is None:
        case.save(force_insert=True)
        return case
    # A unique violation would break the transaction, so the second sender waits for the first here.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(client_token)])
    if Case.objects.filter(client_token=client_token).exists():
        return None
    case.save(force_insert=True)
    return case


def _advance(
    workflow: Workflow,
    case: Case,
    step: Step,
    *,
    actor: Actor,
    role: Role | None,
    at: datetime,
    values: dict[str, Any],
    spoken: dict[str, Any],
    files: Files,
    client_token: uuid.UUID | None,
) -> None:
    before = case.status
    detail = workflow.model._default_manager.get(case=case)  # noqa: SLF001 - Django's public name for it
    deed = Deed(
        case=case,
        detail=detail,
        actor=actor,
        at=at,
        data=values,
        target=step.move.target or case.status,
        outcome=step.outcome,
    )
    if step.effect:
        step.effect(deed)
    case.status = deed.target
    case.entered_at = at
    case.escalation = 0
    case.supervisor = None
    if case.status in workflow.final:
        case.closed_at = at
        case.outcome = deed.outcome or step.name
    elif case.closed_at is not None:
        case.closed_at = None
        case.outcome = ""
    _route(workflow, case, at=at, due_at=deed.due_at, owner=deed.owner)
    case.save(
        update_fields=[
            "status",
            "entered_at",
            "escalation",
            "supervisor",
            "closed_at",
            "outcome",
            "owner",
            "owner_role",
            "due_at",
            "wake_at",
            "disclosed_at",
            "merged_into",
        ]
    )
    written = _write_act(
        case,
        step=step.name,
        from_status=before,
        actor=actor,
        role=role,
        at=at,
        data=spoken,
        files=files,
        client_token=client_token,
        by_reporter=performs_as(actor, case, step) == Party.REPORTER,
    )
    keep(case, written, files)
    events.publish(
        CaseMoved(
            case_id=case.pk, kind=case.kind, step=step.name, from_status=before, to_status=case.status, at=at
        )
    )


def _route(
    workflow: Workflow,
    case: Case,
    *,
    at: datetime,
    due_at: datetime | None,
    owner: Organization | None = None,
) -> None:
    """Set owner, deadline and waking time for the status that the case is in."""
    stage = workflow.stages.get(case.status)
    case.owner, case.owner_role, case.due_at = None, "", None
    if case.closed_at is not None:
        case.wake_at = None
        return
    if stage:
        case.owner, case.owner_role = routing.responsible(stage.owner, case.organization_path)
        case.owner = owner or case.owner
        limit: Duration | None = routing.limit_for(case, stage, at)
        case.due_at = due_at or (moment_after(at, limit) if limit else None)
        if stage.discloses and case.disclosed_at is None:
            case.disclosed_at = at
    moments = [
        moment_after(at, routing.window_for(case, step.after, at))
        for step in workflow.steps_from(case.status)
        if step.after is not None
    ]
    case.wake_at = min([*moments, *([case.due_at] if case.due_at else [])], default=None)


def refuse(verdict: Verdict, case: Case) -> None:
    """Raise what a verdict says, if it says no: ``Conflict`` with who was first, or ``NotAllowed``."""
    if verdict.allowed:
        return
    reason = verdict.reason or Text("不能办理。", "This cannot be done.")
    if verdict.code == "out_of_turn":
        last = Act.objects.filter(case=case).select_related("organization").order_by("-id").first()
        if last:
            reason = Text("{why} 最近一步:{step},{when}。", "{why} Last step: {step}, {when}.").format(
                why=reason, step=step_label(case.kind, last.step), when=last.at.strftime("%Y-%m-%d %H:%M")
            )
        raise Conflict(verdict.code, reason)
    raise NotAllowed(verdict.code, reason)


def step_label(kind: str, name: str) -> Text:
    """The words for a step in history; opening and climbing are common to all kinds."""
    common = {OPEN: Text("提交", "Submitted"), "escalate": Text("逾期上报", "Escalated")}
    steps = workflow_for(kind).steps
    return steps[name].label if name in steps else common.get(name, Text(name, name))


def _clean(
    step: Step, *, actor: Actor, at: datetime, case: Case, inputs: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    if step.form is None:
        return {}, {}
    form = step.form(inputs, actor=actor, at=at, case=case)
    return form.values(), form.spoken()


def _claim(claims: Sequence[Duty], at: datetime) -> None:
    """Take the duties; the unique constraint decides between two threads of one person."""
    for claim in claims:
        claim.at = at
    Duty.objects.bulk_create(claims, ignore_conflicts=True)
    for claim in claims:
        taken = Duty.objects.get(chain_id=claim.chain_id, group=claim.group, subject=claim.subject)
        if taken.duty != claim.duty:
            verdict = same_hand(claim.group)
            raise NotAllowed(verdict.code, verdict.reason or Text("", ""))


def _write_act(
    case: Case,
    *,
    step: str,
    from_status: str,
    actor: Actor,
    role: Role | None,
    at: datetime,
    data: dict[str, Any],
    files: Files,
    client_token: uuid.UUID | None = None,
    by_reporter: bool = False,
) -> Act:
    """History row and log entry. The log holds a commitment to what was said, so a text can be erased later."""
    data = reporters.plain(data)
    salt = secrets.token_bytes(16)
    hidden = by_reporter or step == OPEN
    label = reporters.label_for(case, actor) if hidden else actor.label
    entry = record(
        f"{case.kind}.{step}",
        stream=stream_of(case),
        actor=label,
        at=at,
        before={"status": from_status},
        after={
            "status": case.status,
            "number": case.number,
            "organization": case.organization_id,
            "role": role.kind if role else "",
            "said": crypto.commitment(salt, canonical(data)),
            "files": [p.sha256.hex() for prepared in files.values() for p in prepared],
        },
        request_id=actor.request_id,
    )
    return Act.objects.create(
        case=case,
        step=step,
        from_status=from_status,
        to_status=case.status,
        at=at,
        actor=label,
        person=actor.person if role else None,
        organization=role.organization if role else None,
        role=role.kind if role else "",
        data=data,
        salt=salt,
        entry=entry,
        client_token=client_token,
    )


__all__ = [
    "OPEN",
    "Files",
    "Opened",
    "Refused",
    "escalate",
    "open_case",
    "perform",
    "refuse",
    "step_label",
    "step_of",
    "stream_of",
    "wake",
    "wake_due",
]

"""The one door for every change of a case: opening one, and performing a step.

Each deed is one transaction: lock, compare-and-set on the status, rule, separation of duties, evidence,
effect, new owner and deadline, history, log; notices travel as events.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError

from lianxin.kernel import events, scope
from lianxin.kernel.cases import reporters, routing
from lianxin.kernel.cases.attachments import check_evidence, keep
from lianxin.kernel.cases.events import CaseMoved, CaseOpened
from lianxin.kernel.cases.history import (
    OPEN,
    Files,
    claim_duties,
    compose_act,
    step_label,
    stream_of,
)
from lianxin.kernel.cases.models import Act, Case
from lianxin.kernel.cases.numbers import next_number
from lianxin.kernel.cases.reporters import Reporting
from lianxin.kernel.cases.rules import can_perform_but_for_duties, duty_claims, performs_as, role_for_step
from lianxin.kernel.cases.workflow import Deed, Opening, Party, Step, Verdict, Workflow, workflow_for
from lianxin.kernel.moments import moment_told
from lianxin.kernel.orgs.models import Organization, Site
from lianxin.kernel.people.actors import SYSTEM, Actor
from lianxin.kernel.people.models import Role
from lianxin.kernel.refusals import Conflict, NotAllowed, NotFound, Refused
from lianxin.kernel.statements import changed, fetch, insert, update, values_of
from lianxin.kernel.text import Text

if TYPE_CHECKING:
    from django.db.models import Model


# What a step may change of a case, its place apart.
_MOVES = (
    *("status", "entered_at", "escalation", "supervisor", "closed_at", "outcome"),
    *("owner", "owner_role", "due_at", "wake_at", "disclosed_at", "merged_into"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening a case gives back.

    ``receipts`` are for the answer alone and kept nowhere; the first is for whoever sent it, the others for those
    who raised it together with them.
    """

    case: Case
    receipts: tuple[str, ...]
    created: bool

    @property
    def receipt(self) -> str | None:
        """The code of whoever sent it, when there is one."""
        return self.receipts[0] if self.receipts else None


def open_case(  # noqa: PLR0913 - the one door for every kind
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
    try:
        with scope.act(recoverable=client_token is not None):
            case = _compose_case(workflow, organization, title, at, site, parent, client_token)
            rows: list[Model] = [case, *opening.create(case, dict(data))]
            raised, receipts = reporters.compose(case, reporting, actor=actor) if reporting else ([], ())
            rows += raised
            duties = [
                claim
                for author in reporters.authors_known(actor, reporting)
                for claim in duty_claims(author, case, dict(opening.duties), None)
            ]
            act = compose_act(
                case,
                step=OPEN,
                from_status="",
                actor=reporters.spoken_actor(actor, reporting),
                label=reporters.opening_label(actor, reporting),
                role=None,
                at=at,
                data=dict(data.get("spoken", {})),
                files=files or {},
            )
            rows += [act.entry, act]
            if parent is None:
                # The first of its chain: nobody can have taken a duty in it before.
                for duty in duties:
                    duty.at = at
                rows += duties
            else:
                claim_duties(duties, at)
            events.publish(CaseOpened(case, at, reporters=raised, rows=rows))
            insert(rows)
            keep(case, act, files or {})
            if opening.after:
                opening.after(case, dict(data), actor, at)
    except IntegrityError:
        # A token that has opened a case already; any other broken promise of the database is a fault.
        first = _opened_before(client_token)
        if first is None:
            raise
        return Opened(first, (), created=False)
    return Opened(case, receipts, created=True)


def _opened_before(client_token: uuid.UUID | None) -> Case | None:
    if client_token is None:
        return None
    with scope.act():
        return Case.objects.filter(client_token=client_token).first()


def _may_open(
    workflow: Workflow,
    opening: Opening,
    actor: Actor,
    organization: Organization,
    reporting: Reporting | None,
) -> None:
    """Some kinds are opened by an office only, and not every kind can be raised without a name."""
    held = actor.role_for(opening.by, organization.path)
    if opening.by and not held and actor is not SYSTEM:
        words = Text(
            "、".join(kind.label.zh for kind in opening.by), ", ".join(k.label.en for k in opening.by)
        )
        raise NotAllowed("wrong_role", Text("须由{who}发起。", "This is opened by: {who}.").format(who=words))
    if reporting and reporting.mode not in opening.modes:
        raise Refused(
            "mode_not_offered",
            Text("“{kind}”不能以这种方式提交。", "“{kind}” cannot be submitted in this way.").format(
                kind=workflow.label
            ),
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
        fresh = fetch(Case, pk=case.pk, lock=True)
        if client_token and Act.objects.filter(client_token=client_token, case=fresh).exists():
            return fresh
        refuse(can_perform_but_for_duties(actor, fresh, step, at), fresh)
        role = role_for_step(actor, fresh, step)
        claim_duties(duty_claims(actor, fresh, dict(step.duties), role), at)
        values, spoken = _clean(step, actor=actor, at=at, case=fresh, inputs=inputs or named)
        check_evidence(step.needs, files or {})
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
            "unknown_step",
            Text("没有“{name}”这一步。", "There is no step “{name}”.").format(name=name),
            field="step",
        ) from None


def _compose_case(
    workflow: Workflow,
    organization: Organization,
    title: str,
    at: datetime,
    site: Site | None,
    parent: Case | None,
    client_token: uuid.UUID | None,
) -> Case:
    number, key = next_number(workflow.prefix, at)
    case = Case(
        pk=key,
        number=number,
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
    routing.route(workflow, case, at=at, due_at=None)
    return case


def _advance(  # noqa: PLR0913 - all that the step has brought together
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
    before, due_before, wake_before = case.status, case.due_at, case.wake_at
    detail = fetch(workflow.model, case=case.pk)
    known = values_of(detail)
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
        update(detail, *changed(detail, known))
    # A step that stays where it was, without more time, does not make an overdue case look punctual.
    waits_on = deed.target == before and deed.due_at is not None and deed.due_at == due_before
    case.status = deed.target
    if not waits_on:
        case.entered_at = at
        case.escalation = 0
        case.supervisor = None
    if case.status in workflow.final:
        case.closed_at = at
        case.outcome = deed.outcome or step.name
    elif case.closed_at is not None:
        case.closed_at = None
        case.outcome = ""
    routing.route(workflow, case, at=at, due_at=deed.due_at, owner=deed.owner)
    if waits_on:
        case.wake_at = wake_before
    act = compose_act(
        case,
        step=step.name,
        from_status=before,
        actor=actor,
        role=role,
        at=at,
        data=spoken,
        files=files,
        client_token=client_token,
        label=reporters.label_for(case, actor) if role is None else None,
    )
    insert([act.entry, act], updating=case, fields=_MOVES)
    keep(case, act, files)
    events.publish(
        CaseMoved(
            case_id=case.pk,
            kind=case.kind,
            step=step.name,
            from_status=before,
            to_status=case.status,
            at=at,
            case=case,
            act=act,
        )
    )


def refuse(verdict: Verdict, case: Case) -> None:
    """Raise what a verdict says, if it says no: ``Conflict`` with who was first, or ``NotAllowed``."""
    if verdict.allowed:
        return
    reason = verdict.reason or Text("不能办理。", "This cannot be done.")
    if verdict.code == "out_of_turn":
        last = Act.objects.filter(case=case).select_related("organization", "person").order_by("-id").first()
        if last:
            reason = Text(
                "{why} 最近一步：{step}，{who}，{when}。", "{why} Last step: {step}, {who}, {when}."
            ).format(
                why=reason,
                step=step_label(case.kind, last.step),
                who=_who_was_first(last),
                when=moment_told(last.at, now=None),
            )
        raise Conflict(verdict.code, reason)
    raise NotAllowed(verdict.code, reason)


def _who_was_first(act: Act) -> Text | str:
    """The body and the masked officer, as history names them; the reporter stays the reporter."""
    if act.organization is None or not act.role:
        return Text("系统", "the system") if act.actor == "system" else Text("报告人", "the reporter")
    return " ".join(filter(None, [act.organization.label, act.person.masked_name if act.person else ""]))


def _clean(
    step: Step, *, actor: Actor, at: datetime, case: Case, inputs: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    if step.form is None:
        return {}, {}
    form = step.form(inputs, actor=actor, at=at, case=case)
    return form.values(), form.spoken()


__all__ = [
    "OPEN",
    "Files",
    "Opened",
    "open_case",
    "perform",
    "refuse",
    "step_label",
    "step_of",
    "stream_of",
]

"""Who may do what to a case, and why not."""

from datetime import datetime

from lianxin.kernel.cases.deadlines import moment_after
from lianxin.kernel.cases.models import Case, Duty
from lianxin.kernel.cases.routing import window_for
from lianxin.kernel.cases.workflow import YES, Party, Step, Verdict, no, workflow_for
from lianxin.kernel.crypto import subject_key
from lianxin.kernel.people.actors import Actor, ActorKind
from lianxin.kernel.people.models import Role
from lianxin.kernel.people.roles import role_kind
from lianxin.kernel.prepared import run
from lianxin.kernel.text import Text

BODY = "@body"
# As ReporterQuerySet.made_by has it.
_REPORTED = """SELECT mode FROM cases_reporter
WHERE case_id = $1::bigint AND (person_id = $2::bigint OR person_key = $3) LIMIT 1"""
_TAKEN = """SELECT duty FROM cases_duty WHERE chain_id = $1::bigint AND "group" = $2 AND subject = $3"""


def can_perform(actor: Actor, case: Case, step: Step, at: datetime) -> Verdict:
    """Whether the actor may take this step now: status, role, time window, the kind's own rule, duties."""
    verdict = can_perform_but_for_duties(actor, case, step, at)
    return duties_free(actor, case, step) if verdict.allowed else verdict


def can_perform_but_for_duties(actor: Actor, case: Case, step: Step, at: datetime) -> Verdict:
    """The same for whoever is about to claim the step's duties, which decides about them for good."""
    workflow = workflow_for(case.kind)
    if case.status not in step.move.sources:
        return no(
            "out_of_turn",
            Text(
                "办件现处“{status}”，不能{step}。",
                "The case is “{status}”; it cannot take the step “{step}”.",
            ).format(status=workflow.status_label(case.status), step=step.label),
        )
    if not performs_as(actor, case, step):
        return no("wrong_role", _who_may(step))
    window = window_for(case, step.within, case.entered_at) if step.within else None
    if window and at > moment_after(case.entered_at, window):
        return no(
            "too_late",
            Text("{step}的期限({within})已过。", "The time for “{step}” ({within}) has passed.").format(
                step=step.label, within=window.label
            ),
        )
    return step.rule(actor, case) if step.rule else YES


def performs_as(actor: Actor, case: Case, step: Step) -> str:
    """As what the actor may take the step: a role's code, ``reporter``, ``system``, or empty for not at all."""
    if actor.kind is ActorKind.SYSTEM and Party.SYSTEM in step.by:
        return Party.SYSTEM
    if Party.REPORTER in step.by and is_reporter(actor, case):
        return Party.REPORTER
    role = role_for_step(actor, case, step)
    return role.kind if role else ""


def role_for_step(actor: Actor, case: Case, step: Step) -> Role | None:
    """The actor's role under which they may take the step, if one covers the case's place."""
    role = actor.role_for(step.roles, case.organization_path)
    if role and role_kind(role.kind).narrow and case.disclosed_at is None:
        return None
    return role


def is_reporter(actor: Actor, case: Case) -> bool:
    """Whether the actor raised the case, as themselves or by its receipt."""
    if actor.kind is ActorKind.RECEIPT:
        return actor.case_id == case.pk
    return bool(reported_as(actor, case))


def reported_as(actor: Actor, case: Case) -> str:
    """The mode in which this person raised the case; empty for somebody who did not, or nobody."""
    if actor.person is None:
        return ""
    found = run(_REPORTED, [case.pk, actor.person.pk, actor.person_key])
    return str(found[0][0]) if found else ""


def duty_claims(actor: Actor, case: Case, duties: dict[str, str], role: Role | None) -> list[Duty]:
    """The duties that a step would take, one row per group; persons without an account take none."""
    claims = []
    for group, duty in duties.items():
        if group.endswith(BODY):
            value = f"organization:{role.organization_id}" if role else ""
        else:
            value = f"person:{actor.person.pk}" if actor.person else ""
        if value:
            subject = subject_key(case.chain_id, value)
            claims.append(Duty(chain_id=case.chain_id, group=group, subject=subject, duty=duty))
    return claims


def duties_free(actor: Actor, case: Case, step: Step) -> Verdict:
    """Whether the actor has not yet taken another duty of the step's groups in this chain."""
    if not step.duties:
        return YES
    claims = duty_claims(actor, case, dict(step.duties), role_for_step(actor, case, step))
    for claim in claims:
        if taken_duty(claim) not in ("", claim.duty):
            return same_hand(claim.group)
    return YES


def taken_duty(claim: Duty) -> str:
    """The duty that the subject of a claim has already in its group and chain; empty for none."""
    found = run(_TAKEN, [claim.chain_id, claim.group, claim.subject])
    return found[0][0] if found else ""


def same_hand(group: str) -> Verdict:
    """The refusal for a second duty in one group."""
    if group.endswith(BODY):
        return no(
            "same_body",
            Text(
                "同一单位不能经手两道关，请由另一方办理。",
                "One body cannot hold both keys: the other body has to do this.",
            ),
        )
    return no(
        "same_person",
        Text(
            "您已经手本办件的另一环节，须由他人办理。",
            "You have already taken another part in this case: somebody else has to do this.",
        ),
    )


def _who_may(step: Step) -> Text:
    labels = [party.label for party in step.roles]
    if Party.REPORTER in step.by:
        labels.append(Text("报告人", "the reporter"))
    if not labels:
        labels.append(Text("系统", "the system"))
    zh = "、".join(label.zh for label in labels)
    en = ", ".join(label.en for label in labels)
    return Text(f"“{step.label.zh}”须由{zh}办理。", f"“{step.label.en}” is for: {en}.")

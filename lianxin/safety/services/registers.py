"""Accidents, second looks, and how an enterprise grades its risks."""

import hashlib
from datetime import date, datetime

from django.db.models import Q

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queries import under
from lianxin.kernel.cases.services import open_case
from lianxin.kernel.cases.workflow import workflow_for
from lianxin.kernel.clock import day_of
from lianxin.kernel.money import Money
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text
from lianxin.safety import rules
from lianxin.safety.choices import RiskMethod
from lianxin.safety.models import Accident, SafetyProfile
from lianxin.safety.roles import SAFETY_OFFICE, SITE_MANAGER
from lianxin.safety.services.allowing import holding

_MOST_DRAWN = 200


def record_accident(
    enterprise: Organization,
    *,
    day: date,
    actor: Actor,
    at: datetime,
    deaths: int = 0,
    injured: int = 0,
    loss: Money = Money(0),  # noqa: B008 - Money is frozen
    accident_type: str = "",
    summary: str = "",
) -> Accident:
    """Enter an accident; its grade follows from deaths, serious injuries and loss.

    Raises ``Refused``: ``day_ahead`` for a day to come, ``count_invalid`` for less than nothing.
    """
    holding(actor, (SAFETY_OFFICE,), enterprise.path)
    if day > day_of(at):
        raise Refused("day_ahead", Text("日期不能晚于今天。", "The day cannot lie ahead."), field="day")
    if min(deaths, injured, loss.fen) < 0:
        raise Refused("count_invalid", Text("数目不能为负。", "A count cannot be negative."), field="deaths")
    with scope.act():
        accident = Accident.objects.create(
            enterprise=enterprise,
            enterprise_path=enterprise.path,
            day=day,
            grade=rules.accident_grade(deaths=deaths, injured=injured, loss=loss),
            deaths=deaths,
            injured=injured,
            loss_fen=loss.fen,
            accident_type=accident_type,
            summary=summary,
            recorded_at=at,
        )
        after = {"accident": accident.pk, "day": day.isoformat(), "deaths": deaths, "injured": injured}
        _log("accident.record", enterprise, actor, at, after)
    return accident


def draw_rechecks(
    organization: Organization, *, count: int, seed: str, since: datetime, actor: Actor, at: datetime
) -> list[Case]:
    """Draw closed reports for a second look, by a seed that anybody can repeat; returns the new cases.

    The draw takes the reports whose hash with the seed comes first. The same seed a second time draws on:
    what it has drawn before is left out.
    """
    holding(actor, (SAFETY_OFFICE,), organization.path)
    if not 1 <= count <= _MOST_DRAWN or not seed.strip():
        raise Refused(
            "draw_invalid",
            Text("请给出 1 到 200 的数目和抽样种子。", "Give a number from 1 to 200 and a seed."),
            field="count",
        )
    with scope.act():
        closed = (
            Case.objects.filter(under(organization.jurisdiction_path), kind="hazard", status="closed")
            .filter(Q(closed_at__gte=since))
            .exclude(rechecks__seed=seed)
            .select_related("organization", "site")
        )
        drawn = sorted(closed, key=lambda case: drawn_by(seed, case.number))[:count]
        return [_open_recheck(case, seed, actor=actor, at=at) for case in drawn]


def drawn_by(seed: str, number: str) -> str:
    """The place of a report in the draw of a seed: a SHA-256 of both."""
    return hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()


def _open_recheck(case: Case, seed: str, *, actor: Actor, at: datetime) -> Case:
    workflow = workflow_for("recheck")
    data = {"checked": case, "seed": seed, "spoken": {"seed": seed, "checked": case.number}}
    return open_case(
        workflow,
        actor=actor,
        at=at,
        organization=case.organization,
        site=case.site,
        title=workflow.opening.title(data) if workflow.opening else "",
        data=data,
        parent=case,
    ).case


def choose_method(enterprise: Organization, *, method: str, actor: Actor, at: datetime) -> SafetyProfile:
    """By which method the enterprise grades its risks from now on; grades given stay as they were given."""
    holding(actor, (SITE_MANAGER, SAFETY_OFFICE), enterprise.path)
    if method not in RiskMethod.values:
        raise Refused(
            "method_unknown", Text("没有这种评估方法。", "There is no such method."), field="method"
        )
    with scope.act():
        profile, _ = SafetyProfile.objects.update_or_create(
            enterprise=enterprise, defaults={"method": method}
        )
        _log("enterprise.choose_method", enterprise, actor, at, {"method": method})
    return profile


def _log(
    action: str, organization: Organization, actor: Actor, at: datetime, after: dict[str, object]
) -> None:
    record(
        action,
        stream=f"organization:{organization.pk}",
        actor=actor.label,
        at=at,
        after=after,
        request_id=actor.request_id,
    )

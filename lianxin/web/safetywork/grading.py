"""The grading of a report: each hazard with its own words, pictures and score, all on one page."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lianxin.kernel import clock
from lianxin.kernel.cases import intake, queries
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.rules import can_perform
from lianxin.kernel.cases.services import step_of
from lianxin.kernel.cases.workflow import workflow_for
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused, TooMany
from lianxin.kernel.text import Text
from lianxin.safety import rules
from lianxin.safety.choices import RISK_TONES, RiskGrade, RiskMethod
from lianxin.safety.forms.grading import GradeForm
from lianxin.safety.models import Hazard
from lianxin.safety.queries.hazards import hazards_of, method_of
from lianxin.web.answers import UNPROCESSABLE, see_other
from lianxin.web.casework.viewers import actor_of, officers_only
from lianxin.web.safetywork.telling import Beside, beside

SCORED = ("likelihood", "exposure", "consequence")


@dataclass(frozen=True, slots=True)
class Risk:
    """The score of what is chosen so far, and the colour that it means."""

    formula: str
    score: Decimal
    grade: Text
    tone: str
    action: Text | None


@dataclass(frozen=True, slots=True)
class Group:
    """One hazard of the report with its fields; ``risk`` is nothing until all factors are chosen."""

    hazard: Hazard
    setting_aside: tuple[BoundField, ...]
    scored: tuple[BoundField, ...]
    needed: tuple[BoundField, ...]
    others: tuple[BoundField, ...]
    risk: Risk | None
    risk_url: str


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def grade(request: HttpRequest, number: str) -> HttpResponse:
    """Grade every hazard of a report at once; "reckon" shows the scores without sending, for want of script."""
    viewer, at = actor_of(request), clock.now()
    case = _case(viewer, number)
    if request.method != "POST":
        return _page(request, case, GradeForm(actor=viewer, at=at, case=case))
    if "reckon" in request.POST:
        return _page(request, case, GradeForm(actor=viewer, at=at, case=case, initial=request.POST.dict()))
    try:
        token = _token(request)
        intake.take_step(
            case, "grade", actor=viewer, at=at, data=request.POST, uploads={}, client_token=token
        )
    except (NotFound, NotAllowed, TooMany, Conflict):
        raise
    except Refused as refused:
        form = GradeForm(request.POST, actor=viewer, at=at, case=case)
        form.is_valid()
        fault = None if isinstance(refused, Invalid) else refused.message
        return _page(request, case, form, fault=fault, status=UNPROCESSABLE)
    messages.success(request, str(Text("已定级。", "Graded.")))
    return see_other(reverse("cases:case", args=[case.number]))


@require_safe
@officers_only
def risk(request: HttpRequest, number: str, position: int) -> HttpResponse:
    """The score of one hazard for the factors chosen so far, as a part of the grading page."""
    case = _case(actor_of(request), number)
    found = risk_from(request.GET, position, method_of(case.organization_id))
    return render(request, "safetywork/_risk.html", {"risk": found})


def risk_from(data: Mapping[str, Any], position: int, method: str) -> Risk | None:
    """Score and colour from what was chosen; nothing while a factor is missing or no number."""
    names = SCORED if method == RiskMethod.LEC else ("likelihood", "consequence")
    try:
        factors = {name: Decimal(str(data.get(f"{name}_{position}") or "")) for name in names}
    except InvalidOperation:
        return None
    if not all(factor.is_finite() for factor in factors.values()):
        return None
    score, found = rules.risk_of(
        method,
        likelihood=factors["likelihood"],
        exposure=factors.get("exposure"),
        consequence=factors["consequence"],
    )
    letters = "L×E×C" if method == RiskMethod.LEC else "L×S"
    product = "×".join(f"{factor.normalize():f}" for factor in factors.values())
    label: Any = RiskGrade(found).label
    return Risk(
        formula=f"{'D' if method == RiskMethod.LEC else 'R'} = {letters} = {product} = {score.normalize():f}",
        score=score,
        grade=label,
        tone=RISK_TONES[found],
        action=rules.lec_action(score) if method == RiskMethod.LEC else None,
    )


def _case(viewer: Actor, number: str) -> Case:
    """The report, for somebody who may grade it now."""
    case = queries.case_for(viewer, number)
    if case.kind != "hazard":
        raise NotFound("case_unknown", Text("没有这个办件。", "There is no such case."))
    verdict = can_perform(viewer, case, step_of(workflow_for("hazard"), "grade"), clock.now())
    if not verdict.allowed:
        reason = verdict.reason or Text("现在不能定级。", "It cannot be graded now.")
        raise NotAllowed(verdict.code or "cannot_grade", reason)
    return case


def _page(
    request: HttpRequest, case: Case, form: GradeForm, *, fault: Text | None = None, status: int = 200
) -> HttpResponse:
    shown: Beside = beside(case)
    facts = {
        "case": case,
        "shown": shown,
        "form": form,
        "groups": [group_of(form, hazard, case) for hazard in hazards_of(case)],
        "method": RiskMethod(form.method).label,
        "fault": fault,
        "client_token": request.POST.get("client_token") or str(uuid.uuid4()),
    }
    return render(request, "safetywork/grade.html", facts, status=status)


def group_of(form: GradeForm, hazard: Hazard, case: Case) -> Group:
    """The fields of one hazard, and its score so far."""
    position = hazard.position
    told: Mapping[str, Any] = form.data if form.is_bound else form.initial

    def fields(*names: str) -> tuple[BoundField, ...]:
        return tuple(form[f"{name}_{position}"] for name in names if f"{name}_{position}" in form.fields)

    scored = fields(*SCORED)
    url = reverse("safety:risk", args=[case.number, position])
    for bound in scored:
        _watch(bound.field, url, position)
    return Group(
        hazard=hazard,
        setting_aside=fields("unfounded", "remark"),
        scored=scored,
        needed=fields("law_grade", "accident_type"),
        others=fields("clause", "hazard_class"),
        risk=risk_from(told, position, form.method),
        risk_url=url,
    )


def _watch(field: forms.Field, url: str, position: int) -> None:
    """Let a factor fetch the new score as soon as it is chosen."""
    field.widget.attrs |= {
        "hx-get": url,
        "hx-trigger": "change",
        "hx-include": f"#hazard-{position} select",
        "hx-target": f"#risk-{position}",
        # Of several choices in quick succession the last one counts.
        "hx-sync": f"#hazard-{position}:replace",
    }


def _token(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("client_token", ""))
    except ValueError:
        return None

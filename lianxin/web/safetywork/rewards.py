"""The reward of a report: proposed by an officer, claimed by the reporter, named or not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from lianxin.kernel import clock
from lianxin.kernel.cases import queries
from lianxin.kernel.cases.models import Case
from lianxin.kernel.ledger.models import BudgetLine, Payout
from lianxin.kernel.ledger.payees import clean_payee
from lianxin.kernel.ledger.payouts import acknowledge_payout
from lianxin.kernel.ledger.queries import Progress, lines_for, own_payouts
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Invalid, NotFound, Refused
from lianxin.kernel.text import Text
from lianxin.safety.choices import AccidentGrade, Regime
from lianxin.safety.forms.fields import MoneyField
from lianxin.safety.models import Award, RewardRule
from lianxin.safety.queries.rewards import (
    Claimed,
    Earned,
    amount_by,
    awards_visible_to,
    earned,
    own_awards,
    rule_for,
)
from lianxin.safety.roles import SAFETY_OFFICE, UNION_OFFICER
from lianxin.safety.services.rewards import claim_award, propose_award
from lianxin.web.answers import see_other
from lianxin.web.casework.panels import CasePanel, register_panel
from lianxin.web.casework.viewers import actor_of, looking, officers_only, viewer_of

KINDS = {"hazard", "suggestion"}
DONE = {"verified", "closed"}


class ImposedForm(forms.Form):
    """What the authority has imposed: its reward is a share of the fine, or counts concealed deaths."""

    fine = MoneyField(label=Text("罚款金额（元）", "Fine (yuan)"), max_length=20, required=False)
    deaths = forms.IntegerField(
        label=Text("查实的瞒报死亡人数", "Verified concealed deaths"),
        min_value=0,
        max_value=1000,
        required=False,
    )
    accident_grade = forms.ChoiceField(
        label=Text("瞒报事故的等级", "Grade of the concealed accident"),
        choices=[("", "—"), *AccidentGrade.choices],
        required=False,
    )


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an officer can propose now: by which regime, from which lines; by which rule and how much, where known.

    The authority's reward depends on what was imposed, which ``imposed`` asks for.
    """

    regime: Regime
    lines: Sequence[BudgetLine]
    rule: RewardRule | None = None
    amount: Money | None = None
    imposed: ImposedForm | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """What the reporter is to get."""

    award: Award
    progress: Progress | None
    claimable: bool
    paid: bool = False


@register_panel
def reward_panel(viewer: Actor, case: Case) -> CasePanel | None:
    """Show the rewards of a report or suggestion: to its reporter their own, to an officer all of them."""
    if case.kind not in KINDS or case.status not in DONE:
        return None
    own = own_rewards(viewer, case)
    officer = viewer.role_for((UNION_OFFICER, SAFETY_OFFICE), case.organization_path) is not None
    awards = list(awards_visible_to(viewer).filter(case=case)) if officer else []
    proposals = proposals_for(case, without={award.regime for award in awards}) if officer else []
    if not (own or awards or proposals):
        return None
    facts = {"case": case, "own": own, "awards": awards, "proposals": proposals}
    return CasePanel("safetywork/_reward.html", facts)


def own_rewards(viewer: Actor, case: Case) -> list[Own]:
    """The reporter's own rewards with how far each has come; a payout stays unseen by everybody else nearby."""
    awards = list(own_awards(viewer, case))
    payouts = {payout.case_id: (payout, told) for payout, told in own_payouts(viewer, case)} if awards else {}
    return [_own(award, *payouts.get(award.payout_id or 0, (None, None))) for award in awards]


def _own(award: Award, payout: Payout | None, progress: Progress | None) -> Own:
    in_time = award.claim_until is None or clock.day_of(clock.now()) <= award.claim_until
    return Own(
        award,
        progress,
        claimable=bool(progress and progress.needs_account and in_time),
        paid=payout is not None and payout.case.status == "paid",
    )


def proposals_for(case: Case, *, without: Collection[str]) -> list[Proposal]:
    """What the case may still earn, by regime: each where a rule applies and a fund pays for it."""
    result = earned(case)
    if result is None or case.merged_into_id:
        return []
    offered = [_proposal(case, result, regime) for regime in Regime if regime not in without]
    # What a scale gives comes before what somebody has to find out first.
    return sorted((each for each in offered if each), key=lambda each: each.rule is None)


def _proposal(case: Case, result: Earned, regime: Regime) -> Proposal | None:
    lines = lines_for(case, scheme=regime)
    if not lines:
        return None
    if regime == Regime.AUTHORITY:
        return Proposal(regime, lines, imposed=ImposedForm())
    facts = Claimed(regime)
    rule = rule_for(case, result, facts, on=clock.day_of(result.verified_at))
    return Proposal(regime, lines, rule, amount_by(rule, facts)) if rule else None


@require_POST
@officers_only
def propose(request: HttpRequest, number: str) -> HttpResponse:
    """Propose a reward, from a budget line of a fund that pays for the case's place."""
    viewer = actor_of(request)
    case = queries.case_for(viewer, number)
    regime = _regime(request)
    line = _line(case, regime, request.POST.get("line", ""))
    imposed = ImposedForm(request.POST)
    if not imposed.is_valid():
        for name, faults in imposed.errors.items():
            messages.error(request, f"{imposed.fields[name].label}: {' '.join(map(str, faults))}")
        return see_other(f"{reverse('cases:case', args=[case.number])}#reward")
    told = imposed.cleaned_data
    try:
        awards = propose_award(
            case,
            line=line,
            actor=viewer,
            at=clock.now(),
            regime=regime,
            fine=told["fine"],
            deaths=told["deaths"] or 0,
            accident_grade=told["accident_grade"],
        )
    except Refused as refused:
        if refused.status in {403, 404}:
            raise
        messages.error(request, str(refused.message))
    else:
        total = Money(sum(award.amount_fen for award in awards))
        messages.success(
            request,
            str(Text("已提出奖励 {total} 元。", "A reward of ¥{total} was proposed.").format(total=total)),
        )
    return see_other(f"{reverse('cases:case', args=[case.number])}#reward")


def _regime(request: HttpRequest) -> Regime:
    """The regime that was asked for; the union's fund when nothing was said."""
    try:
        return Regime(request.POST.get("regime", Regime.UNION_FUND))
    except ValueError:
        raise NotFound(
            "regime_unknown", Text("没有这类奖励。", "There is no such reward."), field="regime"
        ) from None


def _line(case: Case, regime: Regime, pk: str) -> BudgetLine:
    found = next((line for line in lines_for(case, scheme=regime) if str(line.pk) == pk), None)
    if found is None:
        raise NotFound(
            "line_unknown", Text("没有这个预算项目。", "There is no such budget line."), field="line"
        )
    return found


@require_POST
def claim(request: HttpRequest, number: str) -> HttpResponse:
    """Say where the money is to go, by receipt or signed in."""
    viewer = viewer_of(request, number)
    with looking(viewer):
        case = queries.case_for(viewer, number)
        _say(request, _claim(request, viewer, case, clock.now()))
    return see_other(f"{reverse('cases:case', args=[case.number])}#reward")


def _claim(request: HttpRequest, viewer: Actor, case: Case, at: datetime) -> Refused | None:
    try:
        payee = clean_payee(
            name=request.POST.get("name", ""),
            account=request.POST.get("account", ""),
            bank=request.POST.get("bank", ""),
        )
        regime = _regime(request)
        claim_award(case, payee=payee, actor=viewer, at=at, regime=regime)
    except NotFound:
        raise
    except Refused as refused:
        return refused
    return None


def _say(request: HttpRequest, refused: Refused | None) -> None:
    if refused is None:
        done = Text("收款账户已登记，只有财务能看到。", "Your account is kept; finance alone can see it.")
        messages.success(request, str(done))
        return
    sentences = refused.faults.values() if isinstance(refused, Invalid) else [[refused.message]]
    for told in sentences:
        messages.error(request, " ".join(map(str, told)))


@require_POST
def received(request: HttpRequest, number: str) -> HttpResponse:
    """The payee says that the money has come."""
    viewer = viewer_of(request, number)
    with looking(viewer):
        case = queries.case_for(viewer, number)
        regime = _regime(request)
        award = own_awards(viewer, case).filter(regime=regime).first()
        mine = [
            payout for payout, _ in own_payouts(viewer, case) if award and payout.case_id == award.payout_id
        ]
        if not mine:
            raise NotFound("no_award", Text("没有可签收的奖励。", "There is nothing to acknowledge."))
        acknowledge_payout(mine[0], actor=viewer, at=clock.now())
    messages.success(request, str(Text("已签收，谢谢。", "Noted. Thank you.")))
    return see_other(f"{reverse('cases:case', args=[case.number])}#reward")

"""The reward of a report: proposed by an officer, claimed by the reporter, named or not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from lianxin.kernel import clock
from lianxin.kernel.cases import queries
from lianxin.kernel.cases.models import Case
from lianxin.kernel.ledger.models import BudgetLine, Payout
from lianxin.kernel.ledger.payees import Payee, clean_payee
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
    paid_by_company,
    rule_for,
)
from lianxin.safety.roles import SAFETY_OFFICE, UNION_OFFICER
from lianxin.safety.services.rewards import claim_award, propose_award
from lianxin.web.answers import UNPROCESSABLE, see_other
from lianxin.web.casework.narrowing import recalled
from lianxin.web.casework.page import case_facts
from lianxin.web.casework.panels import CasePanel, register_panel
from lianxin.web.casework.viewers import actor_of, looking, officers_only, viewer_of

KINDS = {"hazard", "suggestion"}
DONE = {"verified", "closed"}


TEMPLATE = "safetywork/_reward.html"


class PayeeForm(forms.Form):
    """Where the money of an award is to go. Nothing of it is ever filled in by a browser."""

    name = forms.CharField(label=Text("收款人姓名", "Payee's name"), max_length=100)
    account = forms.CharField(
        label=Text("银行账号", "Bank account"),
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    bank = forms.CharField(label=Text("开户银行", "Bank"), max_length=100)

    def __init__(self, data: Any, *, award: Award) -> None:
        """Each award of a page has a form of its own."""
        super().__init__(data, auto_id=f"payee-%s-{award.pk}", use_required_attribute=True)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def payee(self) -> Payee | None:
        """The payee, or nobody with the faults at their fields."""
        if not self.is_valid():
            return None
        try:
            return clean_payee(**self.cleaned_data)
        except Invalid as invalid:
            for name, told in invalid.faults.items():
                self.add_error(name, [str(each) for each in told])
            return None


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
    chosen: int = 0


@dataclass(frozen=True, slots=True)
class Own:
    """What the reporter is to get; ``by_company`` where their own enterprise pays, and so learns who they are."""

    award: Award
    progress: Progress | None
    form: PayeeForm | None
    paid: bool
    by_company: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent with faults to the form of one regime, so that it comes back as it was typed."""

    regime: str = ""
    payee: PayeeForm | None = None
    imposed: ImposedForm | None = None
    line: int = 0


NOTHING = Sent()


@register_panel
def reward_panel(viewer: Actor, case: Case) -> CasePanel | None:
    """Show the rewards of a report or suggestion: to its reporter their own, to an officer all of them."""
    return _panel(viewer, case, NOTHING)


def _panel(viewer: Actor, case: Case, sent: Sent) -> CasePanel | None:
    if case.kind not in KINDS or case.status not in DONE:
        return None
    own = own_rewards(viewer, case, sent)
    officer = viewer.role_for((UNION_OFFICER, SAFETY_OFFICE), case.organization_path) is not None
    awards = list(awards_visible_to(viewer).filter(case=case)) if officer else []
    proposals = proposals_for(case, without={award.regime for award in awards}, sent=sent) if officer else []
    if not (own or awards or proposals):
        return None
    facts = {"case": case, "own": own, "awards": awards, "proposals": proposals}
    return CasePanel(TEMPLATE, facts)


def own_rewards(viewer: Actor, case: Case, sent: Sent = NOTHING) -> list[Own]:
    """The reporter's own rewards with how far each has come; a payout stays unseen by everybody else nearby."""
    awards = list(own_awards(viewer, case))
    payouts = {payout.case_id: (payout, told) for payout, told in own_payouts(viewer, case)} if awards else {}
    by_company = paid_by_company(awards) if awards else set()
    return [
        _own(award, payouts.get(award.payout_id or 0), sent, by_company=award.pk in by_company)
        for award in awards
    ]


def _own(award: Award, told: tuple[Payout, Progress] | None, sent: Sent, *, by_company: bool) -> Own:
    payout, progress = told or (None, None)
    in_time = award.claim_until is None or clock.day_of(clock.now()) <= award.claim_until
    claimable = bool(progress and progress.needs_account and in_time)
    typed = sent.payee if sent.regime == award.regime else None
    return Own(
        award,
        progress,
        form=(typed or PayeeForm(None, award=award)) if claimable else None,
        paid=payout is not None and payout.case.status == "paid",
        by_company=by_company,
    )


def proposals_for(case: Case, *, without: Collection[str], sent: Sent = NOTHING) -> list[Proposal]:
    """What the case may still earn, by regime: each where a rule applies and a fund pays for it."""
    result = earned(case)
    if result is None or case.merged_into_id:
        return []
    offered = [_proposal(case, result, regime, sent) for regime in Regime if regime not in without]
    # What a scale gives comes before what somebody has to find out first.
    return sorted((each for each in offered if each), key=lambda each: each.rule is None)


def _proposal(case: Case, result: Earned, regime: Regime, sent: Sent) -> Proposal | None:
    lines = lines_for(case, scheme=regime)
    if not lines:
        return None
    if regime == Regime.AUTHORITY:
        typed = sent.imposed if sent.regime == regime else None
        return Proposal(regime, lines, imposed=typed or ImposedForm(), chosen=sent.line)
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
        return _faulty(request, viewer, case, Sent(regime, imposed=imposed, line=line.pk))
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
        return _faulty(request, viewer, case, Sent(regime, imposed=imposed, line=line.pk))
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


def _faulty(request: HttpRequest, viewer: Actor, case: Case, sent: Sent) -> HttpResponse:
    facts = case_facts(viewer, case, asked=recalled(request), extra=_panel(viewer, case, sent))
    return render(request, "cases/case.html", facts, status=UNPROCESSABLE)


@require_POST
def claim(request: HttpRequest, number: str) -> HttpResponse:
    """Say where the money is to go, by receipt or signed in."""
    viewer = viewer_of(request, number)
    with looking(viewer):
        case = queries.case_for(viewer, number)
        regime = _regime(request)
        award = own_awards(viewer, case).filter(regime=regime).first()
        if award is None:
            raise NotFound("no_award", Text("没有可领取的奖励。", "There is nothing to claim."))
        form = PayeeForm(request.POST, award=award)
        payee = form.payee()
        if payee is None:
            return _faulty(request, viewer, case, Sent(regime, payee=form))
        try:
            claim_award(case, payee=payee, actor=viewer, at=clock.now(), regime=regime)
        except NotFound:
            raise
        except Refused as refused:
            messages.error(request, str(refused.message))
        else:
            done = Text("收款账户已登记，只有财务能看到。", "Your account is kept; finance alone can see it.")
            messages.success(request, str(done))
    return see_other(f"{reverse('cases:case', args=[case.number])}#reward")


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

"""The reward of a report: proposed by an officer, claimed by the reporter, named or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from lianxin.kernel import clock
from lianxin.kernel.cases import queries
from lianxin.kernel.cases.models import Case
from lianxin.kernel.ledger.models import BudgetLine
from lianxin.kernel.ledger.payees import clean_payee
from lianxin.kernel.ledger.payouts import acknowledge_payout
from lianxin.kernel.ledger.queries import Progress, funds_visible_to, own_payouts
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Invalid, NotFound, Refused
from lianxin.kernel.text import Text
from lianxin.safety.choices import Regime
from lianxin.safety.models import Award, RewardRule
from lianxin.safety.queries.rewards import Claimed, amount_by, awards_visible_to, earned, own_award, rule_for
from lianxin.safety.roles import SAFETY_OFFICE, UNION_OFFICER
from lianxin.safety.services.rewards import claim_award, propose_award
from lianxin.web.answers import see_other
from lianxin.web.casework.panels import CasePanel, register_panel
from lianxin.web.casework.viewers import actor_of, looking, officers_only, viewer_of

KINDS = {"hazard", "suggestion"}
DONE = {"verified", "closed"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an officer can propose now: by which rule, how much, from which lines."""

    rule: RewardRule
    amount: Money
    lines: Sequence[BudgetLine]


@dataclass(frozen=True, slots=True)
class Own:
    """What the reporter is to get."""

    award: Award
    progress: Progress | None
    claimable: bool
    paid: bool = False


@register_panel
def reward_panel(viewer: Actor, case: Case) -> CasePanel | None:
    """Show the reward of a report or suggestion: to its reporter their own, to an officer all of it."""
    if case.kind not in KINDS or case.status not in DONE:
        return None
    own = own_reward(viewer, case)
    officer = viewer.role_for((UNION_OFFICER, SAFETY_OFFICE), case.organization_path) is not None
    awards = list(awards_visible_to(viewer).filter(case=case)) if officer else []
    proposal = None if awards or not officer else proposal_for(viewer, case)
    if not (own or awards or proposal):
        return None
    facts = {"case": case, "own": own, "awards": awards, "proposal": proposal}
    return CasePanel("safetywork/_reward.html", facts)


def own_reward(viewer: Actor, case: Case) -> Own | None:
    """The reporter's own reward with how far it has come; a payout stays unseen by everybody else nearby."""
    award = own_award(viewer, case)
    if award is None:
        return None
    payout, progress = next(
        (each for each in own_payouts(viewer, case) if each[0].case_id == award.payout_id), (None, None)
    )
    in_time = award.claim_until is None or clock.day_of(clock.now()) <= award.claim_until
    return Own(
        award,
        progress,
        claimable=bool(progress and progress.needs_account and in_time),
        paid=payout is not None and payout.case.status == "paid",
    )


def proposal_for(viewer: Actor, case: Case) -> Proposal | None:
    """The rule that the case earns by and the lines that could pay; nothing where none of either is."""
    result = earned(case)
    if result is None or case.merged_into_id:
        return None
    facts = Claimed(Regime.UNION_FUND)
    rule = rule_for(case, result, facts, on=clock.day_of(result.verified_at))
    lines = list(
        BudgetLine.objects.filter(fund__in=funds_visible_to(viewer), fund__status="open")
        .select_related("fund")
        .order_by("-fund__year", "code")[:50]
    )
    return Proposal(rule, amount_by(rule, facts), lines) if rule and lines else None


@require_POST
@officers_only
def propose(request: HttpRequest, number: str) -> HttpResponse:
    """Propose the reward, from a budget line of a fund that the officer may see."""
    viewer = actor_of(request)
    case = queries.case_for(viewer, number)
    line = _line(viewer, request.POST.get("line", ""))
    try:
        awards = propose_award(case, line=line, actor=viewer, at=clock.now())
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


def _line(viewer: Actor, pk: str) -> BudgetLine:
    lines = BudgetLine.objects.filter(fund__in=funds_visible_to(viewer)).select_related("fund__organization")
    found = lines.filter(pk=int(pk)).first() if pk.isdigit() else None
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
        claim_award(case, payee=payee, actor=viewer, at=at)
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
        award = own_award(viewer, case)
        mine = [
            payout for payout, _ in own_payouts(viewer, case) if award and payout.case_id == award.payout_id
        ]
        if not mine:
            raise NotFound("no_award", Text("没有可签收的奖励。", "There is nothing to acknowledge."))
        acknowledge_payout(mine[0], actor=viewer, at=clock.now())
    messages.success(request, str(Text("已签收，谢谢。", "Noted. Thank you.")))
    return see_other(f"{reverse('cases:case', args=[case.number])}#reward")

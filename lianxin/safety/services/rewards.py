"""What a verified report earns, and how somebody nobody knows gets it."""

from datetime import date, datetime

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.cases.rules import is_reporter
from lianxin.kernel.cases.services import stream_of
from lianxin.kernel.clock import day_of
from lianxin.kernel.ledger.models import BudgetLine
from lianxin.kernel.ledger.payees import Payee
from lianxin.kernel.ledger.payouts import payout_of, propose_payout, set_payee
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.reference.queries import parameter
from lianxin.kernel.refusals import Conflict, NotAllowed, NotFound, Refused
from lianxin.kernel.statements import fetch, insert, listed, update
from lianxin.kernel.text import Text
from lianxin.safety.choices import Regime
from lianxin.safety.models import Award, RewardRule
from lianxin.safety.queries.rewards import Claimed, amount_by, earned, own_awards, rule_for
from lianxin.safety.roles import SAFETY_OFFICE, UNION_OFFICER
from lianxin.safety.services.allowing import holding

_GIVEN_UP = {"declined", "void"}


def propose_award(
    case: Case,
    *,
    line: BudgetLine,
    actor: Actor,
    at: datetime,
    regime: str = Regime.UNION_FUND,
    fine: Money | None = None,
    deaths: int = 0,
    accident_grade: str = "",
) -> list[Award]:
    """Propose what a verified report or a suggestion carried out earns, by the rule of the day of verification.

    One award and one payout for each reporter, by their shares; the authority's reward goes whole to the
    first. The money is reserved at once, whether or not anybody knows who will claim it. Two keys of two bodies
    then confirm. A report may earn by more than one regime, and by each of them once. Raises ``Refused``:
    ``not_verified``, ``not_first``, ``below_grade``, ``no_rule``, ``fund_short``, and ``fund_elsewhere`` or
    ``other_scheme`` for a line whose fund does not pay for this; ``NotAllowed("own_report")``;
    ``Conflict("award_exists")`` the second time.
    """
    with scope.act():
        fresh = fetch(Case, pk=case.pk, lock=True)
        holding(actor, (UNION_OFFICER, SAFETY_OFFICE), fresh.organization_path)
        if is_reporter(actor, fresh):
            raise NotAllowed(
                "own_report", Text("不能为自己的报告提出奖励。", "Somebody else has to propose it.")
            )
        facts = Claimed(regime, fine, deaths, accident_grade)
        rule, verified_at = _rule_of(fresh, facts)
        if Award.objects.filter(case=fresh, regime=regime).exists():
            raise Conflict(
                "award_exists",
                Text("该报告已提出“{regime}”。", "“{regime}” has been proposed for it already.").format(
                    regime=Regime(regime).label
                ),
            )
        total = amount_by(rule, facts)
        awards = [
            _award(fresh, reporter, part, rule=rule, line=line, verified_at=verified_at, actor=actor, at=at)
            for reporter, part in _parts(fresh, total, regime)
        ]
        record(
            f"{fresh.kind}.award",
            stream=stream_of(fresh),
            actor=actor.label,
            at=at,
            after={
                "rule": rule.pk,
                "amount": total.fen,
                "awards": [award.pk for award in awards],
                "status": fresh.status,
            },
            request_id=actor.request_id,
        )
    return awards


def renew_award(award: Award, *, actor: Actor, at: datetime) -> Award:
    """Propose the payout of an award again after a key declined it or it was voided; the amount stays."""
    with scope.act():
        fresh = (
            Award.objects.select_for_update(of=("self",))
            .select_related("case", "line__fund", "payout")
            .get(pk=award.pk)
        )
        holding(actor, (UNION_OFFICER, SAFETY_OFFICE), fresh.case.organization_path)
        before = fresh.payout
        if before is None or before.status not in _GIVEN_UP:
            raise Conflict(
                "payout_exists", Text("该奖励已有一笔发放。", "There is a payout for this award already.")
            )
        reporter = Reporter.objects.get(case=fresh.case, position=fresh.position)
        verified_at = payout_of(before).verified_at
        fresh.payout = _pay(fresh, reporter, verified_at, f"award:{fresh.pk}:{before.pk}", actor=actor, at=at)
        fresh.save(update_fields=["payout"])
    return fresh


def claim_award(
    case: Case, *, payee: Payee, actor: Actor, at: datetime, regime: str = Regime.UNION_FUND
) -> Award:
    """Say where the money of a regime is to go: by receipt code or signed in, and known to finance alone.

    Neither the enterprise nor the line union sees the payout or its payee. Raises ``NotFound("no_award")``
    alike for nothing to claim and for nothing of the actor's; ``Refused("claim_too_late")``;
    ``Conflict("payee_set")`` the second time.
    """
    with scope.act():
        award = own_awards(actor, case).filter(regime=regime).first()
        if award is None or award.payout is None:
            raise NotFound("no_award", Text("没有可领取的奖励。", "There is nothing to claim."))
        if award.claim_until and day_of(at) > award.claim_until:
            raise Refused("claim_too_late", Text("领取期限已过。", "The time to claim it has passed."))
        set_payee(payout_of(award.payout), payee=payee, actor=actor, at=at)
        if award.claimed_at is None:
            award.claimed_at = at
            award.save(update_fields=["claimed_at"])
    return award


def _rule_of(case: Case, facts: Claimed) -> tuple[RewardRule, datetime]:
    if case.merged_into_id is not None:
        raise Refused("not_first", Text("只奖励首个有效报告。", "Only the first valid report is rewarded."))
    result = earned(case)
    if result is None or case.status not in {"verified", "closed"}:
        raise Refused(
            "not_verified", Text("验收通过后才能奖励。", "It is rewarded once it has been verified.")
        )
    day = day_of(result.verified_at)
    result.check_grade(facts.regime, lowest=_lowest(case, day))
    rule = rule_for(case, result, facts, on=day)
    if rule is None:
        raise Refused(
            "no_rule", Text("本地区没有适用的奖励标准。", "No reward scale of this region applies.")
        )
    return rule, result.verified_at


def _lowest(case: Case, day: date) -> str:
    return str(parameter("reward.lowest_risk", region=case.region_id, on=day, default="larger"))


def _parts(case: Case, total: Money, regime: str) -> list[tuple[Reporter, Money]]:
    reporters = listed(Reporter, "position", case=case.pk)
    if regime == Regime.AUTHORITY:
        # A joint report is collected by its first signatory.
        reporters = reporters[:1]
    return list(zip(reporters, total.split([reporter.share for reporter in reporters]), strict=True))


def _award(
    case: Case,
    reporter: Reporter,
    part: Money,
    *,
    rule: RewardRule,
    line: BudgetLine,
    verified_at: datetime,
    actor: Actor,
    at: datetime,
) -> Award:
    window = parameter("reward.claim_window", region=case.region_id, on=day_of(at), default=None)
    award = Award(
        case=case,
        position=reporter.position,
        regime=rule.regime,
        rule=rule,
        amount_fen=part.fen,
        line=line,
        proposed_at=at,
        claim_until=date.fromordinal(day_of(at).toordinal() + int(window["amount"])) if window else None,
    )
    insert([award])
    award.payout = _pay(award, reporter, verified_at, f"award:{award.pk}", actor=actor, at=at)
    update(award, "payout")
    return award


def _pay(
    award: Award, reporter: Reporter, verified_at: datetime, key: str, *, actor: Actor, at: datetime
) -> Case:
    return propose_payout(
        award.case,
        fund=award.line.fund,
        line=award.line,
        amount=award.amount,
        payee=None,
        reason_code=f"reward.{award.rule.basis}",
        actor=actor,
        at=at,
        idempotency_key=key,
        position=award.position,
        scheme=award.regime,
        person=reporter.person,
        verified_at=verified_at,
    )

"""Which rule a report earns by, what it comes to, and whose award is whose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.cases.queries import cases_visible_to
from lianxin.kernel.money import Money
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor, ActorKind
from lianxin.kernel.reference.queries import lineage
from lianxin.kernel.refusals import Refused
from lianxin.kernel.statements import fetch
from lianxin.kernel.text import Text
from lianxin.safety import rules
from lianxin.safety.choices import Basis, Regime, RiskGrade
from lianxin.safety.models import Award, HazardReport, RewardRule, Suggestion


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the proposer says beyond the case: whose money, and for the authority's reward what was imposed."""

    regime: str
    fine: Money | None = None
    deaths: int = 0
    accident_grade: str = ""


@dataclass(frozen=True, slots=True)
class Earned:
    """What a case has shown by its verification."""

    verified_at: datetime
    risk_grade: str = ""
    own_duty: str = ""
    averted: bool = False
    suggestion: bool = False

    def check_grade(self, regime: str, *, lowest: str) -> None:
        """The union fund rewards from a grade upwards; raises ``Refused("below_grade")``."""
        if (
            regime == Regime.UNION_FUND
            and not self.suggestion
            and not rules.at_least(self.risk_grade, lowest)
        ):
            raise Refused(
                "below_grade",
                Text(
                    "只奖励“{lowest}”及以上的报告。", "Only reports of “{lowest}” and above are rewarded."
                ).format(lowest=RiskGrade(lowest).label),
            )


def earned(case: Case) -> Earned | None:
    """What the case has shown; nothing until it is verified, nor for other kinds."""
    if case.kind == "hazard":
        report = fetch(HazardReport, case=case.pk)
        if report.verified_at:
            return Earned(report.verified_at, report.risk_grade, report.own_duty, report.accident_averted)
    if case.kind == "suggestion":
        suggestion = fetch(Suggestion, case=case.pk)
        if suggestion.verified_at:
            return Earned(suggestion.verified_at, suggestion=True)
    return None


def rule_for(case: Case, result: Earned, facts: Claimed, *, on: date) -> RewardRule | None:
    """The row that decides: the nearest region that has one, then the latest; an averted accident goes first."""
    for basis in _bases(result, facts):
        fitting = scale(case.region_id, facts.regime, on=on).filter(basis=basis)
        if basis == Basis.GRADE:
            fitting = fitting.filter(
                Q(own_duty=result.own_duty) | Q(own_duty=""), risk_grade=result.risk_grade
            )
        if basis == Basis.CONCEALED:
            fitting = fitting.filter(accident_grade=facts.accident_grade)
        near = lineage(case.region_id)
        found = sorted(
            fitting,
            key=lambda rule: (near.index(rule.region_id), -rule.valid_from.toordinal(), rule.own_duty == ""),
        )
        if found:
            return found[0]
    return None


def _bases(result: Earned, facts: Claimed) -> list[str]:
    if facts.regime == Regime.AUTHORITY:
        return [Basis.CONCEALED] if facts.deaths else [Basis.FINE] if facts.fine else []
    if result.suggestion:
        return [Basis.SUGGESTION]
    return [Basis.AVERTED, Basis.GRADE] if result.averted else [Basis.GRADE]


def scale(region: str | None, regime: str, *, on: date) -> QuerySet[RewardRule]:
    """The rules of a regime that hold in a region on a day, those of the regions above included."""
    codes = [code for code in lineage(region) if code]
    return RewardRule.objects.filter(
        Q(region__in=codes) | Q(region=None),
        Q(valid_to=None) | Q(valid_to__gte=on),
        regime=regime,
        valid_from__lte=on,
    ).order_by("basis", "risk_grade", "own_duty", "accident_grade")


def amount_by(rule: RewardRule, facts: Claimed) -> Money:
    """What a rule comes to for these facts."""
    cap = Money(rule.cap_fen) if rule.cap_fen is not None else None
    if rule.percent is not None:
        fine = facts.fine or Money(0)
        return rules.share_of_fine(
            fine, percent=rule.percent, floor=Money(rule.floor_fen or 0), cap=cap or fine
        )
    amount = Money(rule.amount_fen or 0)
    if rule.basis == Basis.CONCEALED:
        return rules.for_deaths(facts.deaths, each=amount, cap=cap or Money(amount.fen * facts.deaths))
    return amount


def own_awards(viewer: Actor, case: Case) -> QuerySet[Award]:
    """The viewer's own awards of a case, one for each regime: by the receipt made for them, or signed in."""
    awards = Award.objects.filter(case=case).select_related("payout", "rule").order_by("pk")
    if viewer.kind is ActorKind.RECEIPT:
        return awards.filter(position=viewer.position) if viewer.case_id == case.pk else awards.none()
    if viewer.person is None:
        return awards.none()
    return awards.filter(position__in=Reporter.objects.filter(case=case).made_by(viewer).values("position"))


def paid_by_company(awards: Iterable[Award]) -> set[int]:
    """Which of these awards an enterprise pays, whose finance then reads who the payee is.

    For the payee, who sees nothing else of the fund.
    """
    with scope.use(scope.EVERYTHING):
        return set(
            Award.objects.filter(
                pk__in=[award.pk for award in awards],
                line__fund__organization__kind=Organization.Kind.ENTERPRISE,
            ).values_list("pk", flat=True)
        )


def awards_visible_to(viewer: Actor) -> QuerySet[Award]:
    """The awards of the cases that the viewer may see, newest first."""
    return (
        Award.objects.filter(case__in=cases_visible_to(viewer))
        .select_related("case", "rule", "payout")
        .order_by("-proposed_at", "-pk")
    )

"""Arithmetic and judgements of the safety line: grades of risks, amounts of rewards, who stands one level up.

Everything here is a pure function of its arguments, except the rules of steps at the end, which read the case.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.workflow import YES, Verdict, no
from lianxin.kernel.clock import day_of
from lianxin.kernel.money import Money
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.roles import UNION_OFFICER
from lianxin.kernel.reference.queries import parameter
from lianxin.kernel.text import Text
from lianxin.safety.choices import RISK_ORDER, AccidentGrade, LawGrade, RiskGrade, RiskMethod
from lianxin.safety.roles import SAFETY_OFFICE

# LEC, D = L x E x C, all three scales as commonly published (domain notes §1.7, seen in two or more sources).
LEC_LIKELIHOOD = {
    "10": Text("完全可以预料", "fully to be expected"),
    "6": Text("相当可能", "quite possible"),
    "3": Text("可能，但不经常", "possible, not often"),
    "1": Text("可能性小，完全意外", "rare, unexpected"),
    "0.5": Text("很不可能，可以设想", "conceivable, hardly"),
    "0.2": Text("极不可能", "very unlikely"),
    "0.1": Text("实际不可能", "practically impossible"),
}
LEC_EXPOSURE = {
    "10": Text("连续暴露", "continuous"),
    "6": Text("每天工作时间内暴露", "daily in work hours"),
    "3": Text("每周一次或偶然暴露", "weekly or occasional"),
    "2": Text("每月一次暴露", "monthly"),
    "1": Text("每年几次暴露", "a few times a year"),
    "0.5": Text("非常罕见地暴露", "very rare"),
}
LEC_CONSEQUENCE = {
    "100": Text("大灾难，许多人死亡", "many deaths"),
    "40": Text("灾难，数人死亡", "several deaths"),
    "15": Text("非常严重，一人死亡", "one death"),
    "7": Text("严重，重伤", "serious injury"),
    "3": Text("重大，致残", "disabling"),
    "1": Text("引人注意，需要救护", "needs first aid"),
}
LS_LIKELIHOOD = {
    "5": Text("极有可能", "very likely"),
    "4": Text("较有可能", "likely"),
    "3": Text("可能", "possible"),
    "2": Text("不太可能", "unlikely"),
    "1": Text("几乎不可能", "hardly possible"),
}
# Anchors of one published table (domain notes §1.7).
LS_SEVERITY = {
    "5": Text("死亡，或损失 100 万元以上", "death, or loss above 1 million yuan"),
    "4": Text("丧失劳动能力，或损失 50 万元以上", "loss of working capacity, or above 500,000 yuan"),
    "3": Text(
        "截肢、骨折、慢性病，或损失 1 万元以上", "amputation, fracture, chronic illness, or above 10,000 yuan"
    ),
    "2": Text("轻微受伤，或损失 1 万元以下", "minor injury, or loss below 10,000 yuan"),
    "1": Text("无伤亡无损失", "no harm, no loss"),
}
LEC_ACTIONS = (
    (Decimal(320), Text("停止作业", "stop work")),
    (Decimal(160), Text("立即整改", "rectify at once")),
    (Decimal(70), Text("需要整改", "rectify")),
    (Decimal(20), Text("需要注意", "attention")),
)
# The lowest R of each grade, highest grade first. Variant B is not verified (domain notes §1.7).
LS_BANDS: Mapping[str, tuple[tuple[int, RiskGrade], ...]] = {
    RiskMethod.LS_A: ((20, RiskGrade.CRITICAL), (9, RiskGrade.LARGER), (4, RiskGrade.GENERAL)),
    RiskMethod.LS_B: ((20, RiskGrade.CRITICAL), (15, RiskGrade.LARGER), (9, RiskGrade.GENERAL)),
}
_USUAL_EXTENSION = 30


def lec_score(likelihood: Decimal, exposure: Decimal, consequence: Decimal) -> Decimal:
    """D = L x E x C, exactly; a float would put some products on the wrong side of an edge."""
    return likelihood * exposure * consequence


def lec_grade(score: Decimal) -> RiskGrade:
    """The colour of D: above 320 red, from 160 orange, from 70 yellow, below that blue.

    Sources overlap at 160 and 70; the edges are stated here once. The mapping to colours is common practice.
    """
    if score > 320:  # noqa: PLR2004 - the edges are the rule itself
        return RiskGrade.CRITICAL
    if score >= 160:  # noqa: PLR2004
        return RiskGrade.LARGER
    if score >= 70:  # noqa: PLR2004
        return RiskGrade.GENERAL
    return RiskGrade.LOW


def lec_action(score: Decimal) -> Text:
    """What D asks for, in the words of the method; below 20 a risk is acceptable."""
    for edge, action in LEC_ACTIONS:
        if score > edge or (score == edge and edge != LEC_ACTIONS[0][0]):
            return action
    return Text("可以接受", "acceptable")


def ls_grade(score: Decimal, method: str) -> RiskGrade:
    """The colour of R = L x S by the variant that the enterprise has chosen."""
    for lowest, grade in LS_BANDS[method]:
        if score >= lowest:
            return grade
    return RiskGrade.LOW


def risk_of(
    method: str, *, likelihood: Decimal, exposure: Decimal | None, consequence: Decimal
) -> tuple[Decimal, RiskGrade]:
    """Score and grade by any of the methods; ``consequence`` is C or S, ``exposure`` only counts for LEC."""
    if method == RiskMethod.LEC:
        score = lec_score(likelihood, exposure or Decimal(0), consequence)
        return score, lec_grade(score)
    score = likelihood * consequence
    return score, ls_grade(score, method)


def worst_risk(grades: list[str]) -> str:
    """The highest of some risk grades."""
    return min(grades, key=RISK_ORDER.index)


def worst_law(grades: list[str]) -> str:
    """Major if any is major."""
    return LawGrade.MAJOR if LawGrade.MAJOR in grades else LawGrade.GENERAL


def at_least(grade: str, lowest: str) -> bool:
    """Whether a risk grade is as high as another or higher."""
    return grade in RISK_ORDER and RISK_ORDER.index(grade) <= RISK_ORDER.index(lowest)


def share_of_fine(fine: Money, *, percent: int, floor: Money, cap: Money) -> Money:
    """The authority's reward: a share of the fine, no less than the floor and no more than the cap."""
    return min(max(Money(fine.fen * percent // 100), floor), cap)


def for_deaths(deaths: int, *, each: Money, cap: Money) -> Money:
    """The authority's reward for reporting a concealed accident, by concealed deaths, up to the cap."""
    return min(Money(each.fen * deaths), cap)


def accident_grade(*, deaths: int, injured: int, loss: Money) -> AccidentGrade:
    """The grade of an accident by the worst of its three measures (State Council order 493, not verified)."""
    edges = (
        (AccidentGrade.GRAVE, 30, 100, 100),
        (AccidentGrade.SERIOUS, 10, 50, 50),
        (AccidentGrade.LARGER, 3, 10, 10),
    )
    for grade, dead, hurt, million in edges:
        if deaths >= dead or injured >= hurt or loss >= Money.yuan(million * 1_000_000):
            return grade
    return AccidentGrade.ORDINARY


def one_level_up(actor: Actor, case: Case) -> Verdict:
    """A longer deadline is granted by a body above the one that has the case."""
    below = case.owner.jurisdiction_path if case.owner else case.organization_path
    kinds = {UNION_OFFICER.code, SAFETY_OFFICE.code}
    above = [
        role
        for role in actor.roles
        if role.kind in kinds and below.startswith(role.scope_path) and len(role.scope_path) < len(below)
    ]
    if above:
        return YES
    return no(
        "not_one_level_up",
        Text("延期须由上一级批准。", "A longer deadline has to be approved one level up."),
    )


def extension_left(case: Case, granted: int) -> int:
    """How many more days may be granted; the total is a regional rule, 30 days unless it says otherwise."""
    total = parameter(
        "extension.hazard",
        region=case.region_id,
        on=day_of(case.opened_at),
        default={"amount": _USUAL_EXTENSION},
    )
    return max(0, int(total["amount"]) - granted)


def while_general(actor: Actor, case: Case) -> Verdict:
    """A major hazard cannot be withdrawn: it is there, whoever spoke of it."""
    if case.hazard_report.law_grade != LawGrade.MAJOR:
        return YES
    return no(
        "major_stays",
        Text("重大隐患不能撤回，须整改到底。", "A major hazard cannot be withdrawn: it has to be put right."),
    )


def by_city_officer(actor: Actor, case: Case) -> Verdict:
    """A closed case is opened again by a union officer of a city or above."""
    for role in actor.roles:
        covers = case.organization_path.startswith(role.scope_path)
        if role.kind == UNION_OFFICER.code and covers and role.organization.level <= Organization.Level.CITY:
            return YES
    return no(
        "not_city_level",
        Text("须由市级以上工会干部办理。", "This is for a union officer of the city or above."),
    )


def chosen(data: Mapping[str, Any], name: str, position: int) -> Any:
    """The value of an indexed field: ``law_grade_2`` for the second hazard."""
    return data.get(f"{name}_{position}")


def all_checks_closed(actor: Actor, case: Case) -> Verdict:
    """A sweep is done when every site is."""
    if not Case.objects.filter(parent=case, kind="sweep_check", closed_at=None).exists():
        return YES
    return no("checks_open", Text("还有场所没有完成排查。", "Some sites are not done yet."))


def nobody_has_answered(actor: Actor, case: Case) -> Verdict:
    """An order is cancelled only while nobody has worked on it."""
    if not case.sweep.checks.exclude(result="").exists():
        return YES
    return no(
        "already_answered",
        Text("已有场所反馈，不能取消。", "A site has answered already: it cannot be cancelled."),
    )


def linked_report_has_ended(actor: Actor, case: Case) -> Verdict:
    """A finding is settled by its own report and nothing else."""
    hazard = case.sweep_check.hazard
    if hazard is not None and hazard.closed_at is not None:
        return YES
    return no("report_open", Text("关联的隐患报告尚未办结。", "The linked hazard report is still open."))


def sweep_was_withdrawn(actor: Actor, case: Case) -> Verdict:
    """A check falls away with its order."""
    if case.sweep_check.sweep.case.status == "withdrawn":
        return YES
    return no("sweep_runs", Text("排查令仍然有效。", "The order still stands."))

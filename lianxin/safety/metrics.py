"""What can be counted in the safety line. Each figure is one SELECT over the rows in which things happened."""

from lianxin.kernel.metrics.registry import Sum, metric
from lianxin.kernel.text import Text
from lianxin.safety.choices import AccidentGrade, Regime, RiskGrade

REPORTS = Text("项", "reports")
SUGGESTIONS = Text("条", "suggestions")
PERCENT = Text("%", "%")


def risk_label(code: str) -> Text:
    """The words for a grade of risk; ungraded reports have none yet."""
    return RiskGrade(code).label if code in RiskGrade.values else Text("未定级", "not graded")  # type: ignore[return-value]


def regime_label(code: str) -> Text:
    """Whose money it was."""
    return Regime(code).label  # type: ignore[return-value]


def accident_label(code: str) -> Text:
    """The grade of an accident."""
    return AccidentGrade(code).label  # type: ignore[return-value]


RECEIVED = metric(
    "hazard.reports.received",
    label=Text("收到隐患报告", "Hazard reports received"),
    unit=REPORTS,
    query="""SELECT c.opened_at AS at, c.organization_path AS path, h.risk_grade AS slice, 1 AS value
FROM cases_case c JOIN safety_hazardreport h ON h.case_id = c.id""",
    by=Text("风险等级", "grade of the risk"),
    slice_label=risk_label,
)

# A report counts once, on the day its first reporter was paid, however many share in it.
AWARDED = metric(
    "hazard.reports.awarded",
    label=Text("获奖隐患报告", "Hazard reports rewarded"),
    unit=REPORTS,
    query="""SELECT min(p.paid_at) AS at, c.organization_path AS path, h.risk_grade AS slice, 1 AS value
FROM safety_award a
JOIN ledger_payout p ON p.case_id = a.payout_id AND p.paid_at IS NOT NULL
JOIN cases_case c ON c.id = a.case_id
JOIN safety_hazardreport h ON h.case_id = c.id
GROUP BY c.id, c.organization_path, h.risk_grade""",
    by=Text("风险等级", "grade of the risk"),
    slice_label=risk_label,
)

_PAID = """SELECT p.paid_at AS at, c.organization_path AS path, a.regime AS slice, p.amount AS value
FROM safety_award a
JOIN ledger_payout p ON p.case_id = a.payout_id AND p.paid_at IS NOT NULL
JOIN cases_case c ON c.id = a.case_id"""

REWARDS_PAID = metric(
    "safety.rewards.paid",
    label=Text("发放奖金", "Rewards paid"),
    unit=Text("元", "yuan"),
    query=_PAID,
    by=Text("资金来源", "whose money"),
    slice_label=regime_label,
    money=True,
)

REWARDS_FOR_REVISIONS = metric(
    "safety.rewards.procedure_revision",
    label=Text("促成规程修订的奖金", "Rewards for reports that led to a revised procedure"),
    unit=Text("元", "yuan"),
    query=f"{_PAID}\nWHERE EXISTS (SELECT FROM safety_procedureversion v WHERE v.source_id = c.id)",
    by=Text("资金来源", "whose money"),
    slice_label=regime_label,
    money=True,
)

DAYS_TO_REWARD = metric(
    "safety.rewards.days_to_pay",
    label=Text("验收到奖金到账（中位数）", "From verified to paid (median)"),
    unit=Text("天", "days"),
    sum=Sum.MEDIAN,
    query="""SELECT p.paid_at AS at, c.organization_path AS path,
  (p.paid_at AT TIME ZONE 'Asia/Shanghai')::date - (p.verified_at AT TIME ZONE 'Asia/Shanghai')::date AS value
FROM safety_award a
JOIN ledger_payout p ON p.case_id = a.payout_id AND p.paid_at IS NOT NULL
JOIN cases_case c ON c.id = a.case_id""",
    less_is_better=True,
)

# By the history, so that what was objected to and put right later stays told.
OBJECTIONS = metric(
    "hazard.objection_rate",
    label=Text("验收后报告人提出异议的比例", "Verifications to which the reporter objected"),
    unit=PERCENT,
    sum=Sum.RATE,
    query="""SELECT v.at AS at, c.organization_path AS path, 1 AS total,
  coalesce((SELECT n.step = 'object' FROM cases_act n WHERE n.case_id = v.case_id AND n.id > v.id
   ORDER BY n.id LIMIT 1), false)::int AS value
FROM cases_act v JOIN cases_case c ON c.id = v.case_id
WHERE v.step = 'verify' AND c.kind = 'hazard'""",
    less_is_better=True,
)

HAZARDS_OVERDUE = metric(
    "hazard.overdue_rate",
    label=Text("办结隐患中曾逾期的比例", "Closed hazard reports that ran over"),
    unit=PERCENT,
    sum=Sum.RATE,
    query="""SELECT c.closed_at AS at, c.organization_path AS path, 1 AS total,
  EXISTS (
    SELECT FROM audit_logentry l WHERE l.stream = 'case:' || c.id AND l.action = 'hazard.escalate'
  )::int AS value
FROM cases_case c WHERE c.kind = 'hazard' AND c.closed_at IS NOT NULL""",
    less_is_better=True,
)

SUGGESTIONS_RECEIVED = metric(
    "suggestions.received",
    label=Text("收到安全改进建议", "Suggestions received"),
    unit=SUGGESTIONS,
    query="""SELECT c.opened_at AS at, c.organization_path AS path, 1 AS value
FROM cases_case c WHERE c.kind = 'suggestion'""",
)

SUGGESTIONS_ADOPTED = metric(
    "suggestions.adopted",
    label=Text("采纳建议", "Suggestions adopted"),
    unit=SUGGESTIONS,
    query="""SELECT s.adopted_at AS at, c.organization_path AS path, 1 AS value
FROM safety_suggestion s JOIN cases_case c ON c.id = s.case_id WHERE s.adopted_at IS NOT NULL""",
)

SUGGESTIONS_RECTIFIED = metric(
    "suggestions.rectified",
    label=Text("采纳并整改闭环的建议", "Adopted suggestions carried through to verification"),
    unit=SUGGESTIONS,
    query="""SELECT s.verified_at AS at, c.organization_path AS path, 1 AS value
FROM safety_suggestion s JOIN cases_case c ON c.id = s.case_id WHERE s.verified_at IS NOT NULL""",
)

SWEEPS = metric(
    "sweeps.ordered",
    label=Text("举一反三排查", "Same-kind sweeps ordered"),
    unit=Text("次", "sweeps"),
    query="""SELECT c.opened_at AS at, c.organization_path AS path, 1 AS value
FROM cases_case c WHERE c.kind = 'sweep'""",
)

SWEEPS_CLOSED = metric(
    "sweeps.closure_rate",
    label=Text("排查完成率", "Checks of sweeps that are done"),
    unit=PERCENT,
    sum=Sum.RATE,
    query="""SELECT c.opened_at AS at, c.organization_path AS path, 1 AS total, (c.status = 'closed')::int AS value
FROM cases_case c WHERE c.kind = 'sweep_check' AND c.status <> 'withdrawn'""",
)

ACCIDENTS = metric(
    "safety.accidents",
    label=Text("生产安全事故", "Accidents"),
    unit=Text("起", "accidents"),
    query="""SELECT a.day AS at, a.enterprise_path AS path, a.grade AS slice, 1 AS value FROM safety_accident a""",
    by=Text("事故等级", "grade"),
    slice_label=accident_label,
    less_is_better=True,
)

RECHECKS_HELD = metric(
    "hazard.recheck_rate",
    label=Text("抽查仍然合格的比例", "Re-checks in which the repair still held"),
    unit=PERCENT,
    sum=Sum.RATE,
    query="""SELECT r.published_at AS at, c.organization_path AS path, 1 AS total, r.held::int AS value
FROM safety_recheck r JOIN cases_case c ON c.id = r.case_id WHERE r.published_at IS NOT NULL""",
)

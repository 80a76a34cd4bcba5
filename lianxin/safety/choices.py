"""The words of the safety line that do not differ by place or year; the others are dated rows."""

from django.db import models

from lianxin.kernel.text import Text


class LawGrade(models.TextChoices):
    """Two grades of a hazard, by law. Not the same thing as the grade of a risk."""

    GENERAL = "general", Text("一般隐患", "general hazard")
    MAJOR = "major", Text("重大隐患", "major hazard")


class RiskGrade(models.TextChoices):
    """Four grades of a risk, highest first, with their colours."""

    CRITICAL = "critical", Text("重大风险（红）", "critical risk (red)")
    LARGER = "larger", Text("较大风险（橙）", "larger risk (orange)")
    GENERAL = "general", Text("一般风险（黄）", "general risk (yellow)")
    LOW = "low", Text("低风险（蓝）", "low risk (blue)")


RISK_ORDER = [grade.value for grade in RiskGrade]
RISK_TONES = {"critical": "red", "larger": "orange", "general": "neutral", "low": "blue"}


class RiskMethod(models.TextChoices):
    """How an enterprise has chosen to grade its risks."""

    LEC = "lec", Text("LEC 法(D=L×E×C)", "LEC (D = L × E × C)")
    LS_A = "ls_a", Text("LS 法·甲(R=L×S)", "LS, variant A (R = L × S)")
    LS_B = "ls_b", Text("LS 法·乙(R=L×S)", "LS, variant B (R = L × S)")


class MeasureClass(models.TextChoices):
    """Five classes of measures against a risk."""

    ENGINEERING = "engineering", Text("工程技术", "engineering")
    MANAGEMENT = "management", Text("管理", "management")
    TRAINING = "training", Text("培训教育", "training")
    PROTECTION = "protection", Text("个人防护", "personal protection")
    EMERGENCY = "emergency", Text("应急处置", "emergency response")


class Regime(models.TextChoices):
    """Whose money rewards a report; the three are never mixed."""

    AUTHORITY = "authority", Text("政府举报奖励", "authority's reward")
    COMPANY = "company", Text("企业内部奖励", "company's reward")
    UNION_FUND = "union_fund", Text("工会专项资金奖励", "union fund's reward")


class Basis(models.TextChoices):
    """What the amount of a reward is reckoned from."""

    GRADE = "grade", Text("按风险等级", "by the grade of the risk")
    AVERTED = "averted", Text("避免事故特别奖", "special award for an accident averted")
    FINE = "fine", Text("按罚款比例", "by a share of the fine")
    CONCEALED = "concealed", Text("举报瞒报谎报", "for a concealed accident")
    SUGGESTION = "suggestion", Text("建议被采纳并落实", "for a suggestion carried out")


class OwnDuty(models.TextChoices):
    """Whether it was the reporter's own job to see to it."""

    INSIDE = "inside", Text("本岗位职责内", "within their own duty")
    OUTSIDE = "outside", Text("本岗位职责外", "outside their own duty")


class AccidentGrade(models.TextChoices):
    """Four grades of an accident (State Council order 493; not verified against the text)."""

    ORDINARY = "ordinary", Text("一般事故", "ordinary accident")
    LARGER = "larger", Text("较大事故", "larger accident")
    SERIOUS = "serious", Text("重大事故", "serious accident")
    GRAVE = "grave", Text("特别重大事故", "extraordinarily serious accident")


class CheckResult(models.TextChoices):
    """What a site found when it searched for the same kind of hazard."""

    NONE = "none", Text("未发现同类隐患", "none found")
    FOUND = "found", Text("发现同类隐患", "found")
    FIXED = "fixed", Text("已整改", "fixed")


ACCIDENT_TYPES = "accident_type"
HAZARD_CLASSES = "hazard_class"
CRITERIA = "major_criterion"
EQUIPMENT_KINDS = "equipment_kind"
PROCESSES = "process"

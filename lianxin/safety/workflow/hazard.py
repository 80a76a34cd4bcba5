"""The hazard report, from the first photo to closing: domain notes §1.2 to §1.6, time limits by region."""

from django.db.models import Case, Value, When

from lianxin.kernel.cases.deadlines import days, working_days
from lianxin.kernel.cases.forms import NoteForm, ReasonForm
from lianxin.kernel.cases.workflow import (
    Evidence,
    Opening,
    Party,
    Status,
    Weight,
    Workflow,
    any_of,
    register,
    staying,
)
from lianxin.kernel.text import Text
from lianxin.safety import rules
from lianxin.safety.choices import RISK_ORDER, RISK_TONES, LawGrade, RiskGrade
from lianxin.safety.effects import hazards as effects
from lianxin.safety.forms import (
    CompleteForm,
    ExtensionForm,
    GradeForm,
    HazardOpening,
    MergeForm,
    OrderForm,
    RectifyForm,
    RerouteForm,
    VerifyForm,
)
from lianxin.safety.models import HazardReport
from lianxin.safety.roles import SAFETY_EXPERT, SAFETY_OFFICE, SITE_MANAGER, UNION_OFFICER

PHOTO = Evidence("photo", Text("现场照片", "photo of the place"), least=0)
VOICE = Evidence("voice", Text("语音说明", "voice note"), frozenset({"voice"}), least=0, most=3)
BEFORE = Evidence("before", Text("整改前照片", "photo before"))
AFTER = Evidence("after", Text("整改后照片", "photo after"))
ON_SITE = Evidence("on_site", Text("现场验收照片", "photo of the verification on site"))
PAPER = Evidence("paper", Text("附件", "document"), frozenset({"photo", "document"}), least=0)


class S(Status):
    """Where a hazard report can stand."""

    SUBMITTED = "submitted", Text("待受理", "submitted")
    RETURNED = "returned", Text("待补充", "returned for more")
    ACCEPTED = "accepted", Text("待定级", "accepted")
    GRADED = "graded", Text("已定级", "graded")
    RECTIFYING = "rectifying", Text("整改中", "rectifying")
    VERIFYING = "verifying", Text("待验收", "awaiting verification")
    VERIFIED = "verified", Text("已验收", "verified")
    CLOSED = "closed", Text("已销号", "closed")
    DECLINED = "declined", Text("不予受理", "declined")
    MERGED = "merged", Text("已并案", "merged")
    WITHDRAWN = "withdrawn", Text("已撤回", "withdrawn")


# A major hazard by law stands above every grade of risk; what is not graded yet, below.
HEAVIEST = len(RISK_ORDER) + 1
WEIGHT = Weight(
    Case(
        When(hazard_report__law_grade=LawGrade.MAJOR, then=Value(HEAVIEST)),
        *(
            When(hazard_report__risk_grade=grade, then=Value(HEAVIEST - position))
            for position, grade in enumerate(RISK_ORDER, start=1)
        ),
        default=Value(0),
    ),
    frozenset({S.GRADED, S.RECTIFYING, S.VERIFYING, S.VERIFIED}),
    {
        HEAVIEST: (LawGrade.MAJOR.label, "red"),
        **{
            HEAVIEST - position: (RiskGrade(grade).label, RISK_TONES[grade])
            for position, grade in enumerate(RISK_ORDER, start=1)
        },
    },
)

workflow = register(
    Workflow(
        "hazard",
        HazardReport,
        S,
        label=Text("隐患报告", "Hazard report"),
        prefix="H",
        initial=S.SUBMITTED,
        final={S.CLOSED, S.DECLINED, S.MERGED, S.WITHDRAWN},
        opening=Opening(
            form=HazardOpening,
            create=effects.create,
            title=effects.title,
            check=effects.check,
            # The first is the default: nobody is exposed who did not choose to be.
            modes=("confidential", "named", "anonymous"),
            evidence=(PHOTO, VOICE),
            duties={"reward": "report"},
        ),
        facts_template="safety/hazard_facts.html",
        icon="alert-triangle",
        weight=WEIGHT,
    )
)

workflow.stage(S.SUBMITTED, owner=UNION_OFFICER, within=working_days(5))
workflow.stage(S.RETURNED, owner=Party.REPORTER, within=working_days(10))
workflow.stage(S.ACCEPTED, owner=SAFETY_EXPERT, within=working_days(10))
workflow.stage(S.GRADED, owner=SAFETY_OFFICE, within=working_days(3))
workflow.stage(S.RECTIFYING, owner=SITE_MANAGER, within=days(30), discloses=True)
workflow.stage(S.VERIFYING, owner=SAFETY_EXPERT, within=days(10))
workflow.stage(S.VERIFIED, owner=Party.REPORTER)

workflow.step("accept", Text("受理", "Accept"), S.SUBMITTED >> S.ACCEPTED, by=UNION_OFFICER, form=NoteForm)
workflow.step(
    "return",
    Text("退回补充", "Return for more"),
    S.SUBMITTED >> S.RETURNED,
    by=UNION_OFFICER,
    form=ReasonForm,
    tone="secondary",
)
workflow.step(
    "complete",
    Text("补充", "Complete"),
    S.RETURNED >> S.SUBMITTED,
    by=Party.REPORTER,
    form=CompleteForm,
    needs=(PHOTO, VOICE),
    effect=effects.complete,
)
workflow.step(
    "merge",
    Text("并案", "Merge"),
    any_of(S.SUBMITTED, S.ACCEPTED) >> S.MERGED,
    by=(UNION_OFFICER, SAFETY_EXPERT),
    form=MergeForm,
    effect=effects.merge,
    tone="secondary",
)
workflow.step(
    "decline",
    Text("不予受理", "Decline"),
    any_of(S.SUBMITTED, S.RETURNED, S.ACCEPTED) >> S.DECLINED,
    by=(UNION_OFFICER, SAFETY_EXPERT),
    form=ReasonForm,
    tone="danger",
)
workflow.step(
    "reroute",
    Text("转办", "Re-route"),
    any_of(S.SUBMITTED, S.ACCEPTED) >> S.SUBMITTED,
    by=UNION_OFFICER,
    form=RerouteForm,
    effect=effects.reroute,
    tone="secondary",
    help=Text(
        "不归本单位的，写明理由并转给应办单位；时限继续计算。",
        "Not ours: say why and pass it on; the clock keeps running.",
    ),
)
workflow.step(
    "grade",
    Text("定级", "Grade"),
    S.ACCEPTED >> S.GRADED,
    by=SAFETY_EXPERT,
    form=GradeForm,
    duties={"reward": "grade"},
    effect=effects.grade,
)
workflow.step(
    "order",
    Text("下达整改通知", "Order rectification"),
    S.GRADED >> S.RECTIFYING,
    by=SAFETY_OFFICE,
    form=OrderForm,
    effect=effects.order,
)
workflow.step(
    "ask_extension",
    Text("申请延期", "Ask for more time"),
    staying(S.RECTIFYING),
    by=SITE_MANAGER,
    form=ReasonForm,
    effect=effects.ask_extension,
    tone="secondary",
)
workflow.step(
    "extend",
    Text("批准延期", "Extend the deadline"),
    staying(S.ACCEPTED, S.GRADED, S.RECTIFYING, S.VERIFYING),
    by=(UNION_OFFICER, SAFETY_OFFICE),
    form=ExtensionForm,
    rule=rules.one_level_up,
    effect=effects.extend,
    tone="secondary",
)
workflow.step(
    "rectify",
    Text("报告整改完成", "Report the repair"),
    S.RECTIFYING >> S.VERIFYING,
    by=SITE_MANAGER,
    form=RectifyForm,
    needs=(BEFORE, AFTER, PAPER),
    duties={"repair": "rectify"},
    effect=effects.rectify,
)
workflow.step(
    "verify",
    Text("验收通过", "Verify"),
    S.VERIFYING >> S.VERIFIED,
    by=SAFETY_EXPERT,
    form=VerifyForm,
    needs=(ON_SITE,),
    duties={"repair": "verify", "reward": "grade"},
    effect=effects.verify,
)
workflow.step(
    "reject",
    Text("验收不通过", "Fail the verification"),
    S.VERIFYING >> S.RECTIFYING,
    by=SAFETY_EXPERT,
    form=ReasonForm,
    needs=(PHOTO,),
    duties={"repair": "verify", "reward": "grade"},
    effect=effects.back_to_work,
    tone="danger",
)
workflow.step(
    "object",
    Text("我认为没改好", "It is not fixed"),
    S.VERIFIED >> S.RECTIFYING,
    by=Party.REPORTER,
    form=ReasonForm,
    needs=(PHOTO, VOICE),
    effect=effects.back_to_work,
    within=days(7),
    tone="danger",
)
workflow.step(
    "confirm",
    Text("确认已改好", "It is fixed"),
    S.VERIFIED >> S.CLOSED,
    by=Party.REPORTER,
    outcome="confirmed",
)
workflow.step(
    "close", Text("销号", "Close"), S.VERIFIED >> S.CLOSED, by=Party.SYSTEM, after=days(7), outcome="closed"
)
workflow.step(
    "withdraw",
    Text("撤回", "Withdraw"),
    any_of(S.SUBMITTED, S.RETURNED, S.ACCEPTED, S.GRADED) >> S.WITHDRAWN,
    by=Party.REPORTER,
    rule=rules.while_general,
    tone="secondary",
)
workflow.step(
    "reopen",
    Text("重新打开", "Reopen"),
    S.CLOSED >> S.RECTIFYING,
    by=UNION_OFFICER,
    form=ReasonForm,
    needs=(PHOTO,),
    rule=rules.by_city_officer,
    effect=effects.back_to_work,
    tone="danger",
)

"""A same-kind sweep （举一反三）: one order, one check for each matching site, closed when all of them are."""

from lianxin.kernel.cases.deadlines import days
from lianxin.kernel.cases.forms import NoteForm, ReasonForm
from lianxin.kernel.cases.workflow import Evidence, Opening, Party, Status, Workflow, any_of, register
from lianxin.kernel.text import Text
from lianxin.safety import rules
from lianxin.safety.effects import sweeps as effects
from lianxin.safety.forms import FindingForm, SweepCheckOpening, SweepOpening, VerifyForm
from lianxin.safety.models import Sweep, SweepCheck
from lianxin.safety.roles import SAFETY_EXPERT, SAFETY_OFFICE, SITE_MANAGER, UNION_OFFICER
from lianxin.safety.workflow.hazard import ON_SITE, PHOTO

SEARCHED = Evidence("searched", Text("排查现场照片", "photo of the search"))


class S(Status):
    """Where a sweep can stand."""

    RUNNING = "running", Text("排查中", "running")
    CLOSED = "closed", Text("已完成", "closed")
    WITHDRAWN = "withdrawn", Text("已取消", "cancelled")


class C(Status):
    """Where the check of one site can stand."""

    CHECKING = "checking", Text("待排查", "to be searched")
    FIXING = "fixing", Text("隐患整改中", "hazard being fixed")
    VERIFYING = "verifying", Text("待抽验", "awaiting verification")
    CLOSED = "closed", Text("已完成", "closed")
    WITHDRAWN = "withdrawn", Text("已取消", "cancelled")


sweep = register(
    Workflow(
        "sweep",
        Sweep,
        S,
        label=Text("举一反三", "Same-kind sweep"),
        prefix="J",
        initial=S.RUNNING,
        final={S.CLOSED, S.WITHDRAWN},
        opening=Opening(
            form=SweepOpening,
            create=effects.create,
            title=effects.title,
            by=(SAFETY_OFFICE, UNION_OFFICER),
            modes=(),
            after=effects.send_out,
        ),
        facts_template="safety/sweep_facts.html",
        icon="search",
    )
)
sweep.stage(S.RUNNING, owner=SAFETY_OFFICE)
sweep.step(
    "close",
    Text("完成", "Close"),
    S.RUNNING >> S.CLOSED,
    by=Party.SYSTEM,
    rule=rules.all_checks_closed,
    outcome="closed",
)
sweep.step(
    "withdraw",
    Text("取消", "Cancel"),
    S.RUNNING >> S.WITHDRAWN,
    by=(SAFETY_OFFICE, UNION_OFFICER),
    form=ReasonForm,
    rule=rules.nobody_has_answered,
    tone="danger",
)

check = register(
    Workflow(
        "sweep_check",
        SweepCheck,
        C,
        label=Text("同类隐患排查", "Check for the same kind"),
        prefix="K",
        initial=C.CHECKING,
        final={C.CLOSED, C.WITHDRAWN},
        opening=Opening(
            form=SweepCheckOpening,
            create=effects.create_check,
            title=effects.title,
            by=(SAFETY_OFFICE, UNION_OFFICER),
            modes=(),
        ),
        facts_template="safety/sweep_check_facts.html",
        icon="search",
    )
)
check.stage(C.CHECKING, owner=SITE_MANAGER, within=days(15), discloses=True)
check.stage(C.FIXING, owner=SITE_MANAGER, within=days(60))
check.stage(C.VERIFYING, owner=SAFETY_EXPERT, within=days(10))
check.step(
    "answer_none",
    Text("未发现", "None found"),
    C.CHECKING >> C.VERIFYING,
    by=SITE_MANAGER,
    form=NoteForm,
    needs=(SEARCHED,),
    duties={"repair": "rectify"},
    effect=effects.answer_none,
)
check.step(
    "answer_found",
    Text("发现同类隐患", "Found one"),
    C.CHECKING >> C.FIXING,
    by=SITE_MANAGER,
    form=FindingForm,
    needs=(SEARCHED,),
    duties={"repair": "rectify"},
    effect=effects.report_found,
    tone="danger",
)
check.step(
    "settle",
    Text("关联隐患已了结", "The linked report has ended"),
    C.FIXING >> C.CLOSED,
    by=Party.SYSTEM,
    rule=rules.linked_report_has_ended,
    effect=effects.settle,
)
check.step(
    "verify",
    Text("抽验通过", "Verify"),
    C.VERIFYING >> C.CLOSED,
    by=SAFETY_EXPERT,
    form=VerifyForm,
    needs=(ON_SITE,),
    duties={"repair": "verify"},
    outcome="none_found",
)
check.step(
    "reject",
    Text("抽验不通过", "Fail the verification"),
    C.VERIFYING >> C.CHECKING,
    by=SAFETY_EXPERT,
    form=ReasonForm,
    needs=(PHOTO,),
    duties={"repair": "verify"},
    effect=effects.forget_answer,
    tone="danger",
)
check.step(
    "withdraw",
    Text("取消", "Cancel"),
    any_of(C.CHECKING, C.VERIFYING) >> C.WITHDRAWN,
    by=Party.SYSTEM,
    rule=rules.sweep_was_withdrawn,
)

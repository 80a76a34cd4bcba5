"""A reprisal against a reporter is itself a case (Work Safety Law art. 54), at the union above the enterprise."""

from lianxin.kernel.cases.deadlines import days, working_days
from lianxin.kernel.cases.forms import ReasonForm
from lianxin.kernel.cases.workflow import Opening, Party, Status, Workflow, register
from lianxin.kernel.text import Text
from lianxin.safety.effects import rechecks as effects
from lianxin.safety.forms import InvestigationForm, ReprisalOpening
from lianxin.safety.models import Reprisal
from lianxin.safety.roles import UNION_OFFICER
from lianxin.safety.workflow.hazard import PAPER, PHOTO, VOICE


class S(Status):
    """Where it can stand."""

    SUBMITTED = "submitted", Text("待调查", "submitted")
    INVESTIGATED = "investigated", Text("已调查", "investigated")
    ANSWERED = "answered", Text("已答复", "answered")
    CLOSED = "closed", Text("已办结", "closed")
    WITHDRAWN = "withdrawn", Text("已撤回", "withdrawn")


workflow = register(
    Workflow(
        "reprisal",
        Reprisal,
        S,
        label=Text("打击报复申诉", "Reprisal"),
        prefix="B",
        initial=S.SUBMITTED,
        final={S.CLOSED, S.WITHDRAWN},
        opening=Opening(
            form=ReprisalOpening,
            create=effects.create_reprisal,
            title=effects.reprisal_title,
            modes=("confidential", "named", "anonymous"),
            evidence=(PHOTO, VOICE),
            help=Text(
                "因为报隐患、提意见被调岗、扣钱、辞退或刁难，都可以申诉。由上级工会调查，您的单位和单位工会看不到这份申诉。",
                "Moved, fined, dismissed or harassed because you reported something? The union above looks into it;"
                " your employer and its own union do not see this complaint.",
            ),
        ),
        facts_template="safety/reprisal_facts.html",
        icon="shield",
    )
)
workflow.stage(S.SUBMITTED, owner=UNION_OFFICER, within=working_days(10))
workflow.stage(S.INVESTIGATED, owner=UNION_OFFICER, within=working_days(5))
workflow.stage(S.ANSWERED, owner=Party.REPORTER)
workflow.step(
    "investigate",
    Text("记录调查结果", "Record the finding"),
    S.SUBMITTED >> S.INVESTIGATED,
    by=UNION_OFFICER,
    form=InvestigationForm,
    needs=(PAPER,),
    effect=effects.investigate,
)
workflow.step(
    "answer",
    Text("答复", "Answer"),
    S.INVESTIGATED >> S.ANSWERED,
    by=UNION_OFFICER,
    form=ReasonForm,
    effect=effects.answer,
)
workflow.step(
    "object",
    Text("不服答复", "Object"),
    S.ANSWERED >> S.SUBMITTED,
    by=Party.REPORTER,
    form=ReasonForm,
    needs=(PHOTO, VOICE),
    within=days(7),
    tone="danger",
)
workflow.step(
    "confirm",
    Text("接受答复", "Accept the answer"),
    S.ANSWERED >> S.CLOSED,
    by=Party.REPORTER,
    outcome="confirmed",
)
workflow.step(
    "close", Text("办结", "Close"), S.ANSWERED >> S.CLOSED, by=Party.SYSTEM, after=days(7), outcome="closed"
)
workflow.step(
    "withdraw", Text("撤回", "Withdraw"), S.SUBMITTED >> S.WITHDRAWN, by=Party.REPORTER, tone="secondary"
)

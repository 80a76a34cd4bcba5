"""A suggestion （我为安全生产献一计）: answered to every author, and when adopted carried through and verified."""

from lianxin.kernel.cases.deadlines import days, working_days
from lianxin.kernel.cases.forms import NoteForm, ReasonForm
from lianxin.kernel.cases.workflow import Evidence, Opening, Party, Status, Workflow, any_of, register
from lianxin.kernel.text import Text
from lianxin.safety.effects import hazards as hazard_effects
from lianxin.safety.effects import suggestions as effects
from lianxin.safety.forms import AnswerForm, MergeForm, RectifyForm, SuggestionOpening, VerifyForm
from lianxin.safety.models import Suggestion
from lianxin.safety.roles import SAFETY_EXPERT, SAFETY_OFFICE, SITE_MANAGER, UNION_OFFICER
from lianxin.safety.workflow.hazard import PHOTO, VOICE

DONE = Evidence("done", Text("落实照片", "photo of what was done"))
SEEN = Evidence("on_site", Text("现场验收照片", "photo of the verification on site"), least=0)


class S(Status):
    """Where a suggestion can stand."""

    SUBMITTED = "submitted", Text("待受理", "submitted")
    REVIEWING = "reviewing", Text("评审中", "under review")
    ADOPTED = "adopted", Text("已采纳待落实", "adopted")
    VERIFYING = "verifying", Text("待验收", "awaiting verification")
    VERIFIED = "verified", Text("已验收", "verified")
    CLOSED = "closed", Text("已办结", "closed")
    DECLINED = "declined", Text("未采纳", "not adopted")
    MERGED = "merged", Text("已合并", "merged")
    WITHDRAWN = "withdrawn", Text("已撤回", "withdrawn")


workflow = register(
    Workflow(
        "suggestion",
        Suggestion,
        S,
        label=Text("献一计", "Suggestion"),
        prefix="S",
        initial=S.SUBMITTED,
        final={S.CLOSED, S.DECLINED, S.MERGED, S.WITHDRAWN},
        opening=Opening(
            form=SuggestionOpening,
            create=effects.create,
            title=effects.title,
            modes=("named", "confidential"),
            evidence=(PHOTO, VOICE),
            duties={"reward": "report"},
        ),
        facts_template="safety/suggestion_facts.html",
        icon="bulb",
    )
)

workflow.stage(S.SUBMITTED, owner=UNION_OFFICER, within=working_days(5))
workflow.stage(S.REVIEWING, owner=SAFETY_EXPERT, within=working_days(15))
workflow.stage(S.ADOPTED, owner=SITE_MANAGER, within=days(60), discloses=True)
workflow.stage(S.VERIFYING, owner=SAFETY_EXPERT, within=days(10))
workflow.stage(S.VERIFIED, owner=Party.REPORTER)

workflow.step("accept", Text("受理", "Accept"), S.SUBMITTED >> S.REVIEWING, by=UNION_OFFICER, form=NoteForm)
workflow.step(
    "merge",
    Text("合并", "Merge"),
    any_of(S.SUBMITTED, S.REVIEWING) >> S.MERGED,
    by=(UNION_OFFICER, SAFETY_EXPERT),
    form=MergeForm,
    effect=hazard_effects.merge,
    tone="secondary",
)
workflow.step(
    "adopt",
    Text("采纳", "Adopt"),
    S.REVIEWING >> S.ADOPTED,
    by=(SAFETY_EXPERT, SAFETY_OFFICE),
    form=AnswerForm,
    duties={"reward": "grade"},
    effect=effects.adopt,
)
workflow.step(
    "decline",
    Text("不采纳", "Do not adopt"),
    any_of(S.SUBMITTED, S.REVIEWING) >> S.DECLINED,
    by=(UNION_OFFICER, SAFETY_EXPERT, SAFETY_OFFICE),
    form=ReasonForm,
    effect=effects.decline,
    tone="danger",
)
workflow.step(
    "carry_out",
    Text("报告已落实", "Report it carried out"),
    S.ADOPTED >> S.VERIFYING,
    by=SITE_MANAGER,
    form=RectifyForm,
    needs=(DONE,),
    duties={"repair": "rectify"},
    effect=effects.carry_out,
)
workflow.step(
    "verify",
    Text("验收通过", "Verify"),
    S.VERIFYING >> S.VERIFIED,
    by=(SAFETY_EXPERT, UNION_OFFICER),
    form=VerifyForm,
    needs=(SEEN,),
    duties={"repair": "verify"},
    effect=effects.verify,
)
workflow.step(
    "reject",
    Text("验收不通过", "Fail the verification"),
    S.VERIFYING >> S.ADOPTED,
    by=(SAFETY_EXPERT, UNION_OFFICER),
    form=ReasonForm,
    needs=(PHOTO,),
    duties={"repair": "verify"},
    effect=effects.not_done,
    tone="danger",
)
workflow.step(
    "object",
    Text("我认为没落实", "It was not done"),
    S.VERIFIED >> S.ADOPTED,
    by=Party.REPORTER,
    form=ReasonForm,
    needs=(PHOTO, VOICE),
    effect=effects.not_done,
    within=days(7),
    tone="danger",
)
workflow.step(
    "confirm",
    Text("确认已落实", "It was done"),
    S.VERIFIED >> S.CLOSED,
    by=Party.REPORTER,
    outcome="confirmed",
)
workflow.step(
    "close", Text("办结", "Close"), S.VERIFIED >> S.CLOSED, by=Party.SYSTEM, after=days(7), outcome="closed"
)
workflow.step(
    "withdraw",
    Text("撤回", "Withdraw"),
    any_of(S.SUBMITTED, S.REVIEWING) >> S.WITHDRAWN,
    by=Party.REPORTER,
    tone="secondary",
)

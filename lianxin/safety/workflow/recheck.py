"""A second look （抽查） at a report that is closed, drawn at random, with a published result."""

from lianxin.kernel.cases.deadlines import working_days
from lianxin.kernel.cases.workflow import Opening, Status, Workflow, register
from lianxin.kernel.text import Text
from lianxin.safety.effects import rechecks as effects
from lianxin.safety.forms import RecheckForm, RecheckOpening
from lianxin.safety.models import Recheck
from lianxin.safety.roles import SAFETY_EXPERT, SAFETY_OFFICE
from lianxin.safety.workflow.hazard import ON_SITE


class S(Status):
    """Where a second look can stand."""

    DRAWN = "drawn", Text("待抽查", "drawn")
    CLOSED = "closed", Text("已公布", "published")


workflow = register(
    Workflow(
        "recheck",
        Recheck,
        S,
        label=Text("抽查", "Re-check"),
        prefix="R",
        initial=S.DRAWN,
        final={S.CLOSED},
        opening=Opening(
            form=RecheckOpening, create=effects.create, title=effects.title, by=(SAFETY_OFFICE,), modes=()
        ),
        facts_template="safety/recheck_facts.html",
        icon="eye",
    )
)
workflow.stage(S.DRAWN, owner=SAFETY_EXPERT, within=working_days(15))
# A third pair of eyes: neither who repaired nor who verified.
workflow.step(
    "hold",
    Text("仍然合格", "It still holds"),
    S.DRAWN >> S.CLOSED,
    by=SAFETY_EXPERT,
    form=RecheckForm,
    needs=(ON_SITE,),
    duties={"repair": "recheck"},
    effect=effects.hold,
    outcome="held",
)
workflow.step(
    "relapse",
    Text("已经复发", "It has come back"),
    S.DRAWN >> S.CLOSED,
    by=SAFETY_EXPERT,
    form=RecheckForm,
    needs=(ON_SITE,),
    duties={"repair": "recheck"},
    effect=effects.relapse,
    outcome="relapsed",
    tone="danger",
)

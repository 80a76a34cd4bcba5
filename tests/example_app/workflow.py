"""Found, kept, claimed, returned to its owner by somebody other than the finder, with a photo."""

from typing import Any

from django import forms
from django.db import models

from lianxin.kernel.cases.deadlines import days, working_days
from lianxin.kernel.cases.forms import LONG_TEXT, OpeningForm, ReasonForm, StepForm
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.workflow import (
    Deed,
    Evidence,
    Opening,
    Party,
    Status,
    Workflow,
    any_of,
    register,
)
from lianxin.kernel.metrics.registry import metric
from lianxin.kernel.people.roles import declare
from lianxin.kernel.text import Text
from tests.example_app.models import FoundItem

STATION_KEEPER = declare("station_keeper", Text("驿站管理员", "station keeper"))
HANDOVER = Evidence("handover", Text("交接照片", "photo of the hand-over"))


class S(Status):
    """Where a found thing can be."""

    FOUND = "found", Text("已登记", "registered")
    KEPT = "kept", Text("保管中", "kept")
    CLAIMED = "claimed", Text("待交还", "claimed")
    RETURNED = "returned", Text("已交还", "returned")
    DISPOSED = "disposed", Text("已移交", "handed on")


class FoundForm(OpeningForm):
    """What the finder says."""

    what = forms.CharField(label=Text("捡到什么", "What was found"), max_length=200)


class KeepForm(StepForm):
    """Where it lies."""

    shelf = forms.CharField(label=Text("存放位置", "Shelf"), max_length=20)


class ClaimForm(StepForm):
    """How the claimant shows that it is theirs."""

    proof_of_ownership = forms.CharField(label=Text("归属证明", "Proof of ownership"), max_length=LONG_TEXT)


def create(case: Case, data: dict[str, Any]) -> list[models.Model]:
    """The detail row."""
    return [FoundItem(case=case, what=data["what"])]


def note(deed: Deed) -> None:
    """Keep what the step's form has said."""
    for name, value in deed.data.items():
        setattr(deed.detail, name, value)


def hand_over(deed: Deed) -> None:
    """Note the day."""
    deed.detail.returned_at = deed.at


workflow = register(
    Workflow(
        "found_item",
        FoundItem,
        S,
        label=Text("失物招领", "Lost property"),
        prefix="L",
        initial=S.FOUND,
        final={S.RETURNED, S.DISPOSED},
        opening=Opening(
            form=FoundForm,
            create=create,
            title=lambda data: str(data["what"]),
            modes=("named", "confidential", "anonymous"),
            evidence=(Evidence("found", Text("物品照片", "photo of the thing"), least=0),),
            duties={"custody": "find"},
        ),
    )
)
workflow.stage(S.FOUND, owner=STATION_KEEPER, within=working_days(1))
workflow.stage(S.KEPT, owner=Party.SYSTEM)
workflow.stage(S.CLAIMED, owner=STATION_KEEPER, within=working_days(3), discloses=True)
workflow.step("keep", Text("收存", "Keep"), S.FOUND >> S.KEPT, by=STATION_KEEPER, form=KeepForm, effect=note)
workflow.step(
    "claim", Text("认领", "Claim"), S.KEPT >> S.CLAIMED, by=STATION_KEEPER, form=ClaimForm, effect=note
)
workflow.step(
    "refuse", Text("不予认领", "Refuse the claim"), S.CLAIMED >> S.KEPT, by=STATION_KEEPER, form=ReasonForm
)
workflow.step(
    "hand_over",
    Text("交还失主", "Hand over"),
    S.CLAIMED >> S.RETURNED,
    by=STATION_KEEPER,
    needs=(HANDOVER,),
    duties={"custody": "hand_over"},
    effect=hand_over,
)
workflow.step(
    "dispose",
    Text("逾期移交", "Hand on"),
    S.KEPT >> S.DISPOSED,
    by=Party.SYSTEM,
    after=days(90),
)
workflow.step(
    "withdraw",
    Text("撤回", "Withdraw"),
    any_of(S.FOUND, S.KEPT) >> S.DISPOSED,
    by=Party.REPORTER,
    within=days(7),
    tone="secondary",
)

RETURNED = metric(
    "found_items.returned",
    label=Text("交还失主", "Things returned to their owners"),
    unit=Text("件", "things"),
    query="""SELECT i.returned_at AS at, c.organization_path AS path, 1 AS value
FROM example_app_founditem i JOIN cases_case c ON c.id = i.case_id WHERE i.returned_at IS NOT NULL""",
)

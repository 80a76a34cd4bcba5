"""Forms of suggestions, sweeps, re-checks and reprisals."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lianxin.kernel.cases.forms import OpeningForm, ReasonForm, SiteField, StepForm
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.numbers import clean_number
from lianxin.kernel.cases.queries import cases_visible_to
from lianxin.kernel.clock import day_of
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.text import Text
from lianxin.safety.forms.fields import long_text
from lianxin.safety.forms.joint import JointOpening
from lianxin.safety.models import Sweep


class SuggestionOpening(JointOpening):
    """What is not well, and what to do about it; co-authors share in it."""

    problem = long_text(Text("问题", "What is not well"))
    proposal = long_text(Text("建议", "What you suggest"))


class AnswerForm(ReasonForm):
    """The answer to every author, and who carries it out."""

    reason = long_text(Text("答复（作者可见）", "Answer (the authors read it)"))
    responsible = forms.CharField(label=Text("落实责任人", "Responsible person"), max_length=120)
    due_on = forms.DateField(
        label=Text("落实时限", "Time limit"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean_due_on(self) -> Any:
        """Not in the past."""
        due = self.cleaned_data["due_on"]
        if due and due < day_of(self.at):
            raise ValidationError(str(Text("时限不能早于今天。", "The time limit cannot lie in the past.")))
        return due


class SweepOpening(OpeningForm):
    """What to look for, where and by when. ``organization`` is the body under which all sites are searched."""

    what = long_text(Text("排查内容", "What to look for"))
    equipment_kind = forms.CharField(
        label=Text("设备类别", "Kind of equipment"), max_length=40, required=False
    )
    industry = forms.CharField(label=Text("行业代码", "Industry code"), max_length=4, required=False)
    process = forms.CharField(label=Text("工艺", "Process"), max_length=40, required=False)
    due_on = forms.DateField(
        label=Text("完成时限", "Time limit"), widget=forms.DateInput(attrs={"type": "date"})
    )
    sample_percent = forms.IntegerField(
        label=Text("现场抽验比例(%)", "Share verified on site (%)"),
        min_value=0,
        max_value=100,
        initial=20,
        required=False,
    )
    seed = forms.CharField(label=Text("抽样种子", "Seed of the draw"), max_length=40, required=False)
    source = forms.CharField(
        label=Text("来源办件编号", "Number of the source case"), max_length=20, required=False
    )

    def clean_source(self) -> Case | None:
        """The report that gave rise to it, if the sender may see it."""
        text = self.cleaned_data["source"]
        if not text:
            return None
        found = cases_visible_to(self.actor).filter(number=clean_number(text) or "").first()
        if found is None:
            raise ValidationError(
                str(Text("没有这个办件，或您无权查看。", "There is no such case, or it is not yours to see."))
            )
        return found

    def clean_due_on(self) -> Any:
        """Not in the past."""
        due = self.cleaned_data["due_on"]
        if due < day_of(self.at):
            raise ValidationError(str(Text("时限不能早于今天。", "The time limit cannot lie in the past.")))
        return due

    def clean(self) -> dict[str, Any]:
        """At least one criterion."""
        data = super().clean()
        if not any(data.get(name) for name in ("equipment_kind", "industry", "process")):
            message = Text("请至少给出一项匹配条件。", "Give at least one criterion.")
            self.add_error("equipment_kind", str(message))
        if data.get("sample_percent") is None and "sample_percent" not in self.errors:
            data["sample_percent"] = 20
        return data

    def spoken(self) -> dict[str, Any]:
        """History names the source by its number."""
        source = self.cleaned_data.get("source")
        return {**super().spoken(), **({"source": source.number} if source else {})}


class SweepCheckOpening(OpeningForm):
    """Opened by the sweep itself, one for each matching site."""

    sweep = forms.ModelChoiceField(Sweep.objects.all())
    site = SiteField()


class FindingForm(StepForm):
    """What was found; it becomes a hazard report of its own."""

    found = long_text(Text("发现的隐患", "What was found"))


class RecheckOpening(OpeningForm):
    """Opened by the draw."""


class RecheckForm(StepForm):
    """What the second look saw."""

    seen = long_text(Text("复查情况", "What was seen"))


class ReprisalOpening(OpeningForm):
    """What was done to the reporter, and by which enterprise."""

    what = long_text(Text("遭到了什么对待", "What was done to you"))
    source = forms.CharField(
        label=Text("因哪个办件（编号，可留空）", "Because of which case (number, may stay empty)"),
        max_length=20,
        required=False,
    )

    def clean_source(self) -> Case | None:
        """Their own case, if they name it."""
        text = self.cleaned_data["source"]
        return cases_visible_to(self.actor).filter(number=clean_number(text) or "").first() if text else None

    def clean(self) -> dict[str, Any]:
        """The case stands at the union above, so that the enterprise and its own union do not see it."""
        data = super().clean()
        enterprise: Organization | None = data.get("organization")
        if enterprise:
            data["enterprise"] = enterprise
            data["organization"] = union_above(enterprise)
            data["site"] = None
        return data

    def spoken(self) -> dict[str, Any]:
        """The words only; the number of the source would tell who it is."""
        return {"what": self.cleaned_data["what"]}


class InvestigationForm(ReasonForm):
    """What the investigation found."""

    upheld = forms.BooleanField(label=Text("打击报复属实", "There was a reprisal"), required=False)


def union_above(enterprise: Organization) -> Organization:
    """The nearest county or city federation above a place; the place itself where there is none."""
    body: Organization | None = enterprise
    while body is not None:
        if body.kind == Organization.Kind.FEDERATION and body.level <= Organization.Level.COUNTY:
            return body
        body = body.parent
    return enterprise

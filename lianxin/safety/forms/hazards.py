"""Forms of the hazard report, apart from the grading."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lianxin.kernel.cases.forms import ReasonForm, StepForm
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.numbers import clean_number
from lianxin.kernel.cases.queries import cases_visible_to
from lianxin.kernel.clock import day_of
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.statements import fetch
from lianxin.kernel.text import Text
from lianxin.safety import rules
from lianxin.safety.choices import LawGrade, MeasureClass
from lianxin.safety.forms.fields import MoneyField, TextsField, long_text
from lianxin.safety.forms.joint import JointOpening
from lianxin.safety.models import HazardReport

PLACE_MISSING = Text("没有文字时请说明在什么位置。", "Without words, say where it is.")


class HazardOpening(JointOpening):
    """A place and, when there is no photo or voice note, at least one description."""

    hazards = TextsField(
        label=Text(
            "隐患描述",
            "What is wrong",
        ),
        required=False,
        help_text=Text(
            "有照片或录音就可以不写；几处隐患分开写。",
            "A photo or a voice note is enough; write several hazards apart.",
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The page says before it sends photos what ``effects.check`` would say after."""
        super().__init__(*args, **kwargs)
        self.fields["place_text"].widget.attrs |= {
            "data-unless": "hazards site place place_text",
            "data-unless-words": PLACE_MISSING,
        }


class CompleteForm(StepForm):
    """What the reporter adds when asked for more."""

    supplement = long_text(Text("补充说明", "What you add"), required=False)


class MergeForm(StepForm):
    """Into which earlier case of the same kind."""

    into = forms.CharField(label=Text("并入的办件编号", "Number of the earlier case"), max_length=20)
    reason = long_text(Text("理由（报告人可见）", "Reason (the reporter reads it)"), required=False, rows=2)

    def spoken(self) -> dict[str, Any]:
        """History names the other case by its number."""
        return {**super().spoken(), "into": self.cleaned_data["into"].number}

    def clean_into(self) -> Case:
        """Only an earlier, open case that the officer may see; both stay readable side by side."""
        case: Case = self.case  # type: ignore[assignment]
        number = clean_number(self.cleaned_data["into"])
        found = cases_visible_to(self.actor).filter(number=number or "", kind=case.kind).first()
        if found is None:
            raise ValidationError(
                str(Text("没有这个编号的同类办件。", "There is no case of this kind with that number."))
            )
        if found.pk >= case.pk:
            raise ValidationError(
                str(Text("只能并入更早的办件。", "A case can only be merged into an earlier one."))
            )
        if found.closed_at is not None:
            raise ValidationError(
                str(Text("该办件已办结，不能并入。", "That case is closed: nothing can be merged into it."))
            )
        return found


class RerouteForm(ReasonForm):
    """To whom it belongs instead: another place it concerns, or another body that covers the same place."""

    to = forms.ModelChoiceField(Organization.objects.none(), label=Text("转交给", "Pass on to"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Every active organization may be named."""
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        to.queryset = Organization.objects.filter(active=True)

    def spoken(self) -> dict[str, Any]:
        """History names the body."""
        return {**super().spoken(), "to": self.cleaned_data["to"].name}

    def clean_to(self) -> Organization:
        """A union must cover the place; anything else than a union is a place of its own."""
        case: Case = self.case  # type: ignore[assignment]
        to: Organization = self.cleaned_data["to"]
        if to.kind == Organization.Kind.ENTERPRISE:
            if to.pk == case.organization_id:
                raise ValidationError(str(Text("办件已在该单位。", "The case is there already.")))
        elif not case.organization_path.startswith(to.jurisdiction_path):
            raise ValidationError(
                str(
                    Text(
                        "该单位不管辖此处，请选择企业或其上级工会。",
                        "That body does not cover the place: choose the enterprise or a union above it.",
                    )
                )
            )
        return to


class OrderForm(StepForm):
    """The five elements; for a major hazard the six-item plan."""

    responsible = forms.CharField(label=Text("责任人", "Responsible person"), max_length=120)
    measures = long_text(Text("整改措施", "Measures"))
    measure_class = forms.ChoiceField(
        label=Text("措施类别", "Class of measures"), choices=MeasureClass.choices
    )
    money = MoneyField(label=Text("整改资金（元）", "Money (yuan)"), max_length=20)
    due_on = forms.DateField(
        label=Text("整改时限", "Time limit"), widget=forms.DateInput(attrs={"type": "date"})
    )
    contingency = long_text(Text("应急预案", "Contingency plan"))
    goals = long_text(Text("治理目标和任务（重大隐患）", "Goals and tasks (major hazard)"), required=False)
    materials = long_text(
        Text("经费和物资（重大隐患）", "Funds and materials (major hazard)"), required=False
    )
    organization = long_text(
        Text("负责治理的机构和人员（重大隐患）", "Bodies and people in charge (major hazard)"), required=False
    )
    safety_measures = long_text(
        Text("治理期间的安全措施（重大隐患）", "Safety measures meanwhile (major hazard)"), required=False
    )

    SIX = ("goals", "materials", "organization", "safety_measures")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Only a major hazard is asked for the plan."""
        super().__init__(*args, **kwargs)
        case: Case = self.case  # type: ignore[assignment]
        self.major = fetch(HazardReport, case=case.pk).law_grade == LawGrade.MAJOR
        if not self.major:
            for name in self.SIX:
                del self.fields[name]

    def clean_due_on(self) -> Any:
        """Not in the past."""
        due = self.cleaned_data["due_on"]
        if due < day_of(self.at):
            raise ValidationError(str(Text("时限不能早于今天。", "The time limit cannot lie in the past.")))
        return due

    def clean(self) -> dict[str, Any]:
        """A major hazard asks for the whole plan."""
        data = super().clean() or self.cleaned_data
        if self.major:
            for name in self.SIX:
                if not data.get(name) and name not in self.errors:
                    self.add_error(
                        name,
                        str(Text("重大隐患治理方案须填写此项。", "The plan for a major hazard needs this.")),
                    )
        return data


class RectifyForm(StepForm):
    """What was done."""

    done = long_text(Text("整改情况", "What was done"))
    spent = MoneyField(label=Text("实际花费（元）", "Money spent (yuan)"), max_length=20, required=False)


class VerifyForm(StepForm):
    """What the expert saw on site."""

    seen = long_text(Text("现场验收情况", "What was seen on site"))


class ExtensionForm(ReasonForm):
    """How many more days, and why; the reporter is told."""

    days = forms.IntegerField(label=Text("延长天数", "Days more"), min_value=1, max_value=90)

    def clean_days(self) -> int:
        """Within what the regional rule still allows in total."""
        case: Case = self.case  # type: ignore[assignment]
        days: int = self.cleaned_data["days"]
        left = rules.extension_left(case, case.hazard_report.extension_days)
        if days > left:
            message = Text("最多还能延长 {n} 天。", "At most {n} days more can be granted.").format(n=left)
            raise ValidationError(str(message))
        return days

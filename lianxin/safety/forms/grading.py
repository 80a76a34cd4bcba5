"""The expert's form: two grades for every hazard, by the method that the enterprise has chosen."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms

from lianxin.kernel.cases.forms import LONG_TEXT, StepForm
from lianxin.kernel.clock import day_of
from lianxin.kernel.reference.queries import terms
from lianxin.kernel.text import Text
from lianxin.safety import rules
from lianxin.safety.choices import (
    ACCIDENT_TYPES,
    CRITERIA,
    HAZARD_CLASSES,
    LawGrade,
    OwnDuty,
    RiskMethod,
)
from lianxin.safety.queries.hazards import hazards_of, method_of

if TYPE_CHECKING:
    from lianxin.kernel.cases.models import Case

Words = Mapping[str, Text]


class GradeForm(StepForm):
    """Fields ``<name>_<position>`` for each hazard of the report, made when the form is.

    ``unfounded_1`` sets a hazard aside (with ``remark_1``); otherwise ``law_grade_1``, for a major one
    ``clause_1``, ``likelihood_1``, ``exposure_1`` (LEC only), ``consequence_1``, ``accident_type_1`` and, at
    choice, ``hazard_class_1``. ``own_duty`` and ``accident_averted`` are judged once for the report.
    """

    own_duty = forms.ChoiceField(
        label=Text("是否报告人本岗位职责", "Was it the reporter's own duty"),
        choices=OwnDuty.choices,
        initial=OwnDuty.OUTSIDE,
    )
    accident_averted = forms.BooleanField(
        label=Text("直接避免了一起事故", "An accident was averted by it"), required=False
    )
    note = forms.CharField(
        label=Text("专家意见", "The expert's opinion"),
        required=False,
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """One group of fields for each hazard of the case."""
        super().__init__(*args, **kwargs)
        case: Case = self.case  # type: ignore[assignment]
        self.method = method_of(case.organization_id)
        self.positions = [hazard.position for hazard in hazards_of(case)]
        for position in self.positions:
            self._add_fields(position, str(position) if len(self.positions) > 1 else "")

    def _add_fields(self, position: int, mark: str) -> None:
        day = day_of(self.at)
        add = self._adder(position, mark)
        add("unfounded", forms.BooleanField(required=False), "不构成隐患", "Not a hazard")
        add("remark", forms.CharField(required=False, max_length=LONG_TEXT), "说明", "Remark")
        add("law_grade", _choice(LawGrade.choices), "法定等级", "Grade by law")
        add("clause", _choice(_terms(CRITERIA, day)), "重大隐患判定条款", "Clause of the criterion for major")
        if self.method == RiskMethod.LEC:
            add("likelihood", _choice(_numbers(rules.LEC_LIKELIHOOD)), "可能性 L", "Likelihood L")
            add("exposure", _choice(_numbers(rules.LEC_EXPOSURE)), "暴露频度 E", "Exposure E")
            add("consequence", _choice(_numbers(rules.LEC_CONSEQUENCE)), "后果 C", "Consequence C")
        else:
            add("likelihood", _choice(_numbers(rules.LS_LIKELIHOOD)), "可能性 L", "Likelihood L")
            add("consequence", _choice(_numbers(rules.LS_SEVERITY)), "严重性 S", "Severity S")
        add(
            "accident_type",
            _choice(_terms(ACCIDENT_TYPES, day)),
            "可能导致的事故类型",
            "Type of accident it may cause",
        )
        add(
            "hazard_class",
            _choice(_terms(HAZARD_CLASSES, day)),
            "危险有害因素分类",
            "Class of hazardous factor",
        )

    def _adder(self, position: int, mark: str) -> Any:
        def add(name: str, field: forms.Field, zh: str, en: str) -> None:
            field.label = Text(f"{zh} {mark}".strip(), f"{en} {mark}".strip())
            self.fields[f"{name}_{position}"] = field

        return add

    def clean(self) -> dict[str, Any]:
        """A hazard is graded whole or set aside with a remark; at least one stands."""
        data = super().clean() or self.cleaned_data
        for position in self.positions:
            self._clean_one(data, position)
        if self.positions and all(rules.chosen(data, "unfounded", p) for p in self.positions):
            self._fault(
                f"unfounded_{self.positions[0]}",
                Text("全部不成立时请“不予受理”。", "Where none stands, decline the report instead."),
            )
        return data

    def _clean_one(self, data: dict[str, Any], position: int) -> None:
        if rules.chosen(data, "unfounded", position):
            if not rules.chosen(data, "remark", position):
                self._fault(f"remark_{position}", Text("请说明为什么不成立。", "Say why it does not stand."))
            return
        needed = ["law_grade", "likelihood", "consequence", "accident_type"]
        needed += ["exposure"] if self.method == RiskMethod.LEC else []
        needed += ["clause"] if rules.chosen(data, "law_grade", position) == LawGrade.MAJOR else []
        for name in needed:
            field = f"{name}_{position}"
            if field not in self.errors and not rules.chosen(data, name, position):
                self._fault(field, Text("请选择。", "Choose one."))

    def _fault(self, field: str, message: Text) -> None:
        self.add_error(field, str(message))


def grades_in(data: Mapping[str, Any], position: int, method: str) -> dict[str, Any]:
    """The columns of one hazard from the cleaned values of the form."""
    if rules.chosen(data, "unfounded", position):
        return {"unfounded": True, "remark": rules.chosen(data, "remark", position)}
    exposure = rules.chosen(data, "exposure", position)
    factors = {
        "likelihood": Decimal(rules.chosen(data, "likelihood", position)),
        "exposure": Decimal(exposure) if exposure else None,
        "consequence": Decimal(rules.chosen(data, "consequence", position)),
    }
    score, grade = rules.risk_of(method, **factors)  # type: ignore[arg-type]
    words = ("remark", "law_grade", "clause", "accident_type", "hazard_class")
    return {
        **{name: rules.chosen(data, name, position) or "" for name in words},
        **factors,
        "method": method,
        "score": score,
        "risk_grade": grade,
    }


def _choice(choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[("", "—"), *choices], required=False)


def _numbers(scale: Words) -> list[tuple[str, Text]]:
    return [(code, Text(f"{code} {text.zh}", f"{code} {text.en}")) for code, text in scale.items()]


def _terms(dictionary: str, day: Any) -> list[tuple[str, Text]]:
    return [
        (term.code, Text(f"{term.code} {term.zh}", f"{term.code} {term.en}"))
        for term in terms(dictionary, day)
    ]

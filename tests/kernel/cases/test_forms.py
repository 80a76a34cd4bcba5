"""Forms of steps and openings: what they let through has room in the tables, and their faults speak both languages."""

import contextlib
from typing import Any

import pytest
from django import forms
from django.db.models import CharField
from django.utils import translation

from lianxin.kernel.cases.forms import LONG_TEXT, ReasonForm, StepForm
from lianxin.kernel.cases.workflow import Workflow, workflows
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.refusals import Invalid
from tests.kernel.cases.conftest import NOON


def forms_of(workflow: Workflow) -> list[Any]:
    opening = [workflow.opening.form] if workflow.opening else []
    return [*opening, *(step.form for step in workflow.steps.values() if step.form)]


@pytest.mark.parametrize("workflow", workflows(), ids=lambda workflow: workflow.kind)
def test_what_a_form_lets_through_has_room_in_its_row(workflow: Workflow) -> None:
    columns = {
        field.name: field.max_length
        for field in workflow.model._meta.concrete_fields
        if isinstance(field, CharField) and field.max_length and not field.choices
    }
    for form in forms_of(workflow):
        for name, field in form.base_fields.items():
            if name in columns and hasattr(field, "max_length"):
                assert (field.max_length or LONG_TEXT * 1_000) <= columns[name], f"{workflow.kind}: {name}"


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        ("", "这个字段是必填项。", "This field is required."),
        ("长" * 4_001, "4000", "at most 4000 characters"),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_faults_speak_both_languages_whatever_the_reader_s(
    reason: str, zh: str, en: str, language: str
) -> None:
    with translation.override(language):
        form = ReasonForm({"reason": reason}, actor=SYSTEM, at=NOON)
        with pytest.raises(Invalid) as refused:
            form.values()
        [told] = refused.value.faults["reason"]
        assert (zh in told.zh, en in told.en) == (True, True)
        # The form itself goes on in the reader's.
        assert (zh if language == "zh-hans" else en) in form.errors["reason"][0]


@pytest.mark.django_db
@pytest.mark.parametrize("workflow", workflows(), ids=lambda workflow: workflow.kind)
def test_a_form_s_fields_are_its_own(workflow: Workflow) -> None:
    for kind in forms_of(workflow):
        with contextlib.suppress(AttributeError):
            first, second = (kind(None, actor=SYSTEM, at=NOON) for _ in range(2))
            for name, field in first.fields.items():
                other = second.fields[name]
                assert field is not other is not kind.base_fields[name]
                assert type(field) is type(other)
                field.required, field.initial = not other.required, "mine"
                field.widget.attrs["mine"] = "1"
                field.error_messages["mine"] = "1"
                field.validators.append(len)
                if hasattr(field, "choices"):
                    field.choices = [("mine", "1")]
                    assert list(field.widget.choices) != list(other.widget.choices)
                assert (other.required, other.initial) != (field.required, "mine")
                kept = (other.widget.attrs, other.error_messages, other.validators)
                assert not any("mine" in part or len in part for part in kept)


def test_a_choice_of_rows_asks_for_them_anew_in_each_form() -> None:
    mine, other = ((_Choosing(None, actor=SYSTEM, at=NOON)).fields["body"] for _ in range(2))
    assert isinstance(mine, forms.ModelChoiceField)
    assert isinstance(other, forms.ModelChoiceField)
    assert [field.widget.choices.field for field in (mine, other)] == [mine, other]
    mine.queryset = Organization.objects.none()
    assert other.queryset is not None
    assert other.queryset.query.where.children == []


class _Choosing(StepForm):
    body = forms.ModelChoiceField(Organization.objects.all())

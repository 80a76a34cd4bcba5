"""Forms of steps and openings: the same one serves the page, the API and the replay."""

import copy
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import ChoiceWidget
from django.utils import translation

from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.keys import key_in
from lianxin.kernel.orgs.models import Organization, Site
from lianxin.kernel.orgs.queries import active_site, site_with_token
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Invalid
from lianxin.kernel.text import Text

LONG_TEXT = 4000
_LANGUAGES = ("zh-hans", "en")
T = TypeVar("T")


class _Fields(dict[str, forms.Field]):
    """The fields of a form's class, copied for each form without what Django's own way to copy costs.

    What a form may change of a field is its own: the field, its widget with the attributes, its messages and checks.
    Choices and querysets are replaced and never changed in place, so they are shared until then.
    """

    def __deepcopy__(self, _memo: dict[int, Any]) -> dict[str, forms.Field]:
        return {name: _copy_of(field) for name, field in self.items()}


_FIELD_COPIES = {copied.__deepcopy__ for copied in (forms.Field, forms.ChoiceField, forms.ModelChoiceField)}
_WIDGET_COPIES = {copied.__deepcopy__ for copied in (forms.Widget, ChoiceWidget)}


def _copy_of(field: forms.Field) -> forms.Field:
    if type(field).__deepcopy__ not in _FIELD_COPIES or type(field.widget).__deepcopy__ not in _WIDGET_COPIES:
        return copy.deepcopy(field)
    new, widget = _bare_copy(field), _bare_copy(field.widget)
    widget.attrs = field.widget.attrs.copy()
    new.widget = widget
    new.error_messages = field.error_messages.copy()
    new.validators = field.validators[:]
    if isinstance(new, forms.ModelChoiceField):
        # The choices ask the field that they belong to.
        widget.choices = new.choices
    return new


def _bare_copy(one: T) -> T:
    new = object.__new__(type(one))
    new.__dict__.update(one.__dict__)
    return new


class KindForm(forms.Form):
    """A form that knows what it is about.

    ``unspoken`` names the fields whose values are kept out of history and log (account numbers and the like);
    the effect still receives them.
    """

    unspoken: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        data: Any = None,
        *,
        actor: Actor,
        at: datetime,
        case: Case | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        """``data`` is a query dict from a page or a plain dict from API and replay."""
        if not isinstance(self.base_fields, _Fields):
            type(self).base_fields = _Fields(self.base_fields)
        super().__init__(data, initial=initial)
        self.actor = actor
        self.at = at
        self.case = case

    def values(self) -> dict[str, Any]:
        """The cleaned values; raises ``Invalid`` with every fault, by field and in both languages."""
        if not self.is_valid():
            raise Invalid(self._faults())
        return self.cleaned_data

    def _faults(self) -> dict[str, list[Text]]:
        """Django tells a fault in the language of the moment: asked once in each, the last time in the reader's."""
        told = []
        for language in _LANGUAGES:
            with translation.override(language):
                self.full_clean()
                told.append({name: [str(fault) for fault in faults] for name, faults in self.errors.items()})
        self.full_clean()
        zh, en = told
        return {name: [Text(*pair) for pair in zip(zh[name], en[name], strict=True)] for name in zh}

    def spoken(self) -> dict[str, Any]:
        """The values that history may show."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in self.unspoken and value not in (None, "", [], ())
        }


class StepForm(KindForm):
    """What a step asks for; subclasses add fields. ``self.case`` is the case."""


class ReasonForm(StepForm):
    """A step that has to be explained to the other side."""

    reason = forms.CharField(
        label=Text("理由（报告人可见）", "Reason (the reporter reads it)"),
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NoteForm(StepForm):
    """A step with room for a remark."""

    note = forms.CharField(
        label=Text("备注", "Remark"),
        max_length=LONG_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SiteField(forms.ModelChoiceField[Site]):
    """An active place, with its enterprise: a report names both, and one statement reads both."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Site.objects.filter(active=True).select_related("organization"), **kwargs)

    def to_python(self, value: Any) -> Site | None:
        """The place of this key."""
        if value in self.empty_values:
            return None
        key = key_in(value.pk if isinstance(value, Site) else value)
        site = None if key is None else active_site(key)
        if site is None:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            )
        return site


class OpeningForm(KindForm):
    """What opens a case: the place in one of three ways, and the kind's own fields.

    ``place`` is the token of a QR code; ``site`` a place chosen in the tree; ``organization`` the enterprise
    alone, with ``place_text`` saying where in words.
    """

    unspoken = frozenset({"place", "mode", "client_token", "site", "organization"})

    place = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    site = SiteField(required=False, label=Text("位置", "Place"))
    organization = forms.ModelChoiceField(
        Organization.objects.filter(active=True), required=False, label=Text("单位", "Organization")
    )
    place_text = forms.CharField(
        required=False,
        max_length=200,
        label=Text("具体位置（文字）", "Where exactly, in words"),
    )

    mode = forms.ChoiceField(
        label=Text("怎样提交", "How to submit"), choices=Reporter.Mode.choices, widget=forms.RadioSelect
    )
    client_token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, modes: Sequence[str] = (Reporter.Mode.NAMED,), **kwargs: Any) -> None:
        """The choice of the place happens by search or QR code.

        The first of ``modes`` is chosen when the sender says nothing.
        """
        super().__init__(*args, **kwargs)
        mode: Any = self.fields["mode"]
        mode.choices = [(Reporter.Mode(value).value, Reporter.Mode(value).label) for value in modes]
        mode.required = False
        if modes:
            mode.initial = modes[0]
        else:
            # Opened by an office: nobody reports.
            del self.fields["mode"]

    def clean(self) -> dict[str, Any]:
        """Resolve the place to ``site`` and ``organization``, whichever way it was named."""
        data = super().clean() or self.cleaned_data
        if "mode" in self.fields:
            data["mode"] = data.get("mode") or self.fields["mode"].initial
        token = data.get("place")
        if token:
            site = site_with_token(token)
            if site is None:
                self.add_error(
                    "place",
                    str(Text("这个二维码无效，请改选位置。", "This QR code is not valid: choose the place.")),
                )
            data["site"] = site
        if data.get("site"):
            data["organization"] = data["site"].organization
        if not data.get("organization") and "organization" not in self.errors and "place" not in self.errors:
            self.add_error(
                "organization",
                str(
                    Text(
                        "请选择单位或扫描现场二维码。", "Choose the organization or scan the QR code on site."
                    )
                ),
            )
        return data

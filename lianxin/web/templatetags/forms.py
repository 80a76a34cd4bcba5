"""The components that ask: a form, its fields, its faults."""

import uuid
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.template import Library
from django.template.context import Context
from django.utils.safestring import SafeString

from lianxin.web.components import Components, Facts

register = Library()
components = Components(register)

TOKEN = "client_token"  # noqa: S105 - a field name
ACCEPT = {"photo": "image/*", "voice": "audio/*", "file": "", "sheet": ".xlsx,.xls,.ods,.csv"}
UPLOADS = tuple(ACCEPT)
LAYOUTS = ("", "tiles")
KEYBOARDS = ("", "numeric", "decimal", "tel", "text")


@components.block("ui/form.html")
def form(
    context: Context,
    content: SafeString,
    action: str = "",
    *,
    id: str = "",  # noqa: A002 - HTML's own word
    multipart: bool = False,
    draft: str = "",
    hx: bool = False,
    hx_target: str = "",
) -> Facts:
    """A posting form with its CSRF token.

    ``draft`` names the form for the phone's own memory: what is typed survives a lost signal, is sent once.
    ``hx`` sends it through htmx, which puts the answer in the form's place (or in ``hx_target``).
    """
    return {
        "action": action,
        "id": id or (f"form-{draft}" if draft else ""),
        "multipart": multipart or bool(draft),
        "draft": draft,
        "token": _token(context) if draft else "",
        "token_name": TOKEN,
        "hx": hx or bool(hx_target),
        "hx_target": hx_target or "this",
        "csrf_token": context.get("csrf_token", ""),
    }


def _token(context: Context) -> str:
    """The token that came with the request, so that a corrected form is the same report; else a new one."""
    try:
        return str(uuid.UUID(context["request"].POST.get(TOKEN, "")))
    except (KeyError, ValueError):
        return str(uuid.uuid4())


def _shape(widget: forms.Widget) -> str:
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "line"


def _dress(bound: BoundField, **attributes: str) -> SafeString:
    """The widget with our class; a red frame only where something is wrong."""
    select = isinstance(bound.field.widget, forms.Select)
    names = ["form-select" if select else "form-control", "is-invalid" if bound.errors else ""]
    given = {key: value for key, value in attributes.items() if value}
    return bound.as_widget(attrs={"class": " ".join(filter(None, names)), **given})


@components.inline("ui/field.html", layout=LAYOUTS, inputmode=KEYBOARDS)
def field(
    bound: BoundField,
    *,
    layout: str = "",
    inputmode: str = "",
    autocomplete: str = "",
    required_mark: bool = False,
) -> Facts:
    """A field: label, help and faults in the reader's language. ``layout="tiles"`` makes choices large."""
    shape = _shape(bound.field.widget)
    dressed = _dress(bound, inputmode=inputmode, autocomplete=autocomplete) if shape == "line" else ""
    return {
        "bound": bound,
        "shape": "hidden" if bound.is_hidden else shape,
        "widget": dressed,
        "layout": layout,
        "optional": not bound.field.required and not required_mark and shape != "check",
        "required_mark": required_mark,
    }


@components.inline("ui/upload.html", kind=UPLOADS)
def upload(bound: BoundField, *, kind: str = "file", camera: bool = False) -> Facts:
    """A photo, a voice note or a file; ``camera`` opens the camera at once, for a picture on the spot."""
    attributes: dict[str, Any] = {"class": "lx-upload-input", "accept": ACCEPT[kind], "data-upload": kind}
    if camera:
        attributes["capture"] = "environment"
    if kind == "voice":
        attributes["capture"] = "user"
    widget = bound.as_widget(attrs={key: value for key, value in attributes.items() if value})
    several = bool(getattr(bound.field.widget, "allow_multiple_selected", False))
    return {
        "bound": bound,
        "kind": kind,
        "widget": widget,
        "several": several,
        "optional": not bound.field.required,
    }


@components.inline("ui/form_errors.html")
def form_errors(form: forms.BaseForm) -> Facts:
    """What is wrong with the whole form, each fault a link to its field. Nothing when nothing is."""
    faulty = [bound for bound in form if bound.errors and not bound.is_hidden]
    hidden = [error for bound in form.hidden_fields() for error in bound.errors]
    return {"general": [*form.non_field_errors(), *hidden], "faulty": faulty}

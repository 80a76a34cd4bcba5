"""A case as its readers see it: history in words, values with their labels, pictures with their addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.urls import reverse

from lianxin.kernel import clock
from lianxin.kernel.cases.models import Act, Attachment, Case, ContentErasure, Reporter
from lianxin.kernel.cases.queries import erasures_of
from lianxin.kernel.cases.services import OPEN, step_label
from lianxin.kernel.cases.workflow import Evidence, Workflow, workflow_for
from lianxin.kernel.clock import day_of
from lianxin.kernel.moments import day_told
from lianxin.kernel.people.roles import role_kind
from lianxin.kernel.text import Text

YES_NO = {True: Text("是", "yes"), False: Text("否", "no")}


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo under a case."""

    url: str
    thumb_url: str
    caption: object


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the history."""

    step: str
    title: Text
    who: str
    at: datetime
    said: list[tuple[object, object]]
    pictures: list[Picture]
    sounds: list[str]
    documents: list[str]
    status: Text
    tone: str
    proof: str = ""
    current: bool = False


def told_history(case: Case, acts: Iterable[Act]) -> list[Told]:
    """The history, newest first; while the case is open, its last step is where it stands now."""
    workflow = workflow_for(case.kind)
    shown = list(acts)
    erased = erasures_of([file for act in shown for file in act.attachments.all()])
    now = None if case.closed_at else shown[-1:] and shown[-1]
    return [_told(case, workflow, act, erased, current=act is now) for act in reversed(shown)]


def _told(
    case: Case, workflow: Workflow, act: Act, erased: Mapping[bytes, ContentErasure], *, current: bool
) -> Told:
    gone = [erased[digest] for file in act.attachments.all() if (digest := bytes(file.sha256)) in erased]
    files = [file for file in act.attachments.all() if bytes(file.sha256) not in erased]
    labels = evidence_labels(workflow, act.step)
    step = workflow.steps.get(act.step)
    return Told(
        step=act.step,
        title=step_label(case.kind, act.step),
        who=who_acted(act, reported=bool(workflow.opening and workflow.opening.modes)),
        at=act.at,
        said=[*said_in(workflow, act), *(_told_gone(each) for each in gone)],
        pictures=[_picture(case, file, labels) for file in files if file.kind == Attachment.Kind.PHOTO],
        sounds=[_address(case, file) for file in files if file.kind == Attachment.Kind.VOICE],
        documents=[_address(case, file) for file in files if file.kind == Attachment.Kind.DOCUMENT],
        status=workflow.status_label(act.to_status),
        tone="blue" if step is None else {"danger": "red", "secondary": "neutral"}.get(step.tone, "green"),
        proof=reverse("audit:proof", args=[case.number, act.pk]),
        current=current,
    )


def _told_gone(erasure: ContentErasure) -> tuple[object, object]:
    """What stands where a file stood whose content was erased."""
    when = day_told(day_of(erasure.second_at), now=clock.now()) if erasure.second_at else ""
    words = Text(
        "内容已于 {when} 按规定删除，文件指纹仍在存证中。理由：{reason}",
        "What it showed was erased on {when}; its fingerprint stays in the log. Reason: {reason}",
    )
    return Text("文件", "File"), words.format(when=when, reason=erasure.reason)


def who_acted(act: Act, *, reported: bool = True) -> str:
    """The body and the officer for an office; "the reporter" for whoever raised it; else the system.

    A case of a kind that nobody reports (a payout, a check) was opened by an officer.
    """
    if act.organization and act.role:
        name = f" · {act.person.masked_name}" if act.person else ""
        return f"{act.organization.label} · {role_kind(act.role).label}{name}"
    if act.actor == "system":
        return str(Text("系统", "the system"))
    if act.step == OPEN and not reported:
        return str(Text("经办人", "an officer"))
    return str(Text("报告人", "the reporter"))


def said_in(workflow: Workflow, act: Act) -> list[tuple[object, object]]:
    """What was said in a step, each value under the label of its field."""
    form = _form_of(workflow, act.step)
    fields = form.base_fields if form else {}
    return [
        (fields[name].label or name, _value(fields[name], value))
        for name, value in act.data.items()
        if name in fields and value not in (None, "", [], False)
    ]


def _form_of(workflow: Workflow, step: str) -> type[forms.Form] | None:
    if step == OPEN:
        return workflow.opening.form if workflow.opening else None
    return workflow.steps[step].form if step in workflow.steps else None


def _value(field: forms.Field, value: Any) -> object:
    """The kept value as a reader knows it; a field whose values are kept in another shape has a ``told`` for it."""
    if isinstance(value, bool):
        return YES_NO[value]
    told = getattr(field, "told", None)
    if told is not None:
        return told(value)
    if isinstance(field, forms.DateField):
        return day_told(date.fromisoformat(value), now=clock.now())
    if isinstance(field, forms.ModelChoiceField):
        model = field.queryset.model if field.queryset is not None else None
        chosen = model._default_manager.filter(pk=value).first() if model else None  # noqa: SLF001 - its public name
        return chosen or value
    if isinstance(field, forms.ChoiceField):
        choices = dict(field.choices)  # type: ignore[arg-type]
        value = [choices.get(v, v) for v in value] if isinstance(value, list) else choices.get(value, value)
    return "\n".join(map(str, value)) if isinstance(value, list) else value


def evidence_labels(workflow: Workflow, step: str) -> dict[str, Text]:
    """The words for the evidences of a step."""
    wanted: tuple[Evidence, ...] = ()
    if step == OPEN and workflow.opening:
        wanted = workflow.opening.evidence
    elif step in workflow.steps:
        wanted = workflow.steps[step].needs
    return {evidence.name: evidence.label for evidence in wanted}


def _picture(case: Case, file: Attachment, labels: dict[str, Text]) -> Picture:
    address = _address(case, file)
    return Picture(url=address, thumb_url=f"{address}?side=320", caption=labels.get(file.evidence, ""))


def _address(case: Case, file: Attachment) -> str:
    return reverse("cases:file", args=[case.number, file.pk])


def told_reporters(rows: Iterable[Reporter]) -> list[str]:
    """Who reported, as far as this viewer may know; the place concerned sees no rows at all."""
    return [
        row.person.masked_name
        if row.person
        else str(Text("{mode}报告人", "{mode} reporter").format(mode=_mode(row)))
        for row in rows
    ]


def _mode(row: Reporter) -> Text:
    label: Text = Reporter.Mode(row.mode).label  # type: ignore[assignment]
    return label

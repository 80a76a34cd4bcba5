"""Operating procedures: the register, a version beside the one before, who has read it, the print for the board."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.queries import cases_visible_to, under
from lianxin.kernel.keys import key_in
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import Person
from lianxin.kernel.refusals import NotFound, Refused
from lianxin.kernel.text import Text
from lianxin.safety.models import Procedure, ProcedureVersion, Reading
from lianxin.safety.queries.procedures import board_of, read_state, side_by_side, to_read
from lianxin.safety.roles import SAFETY_OFFICE, SITE_MANAGER, UNION_OFFICER
from lianxin.safety.services.procedures import publish_procedure, publish_version, record_reading
from lianxin.web.answers import UNPROCESSABLE, see_other
from lianxin.web.casework.viewers import actor_of, signed_in

KINDS = {
    "same": Text("未变", "same"),
    "moved": Text("改了条号", "renumbered"),
    "changed": Text("修改", "changed"),
    "added": Text("新增", "added"),
    "removed": Text("删除", "removed"),
}
TONES = {"same": "neutral", "moved": "neutral", "changed": "orange", "added": "green", "removed": "red"}
MOST = 200
_CLAUSE = re.compile(r"(\d[\d.]*?|\S{1,20}?)(?:[、．:：]\s*|\.?\s+)(.+)")


@dataclass(frozen=True, slots=True)
class Row:
    """One clause in both versions, with the words that differ marked: pairs of (kind, text)."""

    kind: str
    label: Text
    tone: str
    before_number: str
    after_number: str
    before: Sequence[tuple[str, str]]
    after: Sequence[tuple[str, str]]


@require_safe
@signed_in
def procedures(request: HttpRequest) -> HttpResponse:
    """List the procedures of the enterprises within the reader's reach, and what they still have to read."""
    viewer = actor_of(request)
    today = clock.day_of(clock.now())
    found = (
        procedures_for(viewer)
        .select_related("enterprise")
        .annotate(
            newest=Max("versions__number"),
            in_force=Max("versions__number", filter=Q(versions__effective_on__lte=today)),
            # What is published holds only from its day on.
            coming_on=Max("versions__effective_on", filter=Q(versions__effective_on__gt=today)),
        )
    )
    facts = {
        "duties": to_read(viewer),
        "procedures": found.order_by("enterprise_path", "title")[:MOST],
        "may_publish": bool(enterprises_of(viewer)),
    }
    return render(request, "safetywork/procedures.html", facts)


def procedures_for(viewer: Actor) -> QuerySet[Procedure]:
    """The procedures of one's own enterprise and of those under one's offices."""
    person = viewer.person
    paths = [*viewer.scope.wide, *viewer.scope.narrow]
    if person and person.organization_path:
        paths.append(person.organization_path)
    return Procedure.objects.filter(
        reduce(or_, (under(path, "enterprise_path") for path in paths), Q(pk__in=[]))
    )


def _procedure(viewer: Actor, pk: int) -> Procedure:
    found = procedures_for(viewer).filter(pk=pk).select_related("enterprise").first()
    if found is None and viewer.person:
        mine = Q(versions__read_duties__person=viewer.person)
        found = Procedure.objects.filter(mine, pk=pk).select_related("enterprise").first()
    if found is None:
        raise NotFound("procedure_unknown", Text("没有这份规程。", "There is no such procedure."))
    return found


def _version(procedure: Procedure, number: object) -> ProcedureVersion:
    versions = ProcedureVersion.objects.filter(procedure=procedure).select_related(
        "procedure__enterprise", "source"
    )
    key = key_in(number)
    wanted = versions.order_by("-number") if key is None else versions.filter(number=key)
    found = wanted.first()
    if found is None:
        raise NotFound("version_unknown", Text("没有这个版本。", "There is no such version."))
    return found


@require_safe
@signed_in
def procedure(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a version beside the one before, and who has read it."""
    viewer = actor_of(request)
    found = _procedure(viewer, pk)
    version = _version(found, request.GET.get("version", ""))
    facts = {
        "procedure": found,
        "version": version,
        "versions": ProcedureVersion.objects.filter(procedure=found).order_by("-number"),
        "rows": [_row(change.kind, change.before, change.after) for change in side_by_side(version)],
        "source_visible": version.source is not None
        and cases_visible_to(viewer).filter(pk=version.source.pk).exists(),
        "reading": Reading.objects.filter(version=version, person=viewer.person).first(),
        "readers": _readers(viewer, version),
        "may_publish": viewer.role_for((SITE_MANAGER, SAFETY_OFFICE), found.enterprise_path) is not None,
    }
    return render(request, "safetywork/procedure.html", facts)


def _readers(viewer: Actor, version: ProcedureVersion) -> list[Any] | None:
    kinds = (SITE_MANAGER, UNION_OFFICER, SAFETY_OFFICE)
    if viewer.role_for(kinds, version.procedure.enterprise_path) is None:
        return None
    # Names of one's own people: the rule above has decided, and only masked names leave this page.
    with scope.use(scope.EVERYTHING):
        return read_state(viewer, version)


def _row(kind: str, before: tuple[str, str], after: tuple[str, str]) -> Row:
    old, new = (
        _marked(before[1], after[1]) if kind == "changed" else ([("same", before[1])], [("same", after[1])])
    )
    return Row(kind, KINDS[kind], TONES[kind], before[0], after[0], old, new)


def _marked(before: str, after: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Both texts cut where they differ."""
    old: list[tuple[str, str]] = []
    new: list[tuple[str, str]] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if i2 > i1:
            old.append(("same" if what == "equal" else "removed", before[i1:i2]))
        if j2 > j1:
            new.append(("same" if what == "equal" else "added", after[j1:j2]))
    return old, new


@require_POST
@signed_in
def read(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """Take note that the reader has read a version."""
    viewer = actor_of(request)
    record_reading(_version(_procedure(viewer, pk), version), actor=viewer, at=clock.now())
    messages.success(request, str(Text("已记下您读过这一版。", "Noted: you have read this version.")))
    return see_other(f"{reverse('safety:procedure', args=[pk])}?version={version}")


@require_safe
@signed_in
def board(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """Print a version for the notice board."""
    found = _version(_procedure(actor_of(request), pk), version)
    return render(request, "safetywork/board.html", {"board": board_of(found)})


class PublishForm(forms.Form):
    """A procedure as text: one clause a line, the number first."""

    enterprise = forms.ModelChoiceField(
        Organization.objects.none(), label=Text("企业", "Enterprise"), empty_label=None
    )
    title = forms.CharField(label=Text("规程名称", "Title"), max_length=200)
    clauses = forms.CharField(
        label=Text("条文", "Clauses"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=Text(
            "每行一条，条号在前，如：3.2 吊装前检查限位器。",
            "One clause a line, its number first: 3.2 Check the limiter.",
        ),
    )
    effective_on = forms.DateField(
        label=Text("生效日期", "In force from"), widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(
        label=Text("修订说明", "What was revised, and why"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    source = forms.CharField(
        label=Text("来源办件编号", "Number of the case that led to it"), required=False, max_length=20
    )
    everybody = forms.BooleanField(
        label=Text("本企业全体职工须在生效前阅读", "Everybody in the enterprise has to read it by then"),
        required=False,
        initial=True,
    )

    def clean_clauses(self) -> list[tuple[str, str]]:
        """Number and text of each line; a line without a number is numbered by its place."""
        lines = [line.strip() for line in self.cleaned_data["clauses"].splitlines() if line.strip()]
        found = [_CLAUSE.match(line) for line in lines]
        return [
            (match.group(1), match.group(2).strip()) if match else (str(place), line)
            for place, (line, match) in enumerate(zip(lines, found, strict=True), start=1)
        ]


def enterprises_of(viewer: Actor) -> list[Organization]:
    """The enterprises for which the viewer may publish."""
    kinds = {SITE_MANAGER.code, SAFETY_OFFICE.code}
    paths = [role.scope_path for role in viewer.roles if role.kind in kinds]
    if not paths:
        return []
    found = Organization.objects.filter(
        reduce(or_, (under(path, "path") for path in paths)), kind=Organization.Kind.ENTERPRISE, active=True
    )
    return list(found.order_by("path")[:MOST])


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def publish(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Publish a new procedure, or the next version of one."""
    viewer = actor_of(request)
    found = _procedure(viewer, pk) if pk is not None else None
    last = _version(found, "") if found else None
    form = _publish_form(request, viewer, last)
    fault, status = None, 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                version = _publish(viewer, found, form.cleaned_data)
            except Refused as refused:
                fault = _placed(form, refused)
            else:
                messages.success(request, str(Text("已发布。", "Published.")))
                return see_other(
                    f"{reverse('safety:procedure', args=[version.procedure_id])}?version={version.number}"
                )
    facts = {"form": form, "procedure": found, "fault": fault}
    return render(request, "safetywork/publish.html", facts, status=status)


def _publish_form(request: HttpRequest, viewer: Actor, last: ProcedureVersion | None) -> PublishForm:
    initial: dict[str, Any] = {"source": request.GET.get("source", "")}
    if last:
        initial["clauses"] = "\n".join(f"{number} {text}" for number, text in last.clauses)
    form = PublishForm(request.POST if request.method == "POST" else None, initial=initial)
    if last:
        del form.fields["enterprise"], form.fields["title"]
    else:
        field: Any = form.fields["enterprise"]
        field.queryset = Organization.objects.filter(pk__in=[each.pk for each in enterprises_of(viewer)])
    return form


def _publish(viewer: Actor, found: Procedure | None, data: dict[str, Any]) -> ProcedureVersion:
    enterprise = found.enterprise if found else data["enterprise"]
    with scope.use(scope.EVERYTHING):
        # Everybody of the enterprise, whom its manager's own scope may not list one by one.
        readers = (
            list(Person.objects.filter(organization=enterprise, erased_at=None)) if data["everybody"] else []
        )
    common = {
        "clauses": data["clauses"],
        "effective_on": data["effective_on"],
        "readers": readers,
        "actor": viewer,
        "at": clock.now(),
    }
    if found is None:
        return publish_procedure(enterprise, title=data["title"], **common)
    source = (
        cases_visible_to(viewer).filter(number=data["source"].upper()).first() if data["source"] else None
    )
    if data["source"] and source is None:
        raise Refused("case_unknown", Text("没有这个办件。", "There is no such case."), field="source")
    return publish_version(found, note=data["note"], source=source, **common)


def _placed(form: PublishForm, refused: Refused) -> Text | None:
    """Put a refusal at its field, or hand back its words for the top of the form."""
    if refused.field in form.fields:
        form.add_error(refused.field, str(refused.message))
        return None
    return refused.message

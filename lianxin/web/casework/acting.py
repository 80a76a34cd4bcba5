"""Doing things to cases: submitting one, taking a step."""

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from lianxin.kernel import clock
from lianxin.kernel.cases import intake, queries
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import step_of
from lianxin.kernel.cases.workflow import Step, Workflow, workflow_for, workflows
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused, TooMany
from lianxin.kernel.text import Text
from lianxin.web.casework import places
from lianxin.web.casework.narrowing import recalled
from lianxin.web.casework.page import StepPanel, case_facts, panel
from lianxin.web.casework.sent import thank
from lianxin.web.casework.uploads import evidence_form, uploads_of
from lianxin.web.casework.viewers import actor_of, looking, viewer_of

UNPROCESSABLE, CONFLICT = 422, 409
# Raising something together is folded away: most raise it alone.
JOINT = ("co_authors", "people", "shares")


@require_POST
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Take a step; a faulty form comes back with its faults, a race with the fresh case."""
    viewer = viewer_of(request, number)
    with looking(viewer):
        case = queries.case_for(viewer, number)
        found = step_of(workflow_for(case.kind), name)
        try:
            intake.take_step(
                case,
                name,
                actor=viewer,
                at=clock.now(),
                data=request.POST,
                uploads=uploads_of(request, found.needs),
                client_token=_token(request),
            )
        except (NotFound, NotAllowed, TooMany):
            raise
        except Conflict as conflict:
            messages.warning(request, str(conflict.message))
            return _case_page(request, viewer, queries.case_for(viewer, number), None, CONFLICT)
        except Refused as refused:
            return _case_page(
                request, viewer, case, _faulty(request, viewer, case, found, refused), UNPROCESSABLE
            )
    messages.success(request, str(Text("已办理：{step}", "Done: {step}").format(step=found.label)))
    return _see_other(reverse("cases:case", args=[number]))


def _faulty(request: HttpRequest, viewer: Actor, case: Case, found: Step, refused: Refused) -> StepPanel:
    faulty = panel(case, found, actor=viewer, at=clock.now(), data=request.POST)
    _show_fault(faulty.form, refused)
    if refused.field in {evidence.name for evidence in found.needs}:
        faulty.evidence = evidence_form(found.needs, {str(refused.field): [refused.message]})
    elif not isinstance(refused, Invalid) and (
        faulty.form is None or refused.field not in faulty.form.fields
    ):
        faulty.fault = refused.message
    return faulty


def _show_fault(form: forms.Form | None, refused: Refused) -> None:
    if form is None:
        return
    form.is_valid()
    if not isinstance(refused, Invalid) and refused.field in form.fields:
        form.add_error(refused.field, str(refused.message))


def _case_page(
    request: HttpRequest, viewer: Actor, case: Case, faulty: StepPanel | None, status: int
) -> HttpResponse:
    facts = case_facts(viewer, case, asked=recalled(request), faulty=faulty)
    return render(request, "cases/case.html", facts, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, kind: str) -> HttpResponse:
    """Open a case of a kind: a photo or a voice note and a place are enough where the kind allows it."""
    workflow = _workflow(kind)
    opening = intake.opening_of(workflow)
    actor, at = actor_of(request), clock.now()
    if request.method != "POST":
        if actor.person is None and opening.modes and "anonymous" not in opening.modes:
            # Better before than after it has been written.
            return redirect_to_login(request.get_full_path())
        # A QR code names the place; a case page the case that this one comes of.
        given = {name: request.GET.get(name, "") for name in ("place", "source")}
        form = opening.form(None, actor=actor, at=at, modes=_modes(workflow, actor), initial=given)
        return _submit_page(request, workflow, form, evidence_form(opening.evidence))
    if "find_place" in request.POST:
        form = opening.form(
            None, actor=actor, at=at, modes=_modes(workflow, actor), initial=request.POST.dict()
        )
        return _submit_page(request, workflow, form, evidence_form(opening.evidence))
    try:
        opened = intake.submit(
            workflow, actor=actor, at=at, data=_sent(request), uploads=uploads_of(request, opening.evidence)
        )
    except (NotFound, NotAllowed, TooMany):
        raise
    except Refused as refused:
        return _submit_refused(request, workflow, refused)
    return thank(request, opened)


def _submit_refused(request: HttpRequest, workflow: Workflow, refused: Refused) -> HttpResponse:
    opening = intake.opening_of(workflow)
    actor = actor_of(request)
    form = opening.form(_sent(request), actor=actor, at=clock.now(), modes=_modes(workflow, actor))
    _show_fault(form, refused)
    files = evidence_form(opening.evidence)
    fault = None
    if refused.field in files.fields:
        files = evidence_form(opening.evidence, {str(refused.field): [refused.message]})
    elif not isinstance(refused, Invalid) and refused.field not in form.fields:
        fault = refused.message
    return _submit_page(request, workflow, form, files, fault=fault, status=UNPROCESSABLE)


def _submit_page(
    request: HttpRequest,
    workflow: Workflow,
    form: forms.Form,
    files: forms.Form,
    *,
    fault: Text | None = None,
    status: int = 200,
) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    # Asked for outside the form, whose fields refuse what PostgreSQL has in no text.
    text, code = (given.get(name, "").replace("\0", "") for name in ("place_search", "place"))
    common = {"place", "site", "organization", "place_text", "mode", "client_token", *JOINT}
    # Who has not signed in can name nobody; whoever raises it with them stays as unknown as they do.
    joint = JOINT if actor_of(request).person else JOINT[1:]
    facts = {
        "workflow": workflow,
        "form": form,
        "own_fields": [form[name] for name in form.fields if name not in common],
        "joint_fields": [form[name] for name in joint if name in form.fields],
        "anonymous": _modes(workflow, actor_of(request)) == ("anonymous",),
        "files": files,
        "fault": fault,
        "code_place": places.place_of_code(code),
        "place_search": text,
        "places": places.offered(actor_of(request), text, given.get("chosen_place", "")),
        "searched": bool(text.strip()),
    }
    return render(request, "cases/submit.html", facts, status=status)


def _modes(workflow: Workflow, actor: Actor) -> tuple[str, ...]:
    modes = intake.opening_of(workflow).modes
    return modes if actor.person else tuple(mode for mode in modes if mode == "anonymous") or modes


def _sent(request: HttpRequest) -> QueryDict:
    """The data sent, with the place that was chosen from the search under the name of its own field."""
    data = request.POST.copy()
    field, _, value = data.get("chosen_place", "").partition(":")
    if field in {"site", "organization"}:
        data[field] = value
    return data


def _workflow(kind: str) -> Workflow:
    for workflow in workflows():
        if workflow.kind == kind and workflow.opening:
            return workflow
    raise NotFound("kind_unknown", Text("没有这类办件。", "There is no such kind of case."))


def _token(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("client_token", ""))
    except ValueError:
        return None


def _see_other(address: str) -> HttpResponse:
    return HttpResponseRedirect(address, status=303)

"""Opening a confidential reporter's identity: one custodian asks, one of another body opens, both are logged."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from lianxin.kernel import clock
from lianxin.kernel.cases import queries
from lianxin.kernel.cases.models import IdentityOpening, Reporter
from lianxin.kernel.cases.reporters import Mode, ask_to_open, open_identity
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.roles import CUSTODIAN
from lianxin.kernel.refusals import Conflict, NotAllowed, NotFound, Refused
from lianxin.kernel.text import Text
from lianxin.web.answers import UNPROCESSABLE, see_other
from lianxin.web.casework.viewers import actor_of, officers_only

MOST = 100


def custodian(request: HttpRequest) -> Actor:
    """The reader, if a custodian of anything."""
    viewer = actor_of(request)
    if not any(role.kind == CUSTODIAN.code for role in viewer.roles):
        raise NotAllowed(
            "not_custodian", Text("须由身份保管人办理。", "Only an identity custodian may do this.")
        )
    return viewer


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def identities(request: HttpRequest) -> HttpResponse:
    """List what was asked and opened; ask for an opening by the number of the case."""
    viewer = custodian(request)
    if request.method != "POST":
        return _page(request, viewer)
    try:
        reporter = _reporter(viewer, request.POST.get("number", ""))
        ask_to_open(reporter, actor=viewer, reason=request.POST.get("reason", ""), at=clock.now())
    except NotAllowed:
        raise
    except Refused as refused:
        return _page(request, viewer, fault=refused.message, status=UNPROCESSABLE)
    messages.success(
        request,
        str(Text("已提出，等另一单位的保管人开启。", "Asked. A custodian of the other body has to open it.")),
    )
    return see_other(reverse("offices:identities"))


def _reporter(viewer: Actor, number: str) -> Reporter:
    """The confidential reporter of a case within the custodian's reach: the first, of joint ones."""
    case = queries.case_for(viewer, number)
    found = (
        Reporter.objects.filter(case=case, mode=Mode.CONFIDENTIAL)
        .select_related("case")
        .order_by("position")
        .first()
    )
    if found is None:
        raise NotFound(
            "nothing_sealed", Text("这份报告没有密封身份。", "No identity is sealed with this report.")
        )
    return found


def _page(
    request: HttpRequest, viewer: Actor, *, fault: Text | None = None, opened: str = "", status: int = 200
) -> HttpResponse:
    visible = queries.cases_visible_to(viewer)
    found = (
        IdentityOpening.objects.filter(reporter__case__in=visible)
        .select_related("reporter__case", "first_body", "second_body")
        .order_by("-pk")[:MOST]
    )
    own_bodies = {role.organization_id for role in viewer.roles if role.kind == CUSTODIAN.code}
    facts = {
        "openings": [
            (each, each.second_at is None and each.first_body_id not in own_bodies) for each in found
        ],
        "number": request.POST.get("number", request.GET.get("number", "")),
        "reason": request.POST.get("reason", ""),
        "fault": fault,
        "opened": opened,
    }
    response = render(request, "offices/identities.html", facts, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@officers_only
def open_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Open what was asked; the name stands on this answer and is kept nowhere."""
    viewer = custodian(request)
    visible = queries.cases_visible_to(viewer)
    opening = (
        IdentityOpening.objects.filter(pk=pk, reporter__case__in=visible)
        .select_related("reporter__case")
        .first()
    )
    if opening is None:
        raise NotFound("opening_unknown", Text("没有这项申请。", "There is no such request."))
    try:
        person = open_identity(opening, actor=viewer, at=clock.now())
    except Conflict as before:
        return _page(request, viewer, fault=before.message, status=before.status)
    return _page(request, viewer, opened=f"{opening.reporter.case.number}: {person.name}")

"""The inbox, and what a case page tells its reporter."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lianxin.kernel import clock
from lianxin.kernel.cases.models import Case
from lianxin.kernel.keys import key_in
from lianxin.kernel.notices import queries
from lianxin.kernel.notices.services import read_notices
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import NotFound
from lianxin.kernel.text import Text
from lianxin.web.answers import see_other
from lianxin.web.casework.listing import NextPage
from lianxin.web.casework.panels import CasePanel, register_panel
from lianxin.web.casework.viewers import actor_of, signed_in

PAGE = 30


@require_safe
@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    """List what was said to the reader, the newest first."""
    before = key_in(request.GET.get("after", ""))
    told = queries.inbox(actor_of(request), before=before, size=PAGE + 1)
    more = len(told) > PAGE
    told = told[:PAGE]
    facts = {
        "told": told,
        "any_unread": any(not each.read for each in told),
        "page": NextPage(str(told[-1].notice.pk) if more else None),
    }
    return render(request, "inbox/inbox.html", facts)


@require_POST
@signed_in
def read(request: HttpRequest) -> HttpResponse:
    """Mark one message as read, or all of them."""
    pk = key_in(request.POST.get("notice", ""))
    read_notices(actor_of(request), at=clock.now(), pks=None if pk is None else [pk])
    return see_other(reverse("notices:inbox"))


@require_safe
@signed_in
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what a message is about; it counts as read from then on."""
    viewer = actor_of(request)
    found = queries.notices_of(viewer).filter(pk=pk).select_related("case").first()
    if found is None:
        raise NotFound("notice_unknown", Text("没有这条消息。", "There is no such message."))
    read_notices(viewer, at=clock.now(), pks=[pk])
    return see_other(
        reverse("cases:case", args=[found.case.number]) if found.case else reverse("notices:inbox")
    )


@register_panel
def notices_panel(viewer: Actor, case: Case) -> CasePanel | None:
    """What was said to the reporter about the case, on its own page: a receipt's holder has no inbox."""
    if viewer.roles:
        return None
    told = queries.notices_about(viewer, case.pk)
    return CasePanel("inbox/_about.html", {"told": list(reversed(told))}) if told else None

"""Looking at cases: the queue, one case, my own, the files under one."""

from dataclasses import dataclass

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lianxin.kernel import clock
from lianxin.kernel.cases import attachments, queries, queues
from lianxin.kernel.cases.queues import Order
from lianxin.kernel.cases.workflow import Party, workflows
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import NotFound
from lianxin.kernel.text import Text
from lianxin.web.casework.listing import Line, address, line, listed_line, matter, next_page
from lianxin.web.casework.narrowing import ORDERS, TABS, asked_in, begin, recalled, remember
from lianxin.web.casework.page import case_facts
from lianxin.web.casework.viewers import actor_of, looking, officers_only, signed_in, viewer_of


@dataclass(frozen=True, slots=True)
class View:
    """A tab of the queue; ``mark`` is how many it holds, counted no further than a page needs."""

    label: Text
    href: str
    active: bool
    mark: str | int | None


@require_safe
@officers_only
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits for this officer, the most urgent first; a number leads to its case at once."""
    viewer, at, asked = actor_of(request), clock.now(), asked_in(request.GET)
    if asked.words and (number := _number_in(viewer, asked.words)):
        return HttpResponseRedirect(address(number))
    page = queues.queue_lines(viewer, asked.wanted, at=at, after=request.GET.get("after"))
    counts = queues.queue_counts(viewer, at=at)
    choices = matters_of(viewer, everybodys=asked.tab == "supervised")
    facts = {
        "views": [
            View(label, asked.address(tab=name), name == asked.tab, _mark(counts.get(name)))
            for name, label in TABS.items()
        ],
        "asked": asked,
        "choices": choices,
        "orders": [
            View(ORDERS[order], asked.address(order=order), order is asked.order, None)
            for order in orders_of(choices, asked.order)
        ],
        "lines": [listed_line(case, own=asked.tab != "supervised") for case in page.cases],
        "page": next_page(page),
    }
    return begin(request, render(request, "cases/queue.html", facts), asked)


def _number_in(viewer: Actor, words: str) -> str:
    """The number of a case that the viewer may see, when what was looked for is one."""
    try:
        return queries.case_for(viewer, words).number
    except NotFound:
        return ""


def matters_of(viewer: Actor, *, everybodys: bool = False) -> list[tuple[str, Text]]:
    """What can wait for the viewer's offices, or for anybody's: each status of each kind in which it is their turn."""
    held = {role.kind for role in viewer.roles}
    return [
        (f"{workflow.kind}.{status}", matter(workflow.kind, status))
        for workflow in workflows()
        for status, stage in workflow.stages.items()
        if everybodys or (not isinstance(stage.owner, Party) and stage.owner.code in held)
    ]


def orders_of(choices: list[tuple[str, Text]], asked: Order) -> list[Order]:
    """The orders in which such a queue can be read: by weight where something in it has one, or when asked."""
    weighty = {
        f"{workflow.kind}.{status}"
        for workflow in workflows()
        if workflow.weight
        for status in workflow.weight.known
    }
    weighed = any(what in weighty for what, _ in choices)
    return [order for order in ORDERS if weighed or order is not Order.WEIGHT or order is asked]


def _mark(count: int | None) -> str | int | None:
    return f"{queues.MANY - 1}+" if count and count >= queues.MANY else count or None


@require_safe
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """Show what the reader raised and what became of it."""
    viewer = actor_of(request)
    lines: list[Line] = [line(case) for case in queries.cases_of_reporter(viewer)[:100]]
    return render(request, "cases/mine.html", {"lines": lines})


@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case: where it stands, who has it until when, what happened, what this reader can do."""
    viewer = viewer_of(request, number)
    with looking(viewer):
        facts = case_facts(viewer, queries.case_for(viewer, number), asked=recalled(request))
        response = render(request, "cases/case.html", facts)
    if viewer.roles:
        remember(request, response, facts["asked"])
    return response


@require_safe
def file(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """Hand out a file under a case to whoever may see the case."""
    viewer = viewer_of(request, number)
    side = request.GET.get("side", "")
    with looking(viewer):
        attachment, opened = attachments.open_attachment(viewer, pk)
        if queries.case_for(viewer, number).pk != attachment.case_id:
            raise NotFound("file_unknown", Text("没有这个文件。", "There is no such file."))
        if side in map(str, attachments.THUMBNAIL_SIDES):
            opened.close()
            opened = attachments.thumbnail(attachment, long_side=int(side))
            media_type = "image/jpeg"
        else:
            media_type = attachment.media_type
    response = FileResponse(opened, content_type=media_type)
    response["Cache-Control"] = "private, max-age=3600, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; media-src 'self'; img-src 'self'"
    return response

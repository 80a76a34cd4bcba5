"""Erasing what a file shows: one custodian asks, one of another body has it erased, both are logged."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from lianxin.kernel import clock
from lianxin.kernel.cases import queries
from lianxin.kernel.cases.erasing import ask_to_erase, erase_content
from lianxin.kernel.cases.models import Attachment, ContentErasure
from lianxin.kernel.keys import key_in
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.roles import CUSTODIAN
from lianxin.kernel.refusals import NotAllowed, NotFound, Refused
from lianxin.kernel.text import Text
from lianxin.web.answers import UNPROCESSABLE, see_other
from lianxin.web.casework.viewers import officers_only
from lianxin.web.offices.identities import MOST, custodian


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def erasures(request: HttpRequest) -> HttpResponse:
    """List what was asked and erased; find the files of a case, and ask to have one erased."""
    viewer = custodian(request)
    if request.method != "POST":
        return _page(request, viewer)
    try:
        file = _file(viewer, request.POST.get("file", ""))
        ask_to_erase(file, actor=viewer, reason=request.POST.get("reason", ""), at=clock.now())
    except NotAllowed:
        raise
    except Refused as refused:
        return _page(request, viewer, fault=refused.message, status=UNPROCESSABLE)
    told = Text("已提出，等另一单位的保管人确认。", "Asked. A custodian of the other body has to confirm it.")
    messages.success(request, str(told))
    return see_other(reverse("offices:erasures"))


@require_POST
@officers_only
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Have it erased, for good."""
    viewer = custodian(request)
    erasure = _visible(viewer).filter(pk=pk).first()
    if erasure is None:
        raise NotFound("erasure_unknown", Text("没有这项申请。", "There is no such request."))
    erase_content(erasure, actor=viewer, at=clock.now())
    messages.success(request, str(Text("内容已删除，指纹和记录仍在。", "Erased. Fingerprint and log stay.")))
    return see_other(reverse("offices:erasures"))


def _file(viewer: Actor, pk: str) -> Attachment:
    files = Attachment.objects.filter(case__in=queries.cases_visible_to(viewer))
    key = key_in(pk)
    found = None if key is None else files.filter(pk=key).first()
    if found is None:
        raise NotFound("file_unknown", Text("请选择一个文件。", "Choose a file."), field="file")
    return found


def _visible(viewer: Actor) -> QuerySet[ContentErasure]:
    seen = Attachment.objects.filter(case__in=queries.cases_visible_to(viewer)).values("sha256")
    return ContentErasure.objects.filter(sha256__in=seen)


def _page(
    request: HttpRequest, viewer: Actor, *, fault: Text | None = None, status: int = 200
) -> HttpResponse:
    number = request.POST.get("number") or request.GET.get("number", "")
    files: list[Attachment] = []
    if number:
        try:
            files = queries.attachments_of(queries.case_for(viewer, number))
        except NotFound as unknown:
            fault, status = fault or unknown.message, UNPROCESSABLE
    erased = queries.erasures_of(files)
    own_bodies = {role.organization_id for role in viewer.roles if role.kind == CUSTODIAN.code}
    asked = list(_visible(viewer).select_related("first_body", "second_body").order_by("-pk")[:MOST])
    under: dict[bytes, set[str]] = {}
    held = Attachment.objects.filter(sha256__in=[each.sha256 for each in asked])
    for digest, of in held.values_list("sha256", "case__number"):
        under.setdefault(bytes(digest), set()).add(of)
    facts = {
        "number": number,
        "files": [file for file in files if bytes(file.sha256) not in erased],
        "chosen": request.POST.get("file", ""),
        "reason": request.POST.get("reason", ""),
        "fault": fault,
        "erasures": [
            (
                each,
                sorted(under.get(bytes(each.sha256), ())),
                each.second_at is None and each.first_body_id not in own_bodies,
            )
            for each in asked
        ],
    }
    return render(request, "offices/erasures.html", facts, status=status)

"""Bank batches: payments out in one file, the bank's answer in by another."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lianxin.kernel import clock
from lianxin.kernel.ledger import batches as service
from lianxin.kernel.ledger.models import BankBatch, Payout
from lianxin.kernel.ledger.queries import fund_for, funds_visible_to
from lianxin.kernel.ledger.rules import can_keep_fund, may_keep_fund
from lianxin.kernel.ledger.workflow import S
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import NotFound, Refused
from lianxin.kernel.sheets.bank import batch_file, book_result_file
from lianxin.kernel.sheets.faults import Faulty
from lianxin.kernel.text import Text
from lianxin.web.answers import SHEETS, UNPROCESSABLE, download, see_other
from lianxin.web.casework.viewers import actor_of
from lianxin.web.money.viewing import money_only

MOST = 200
LARGEST_FILE = 5 * 1024 * 1024


@require_safe
@money_only
def batches(request: HttpRequest) -> HttpResponse:
    """List the batches, and for each fund that the viewer keeps what a new one would hold."""
    viewer = actor_of(request)
    found = (
        BankBatch.objects.filter(fund__in=funds_visible_to(viewer))
        .select_related("fund")
        .order_by("-pk")[:MOST]
    )
    kept = [
        fund for fund in funds_visible_to(viewer) if can_keep_fund(viewer, fund.organization_path).allowed
    ]
    waiting: dict[int, list[int]] = {fund.pk: [] for fund in kept}
    ready = Payout.objects.filter(fund__in=kept, case__status=S.RELEASED, payee_sealed__isnull=False)
    for fund, amount in ready.values_list("fund", "amount"):
        waiting[fund].append(amount)
    facts = {
        "batches": found,
        "waiting": [(fund, len(waiting[fund.pk]), Money(sum(waiting[fund.pk]))) for fund in kept],
    }
    return render(request, "money/batches.html", facts)


@require_POST
@money_only
def create(request: HttpRequest, pk: int) -> HttpResponse:
    """Put every released payout with a known payee into a new batch."""
    viewer = actor_of(request)
    fund = fund_for(viewer, pk)
    may_keep_fund(viewer, fund.organization_path)
    try:
        made = service.create_batch(fund, actor=viewer, at=clock.now())
    except Refused as refused:
        if refused.code != "nothing_to_send":
            raise
        messages.warning(request, str(refused.message))
        return see_other(reverse("ledger:batches"))
    messages.success(request, str(Text("已生成批次 {n}。", "Batch {n} was made.").format(n=made.number)))
    return see_other(reverse("ledger:batch", args=[made.number]))


@require_safe
@money_only
def batch(request: HttpRequest, number: str) -> HttpResponse:
    """Show a batch with its payments and what the bank said of each."""
    viewer = actor_of(request)
    return _page(request, viewer, _batch(viewer, number))


def _batch(viewer: Actor, number: str) -> BankBatch:
    found = (
        BankBatch.objects.filter(number=number.upper(), fund__in=funds_visible_to(viewer))
        .select_related("fund__organization")
        .first()
    )
    if found is None:
        raise NotFound("batch_unknown", Text("没有这个批次。", "There is no such batch."))
    return found


def _page(
    request: HttpRequest,
    viewer: Actor,
    found: BankBatch,
    *,
    faulty: Faulty | None = None,
    fault: Text | None = None,
    status: int = 200,
) -> HttpResponse:
    facts = {
        "batch": found,
        "lines": found.lines.select_related("payout__case").order_by("number"),
        "results": found.results.order_by("pk"),
        "keeps": can_keep_fund(viewer, found.fund.organization_path).allowed,
        "faulty": faulty,
        "fault": fault,
    }
    return render(request, "money/batch.html", facts, status=status)


@require_POST
@money_only
def file(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the file for the bank. It holds payees, so every making of it is logged."""
    viewer = actor_of(request)
    kind = "xlsx" if request.POST.get("kind") == "xlsx" else "csv"
    made = batch_file(_batch(viewer, number), actor=viewer, at=clock.now(), kind=kind)
    return download(made.content, made.name, SHEETS[kind])


@require_POST
@money_only
def result(request: HttpRequest, number: str) -> HttpResponse:
    """Book the bank's result file whole, or show every fault in it and book nothing."""
    viewer = actor_of(request)
    found = _batch(viewer, number)
    may_keep_fund(viewer, found.fund.organization_path)
    sent = request.FILES.get("file")
    if sent is None or (sent.size or 0) > LARGEST_FILE:
        missing = Text("请选择银行回盘文件（不超过 5 MB）。", "Choose the bank's result file (at most 5 MB).")
        return _page(request, viewer, found, fault=missing, status=UNPROCESSABLE)
    try:
        booking = book_result_file(found, sent.read(), actor=viewer, at=clock.now())
    except Faulty as faulty:
        return _page(request, viewer, found, faulty=faulty, status=UNPROCESSABLE)
    except Refused as refused:
        if refused.status in {403, 404}:
            raise
        return _page(request, viewer, found, fault=refused.message, status=UNPROCESSABLE)
    words = (
        Text("这个文件此前已入账，没有改变任何内容。", "This file had been booked before. Nothing changed.")
        if booking.again
        else Text("已入账：成功 {paid} 笔，失败 {failed} 笔。", "Booked: {paid} paid, {failed} failed.")
    )
    messages.success(request, str(words.format(paid=booking.paid, failed=booking.failed)))
    return see_other(reverse("ledger:batch", args=[found.number]))

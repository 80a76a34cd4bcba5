"""Funds: how they stand, their entries, the ledger for auditors."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lianxin.kernel import clock
from lianxin.kernel.keys import key_in
from lianxin.kernel.ledger.beancount import beancount_lines
from lianxin.kernel.ledger.models import Account, Coverage, Entry, Fund, Posting
from lianxin.kernel.ledger.queries import (
    Standing,
    coverages_of,
    entries_matching,
    fund_for,
    funds_visible_to,
    payouts_visible_to,
    recounted,
)
from lianxin.kernel.ledger.rules import can_keep_fund
from lianxin.kernel.ledger.services import cover, end_coverage
from lianxin.kernel.money import Money
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.refusals import NotFound
from lianxin.kernel.sheets.columns import Column
from lianxin.kernel.text import Text
from lianxin.web.answers import download, see_other, spreadsheet
from lianxin.web.casework.listing import NextPage
from lianxin.web.casework.viewers import actor_of
from lianxin.web.money.payouts import counted_by_tab
from lianxin.web.money.viewing import money_only

PAGE = 50
Kind = Account.Kind


@dataclass(frozen=True, slots=True)
class Meter:
    """Money of a line, or of a fund: planned, given to it, and where that stands."""

    label: Text | str
    planned: Money | None
    available: Money
    reserved: Money
    paid: Money

    @property
    def total(self) -> Money:
        """All that is or was there."""
        return self.available + self.reserved + self.paid

    @property
    def paid_share(self) -> float:
        """The paid part in thousandths, for the bar."""
        return round(1000 * self.paid.fen / self.total.fen, 1) if self.total.fen else 0

    @property
    def reserved_share(self) -> float:
        """The reserved part in thousandths."""
        return round(1000 * self.reserved.fen / self.total.fen, 1) if self.total.fen else 0


@require_safe
@money_only
def funds(request: HttpRequest) -> HttpResponse:
    """List the funds that the viewer may see, each with its lines."""
    found = list(funds_visible_to(actor_of(request)))
    by_fund = standings_of(found)
    rows = [(fund, whole(by_fund.get(fund.pk, [])), by_fund.get(fund.pk, [])) for fund in found]
    return render(request, "money/funds.html", {"rows": rows})


def standings_of(found: list[Fund]) -> dict[int, list[Meter]]:
    """How the lines of several funds stand, in one statement."""
    sums: dict[tuple[int, int | None], tuple[Any, dict[str, int]]] = {}
    accounts = (
        Account.objects.filter(fund__in=found).select_related("line").order_by("fund", "line__code", "id")
    )
    for account in accounts:
        sums.setdefault((account.fund_id, account.line_id), (account.line, {}))[1][account.kind] = (
            account.balance
        )
    result: dict[int, list[Meter]] = {}
    for (fund, _), (line, kinds) in sums.items():
        standing = Standing(
            line, *(Money(kinds.get(kind, 0)) for kind in (Kind.AVAILABLE, Kind.RESERVED, Kind.PAID))
        )
        result.setdefault(fund, []).append(meter_of(standing))
    return {fund: sorted(meters, key=lambda meter: meter.planned is None) for fund, meters in result.items()}


def meter_of(standing: Standing) -> Meter:
    """A line as a bar; without a line, what is not allocated."""
    label = standing.line.label if standing.line else Text("未分配", "Not allocated")
    planned = Money(standing.line.amount) if standing.line else None
    return Meter(label, planned, standing.available, standing.reserved, standing.paid)


def whole(meters: list[Meter]) -> Meter:
    """The whole fund."""
    return Meter(
        "",
        Money(sum(meter.planned.fen for meter in meters if meter.planned)),
        *(
            Money(sum(getattr(meter, name).fen for meter in meters))
            for name in ("available", "reserved", "paid")
        ),
    )


class EntryFilter(forms.Form):
    """What of the register is shown."""

    kind = forms.ChoiceField(
        label=Text("类别", "Kind"), required=False, choices=[("", Text("全部", "All")), *Entry.Kind.choices]
    )
    line = forms.ChoiceField(label=Text("预算项目", "Budget line"), required=False)
    since = forms.DateField(
        label=Text("从", "From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=Text("到", "To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: Any, *, fund: Fund) -> None:
        """The lines are those of the fund."""
        super().__init__(data, auto_id="filter_%s")
        lines: Any = self.fields["line"]
        lines.choices = [
            ("", Text("全部", "All")),
            *((str(line.pk), line.label) for line in fund.lines.order_by("code")),
        ]

    def entries(self, fund: Fund) -> QuerySet[Entry]:
        """The entries that fit; a faulty filter is left out."""
        self.is_valid()
        data = self.cleaned_data
        line = int(data["line"]) if data.get("line") else None
        since: date | None = data.get("since")
        until: date | None = data.get("until")
        return entries_matching(fund, kind=data.get("kind", ""), line=line, since=since, until=until)


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry of the register: what, how much, from which account to which."""

    entry: Entry
    kind: Text
    amount: Money
    out_of: list[str]
    into: list[str]


def entry_line(entry: Entry) -> EntryLine:
    """The two sides of an entry in words; its amount is what moved."""
    postings: list[Posting] = sorted(entry.postings.all(), key=lambda posting: posting.account_id)
    label: Any = Entry.Kind(entry.kind).label
    return EntryLine(
        entry,
        label,
        Money(sum(posting.amount for posting in postings if posting.amount > 0)),
        [_account(posting.account) for posting in postings if posting.amount < 0],
        [_account(posting.account) for posting in postings if posting.amount > 0],
    )


def _account(account: Account) -> str:
    kind = str(Kind(account.kind).label)
    return f"{account.line.label} · {kind}" if account.line else kind


@require_safe
@money_only
def fund(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a fund: its lines, its payouts by status, its entries."""
    viewer = actor_of(request)
    found = fund_for(viewer, pk)
    wanted = EntryFilter(request.GET or None, fund=found) if request.GET else EntryFilter({}, fund=found)
    entries = wanted.entries(found)
    after = key_in(request.GET.get("after", ""))
    if after is not None:
        entries = entries.filter(pk__lt=after)
    rows = list(entries[: PAGE + 1])
    meters = standings_of([found]).get(found.pk, [])
    keeps = can_keep_fund(viewer, found.organization_path).allowed
    facts = {
        "fund": found,
        "coverages": coverages_of(found),
        "cover_form": CoverForm(fund=found) if keeps else None,
        "whole": whole(meters),
        "meters": meters,
        "counts": counted_by_tab(payouts_visible_to(viewer).filter(fund=found)),
        "filter": wanted,
        "entries": [entry_line(entry) for entry in rows[:PAGE]],
        "page": NextPage(str(rows[PAGE - 1].pk) if len(rows) > PAGE else None),
        "query": request.GET.urlencode(),
        "keeps": keeps,
        "agrees": agrees(found, meters),
    }
    return render(request, "money/fund.html", facts)


class CoverForm(forms.Form):
    """A body whose cases the fund is to pay for: its owner, or one right below."""

    organization = forms.ModelChoiceField(Organization.objects.none(), label=Text("单位", "Body"))

    def __init__(self, data: Any = None, *, fund: Fund) -> None:
        """Those that it does not cover yet."""
        super().__init__(data, auto_id="cover_%s")
        owner = fund.organization_id
        covered = Coverage.objects.filter(fund=fund, ended_at=None).values("organization")
        field: Any = self.fields["organization"]
        field.queryset = (
            Organization.objects.filter(Q(pk=owner) | Q(parent=owner), active=True)
            .exclude(pk__in=covered)
            .order_by("path")
        )


@require_POST
@money_only
def start_covering(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the fund pay for the cases of another body."""
    viewer = actor_of(request)
    found = fund_for(viewer, pk)
    form = CoverForm(request.POST, fund=found)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["organization"])))
        return _back(found)
    cover(found, form.cleaned_data["organization"], actor=viewer, at=clock.now())
    messages.success(request, str(Text("已加入服务范围。", "The fund pays for its cases from now on.")))
    return _back(found)


@require_POST
@money_only
def end_covering(request: HttpRequest, pk: int, coverage: int) -> HttpResponse:
    """Have the fund pay for no further case of a body."""
    viewer = actor_of(request)
    found = fund_for(viewer, pk)
    row = Coverage.objects.filter(fund=found, pk=coverage).select_related("fund").first()
    if row is None:
        raise NotFound("coverage_unknown", Text("服务范围中没有这个单位。", "The fund does not cover it."))
    end_coverage(row, actor=viewer, at=clock.now())
    messages.success(request, str(Text("不再受理该单位的新发放。", "The fund pays for no new case of it.")))
    return _back(found)


def _back(fund: Fund) -> HttpResponse:
    return see_other(f"{reverse('ledger:fund', args=[fund.pk])}#coverage")


def agrees(fund: Fund, meters: list[Meter]) -> bool:
    """Whether the kept balances are what the postings add up to."""
    counted, kept = recounted(fund), whole(meters)
    return (counted[Kind.AVAILABLE], counted[Kind.RESERVED], counted[Kind.PAID]) == (
        kept.available,
        kept.reserved,
        kept.paid,
    )


COLUMNS = (
    Column("entry", Text("分录", "Entry"), kind="integer", width=8),
    Column("at", Text("时间", "When"), kind="moment", width=18),
    Column("kind", Text("类别", "Kind"), width=12),
    Column("amount", Text("金额", "Amount (yuan)"), kind="money"),
    Column("out_of", Text("付方", "Out of"), width=28),
    Column("into", Text("收方", "Into"), width=28),
    Column("case", Text("办件", "Case"), width=16),
    Column("memo", Text("摘要", "Memo"), width=20),
)


@require_safe
@money_only
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the entries that the filter leaves, as a spreadsheet."""
    found = fund_for(actor_of(request), pk)
    entries = EntryFilter(request.GET, fund=found).entries(found)
    return spreadsheet(
        f"fund-{found.pk}-entries", COLUMNS, _rows(entries), kind=request.GET.get("format", "")
    )


def _rows(entries: QuerySet[Entry]) -> Iterator[dict[str, object]]:
    for entry in entries.iterator(chunk_size=500):
        told = entry_line(entry)
        yield {
            "entry": entry.pk,
            "at": entry.at,
            "kind": told.kind,
            "amount": told.amount,
            "out_of": "、".join(told.out_of),
            "into": "、".join(told.into),
            "case": entry.case.number if entry.case else "",
            "memo": entry.memo,
        }


@require_safe
@money_only
def beancount(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the ledger of a fund as Beancount text, for a program none of us wrote."""
    found = fund_for(actor_of(request), pk)
    text = "\n".join(beancount_lines([found])) + "\n"
    return download(text, f"fund-{found.pk}.beancount", "text/plain; charset=utf-8")

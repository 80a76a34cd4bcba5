"""The register of payouts, by where each stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lianxin.kernel.keys import key_in
from lianxin.kernel.ledger.models import Payout
from lianxin.kernel.ledger.queries import funds_visible_to, payouts_visible_to
from lianxin.kernel.ledger.workflow import S, workflow
from lianxin.kernel.money import Money
from lianxin.kernel.people.roles import FINANCE_OFFICER
from lianxin.kernel.sheets.columns import Column
from lianxin.kernel.text import Text
from lianxin.web.answers import spreadsheet
from lianxin.web.casework.listing import NextPage, Shown
from lianxin.web.casework.viewers import actor_of
from lianxin.web.money.viewing import money_only

PAGE = 50
TABS: dict[str, tuple[Text, frozenset[str]]] = {
    "first": (Text("待第一把钥匙", "Awaiting the first key"), frozenset({S.RESERVED})),
    "second": (Text("待第二把钥匙", "Awaiting the second key"), frozenset({S.APPROVED})),
    "to_send": (Text("待送银行", "To send"), frozenset({S.RELEASED})),
    "sent": (Text("已送银行", "Sent"), frozenset({S.SENT})),
    "paid": (Text("已支付", "Paid"), frozenset({S.PAID, S.ACKNOWLEDGED})),
    "failed": (Text("支付失败", "Failed"), frozenset({S.FAILED})),
    "ended": (Text("未批准或作废", "Declined or void"), frozenset({S.DECLINED, S.VOID})),
}


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """A payout in the register; to whom it goes is never told here."""

    payout: Payout
    href: str
    status: Shown
    amount: Money


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of the register with how many it holds."""

    name: str
    label: Text
    href: str
    active: bool
    count: int


def counted_by_tab(payouts: QuerySet[Payout]) -> list[Tab]:
    """How many payouts stand in each tab: one statement."""
    rows = payouts.order_by().values_list("case__status").annotate(n=Count("pk"))
    by_status = dict(rows)
    return [
        Tab(
            name,
            label,
            f"{reverse('ledger:payouts')}?tab={name}",
            False,
            sum(by_status.get(s, 0) for s in statuses),
        )
        for name, (label, statuses) in TABS.items()
    ]


def payout_line(payout: Payout) -> PayoutLine:
    """A line of the register."""
    case = payout.case
    return PayoutLine(
        payout=payout,
        href=reverse("cases:case", args=[case.number]),
        status=Shown(case.status, workflow.status_label(case.status)),
        amount=Money(payout.amount),
    )


def _tab(request: HttpRequest, tabs: list[Tab]) -> str:
    """The tab asked for; else the first that holds something, so that nobody looks at an empty list first."""
    asked = request.GET.get("tab", "")
    return asked if asked in TABS else next((tab.name for tab in tabs if tab.count), "first")


def _chosen(request: HttpRequest, tab: str) -> QuerySet[Payout]:
    payouts = payouts_visible_to(actor_of(request)).filter(case__status__in=TABS[tab][1])
    fund = key_in(request.GET.get("fund", ""))
    return payouts if fund is None else payouts.filter(fund=fund)


@require_safe
@money_only
def payouts(request: HttpRequest) -> HttpResponse:
    """List the payouts of one tab, the newest first."""
    viewer = actor_of(request)
    tabs = counted_by_tab(payouts_visible_to(viewer))
    tab = _tab(request, tabs)
    chosen = _chosen(request, tab)
    after = key_in(request.GET.get("after", ""))
    if after is not None:
        chosen = chosen.filter(pk__lt=after)
    rows = list(chosen[: PAGE + 1])
    funds = list(funds_visible_to(viewer))
    facts = {
        "tabs": tabs,
        "tab": tab,
        "lines": [payout_line(payout) for payout in rows[:PAGE]],
        "page": NextPage(str(rows[PAGE - 1].pk) if len(rows) > PAGE else None),
        "may_send": [fund for fund in funds if viewer.role_for((FINANCE_OFFICER,), fund.organization_path)],
        "query": urlencode({**request.GET.dict(), "tab": tab}),
    }
    return render(request, "money/payouts.html", facts)


COLUMNS = (
    Column("number", Text("发放编号", "Payout"), width=16),
    Column("award", Text("来源办件", "Earned by"), width=16),
    Column("fund", Text("资金", "Fund"), width=24),
    Column("line", Text("预算项目", "Budget line"), width=20),
    Column("amount", Text("金额", "Amount (yuan)"), kind="money"),
    Column("status", Text("状态", "Status"), width=12),
    Column("verified", Text("验收", "Verified"), kind="moment"),
    Column("approved", Text("审批", "Approved"), kind="moment"),
    Column("released", Text("放款", "Released"), kind="moment"),
    Column("paid", Text("支付", "Paid"), kind="moment"),
    Column("attempts", Text("送银行次数", "Times sent"), kind="integer"),
)


@require_safe
@money_only
def export(request: HttpRequest) -> HttpResponse:
    """Hand out one tab as a spreadsheet, without payees."""
    tab = _tab(request, [])
    rows = _rows(_chosen(request, tab))
    return spreadsheet(f"payouts-{tab}", COLUMNS, rows, kind=request.GET.get("format", ""))


def _rows(payouts: QuerySet[Payout]) -> Iterator[dict[str, object]]:
    for payout in payouts.iterator(chunk_size=500):
        yield {
            "number": payout.case.number,
            "award": payout.award.number,
            "fund": payout.fund.label,
            "line": payout.line.label if payout.line else "",
            "amount": Money(payout.amount),
            "status": workflow.status_label(payout.case.status),
            "verified": payout.verified_at,
            "approved": payout.approved_at,
            "released": payout.released_at,
            "paid": payout.paid_at,
            "attempts": payout.attempts,
        }

"""Reading funds and payouts. Every query takes the viewer; row-level security stands behind each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum, TextField, Value

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queries import under
from lianxin.kernel.clock import CHINA, day_of
from lianxin.kernel.ledger.models import (
    Account,
    BankBatch,
    BudgetLine,
    Coverage,
    Entry,
    Fund,
    Payout,
    Posting,
)
from lianxin.kernel.ledger.rules import is_payee
from lianxin.kernel.ledger.workflow import workflow
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import NotFound
from lianxin.kernel.text import Text

Kind = Account.Kind
# No city has more lines than a person can choose from.
LINES = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """How a line stands, or with ``line`` of ``None`` what is not allocated."""

    line: BudgetLine | None
    available: Money
    reserved: Money
    paid: Money


@dataclass(frozen=True, slots=True)
class Progress:
    """What a payee may know of a payout: how much, where it stands, since when."""

    number: str
    amount: Money
    status: Text
    since: datetime
    needs_account: bool
    paid_at: datetime | None


def funds_visible_to(viewer: Actor) -> QuerySet[Fund]:
    """The funds of the bodies under the viewer's roles, as owner or as partner, newest year first."""
    funds = Fund.objects.select_related("organization", "partner").order_by("-year", "id")
    if viewer.scope.everything:
        return funds
    seen = Q(pk__in=[])
    for path in viewer.scope.wide:
        seen |= under(path) | under(path, "partner_path")
    return funds.filter(seen)


def fund_for(viewer: Actor, pk: int) -> Fund:
    """The fund; raises ``NotFound`` alike for none and for none of the viewer's."""
    fund = funds_visible_to(viewer).filter(pk=pk).first()
    if fund is None:
        raise NotFound(
            "fund_unknown",
            Text("没有这笔资金，或您无权查看。", "There is no such fund, or it is not yours to see."),
        )
    return fund


def lines_for(case: Case, *, scheme: str = "") -> list[BudgetLine]:
    """The lines that may pay for a case: of open funds that cover its place, and are for this scheme or for any.

    For whoever may propose, at whatever level. They learn the names of lines and not how a fund stands: to read
    balances takes an office at the fund (:func:`fund_for`).
    """
    with scope.use(scope.EVERYTHING):
        covering = Coverage.objects.filter(ended_at=None).annotate(
            place=Value(case.organization_path, output_field=TextField())
        )
        return list(
            BudgetLine.objects.filter(
                fund__in=covering.filter(place__startswith=F("organization_path")).values("fund"),
                fund__status=Fund.Status.OPEN,
                fund__scheme__in={"", scheme},
            )
            .select_related("fund")
            .order_by("-fund__year", "code")[:LINES]
        )


def coverages_of(fund: Fund) -> list[Coverage]:
    """The bodies whose cases a fund pays for now."""
    return list(
        Coverage.objects.filter(fund=fund, ended_at=None)
        .select_related("organization")
        .order_by("organization_path")
    )


def standings(fund: Fund) -> list[Standing]:
    """The unallocated part and then each line by code, from the kept balances: one statement."""
    by_line: dict[BudgetLine | None, dict[str, int]] = {None: {}}
    accounts = Account.objects.filter(fund=fund).select_related("line").order_by("line__code", "id")
    for account in accounts:
        by_line.setdefault(account.line, {})[account.kind] = account.balance
    return [
        Standing(
            line,
            available=Money(kinds.get(Kind.AVAILABLE, 0)),
            reserved=Money(kinds.get(Kind.RESERVED, 0)),
            paid=Money(kinds.get(Kind.PAID, 0)),
        )
        for line, kinds in by_line.items()
    ]


def recounted(fund: Fund) -> dict[str, Money]:
    """What stands in each kind of account, from the postings and not from the balances."""
    rows = Posting.objects.filter(account__fund=fund).values("account__kind").annotate(fen=Sum("amount"))
    sums = {row["account__kind"]: row["fen"] for row in rows}
    return {kind.value: Money(sums.get(kind.value, 0)) for kind in Kind}


def entries_of(fund: Fund, *, before: int | None = None, size: int = 50) -> list[Entry]:
    """Entries, newest first, with their postings; ``before`` continues after an entry's key."""
    entries = (
        Entry.objects.filter(fund=fund).select_related("case").prefetch_related("postings__account__line")
    )
    if before is not None:
        entries = entries.filter(pk__lt=before)
    return list(entries.order_by("-pk")[:size])


def entries_matching(
    fund: Fund,
    *,
    kind: str = "",
    line: int | None = None,
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Entry]:
    """The entries of a register, newest first: of a kind, touching a line, from a day to a day in China."""
    entries = Entry.objects.filter(fund=fund)
    if kind:
        entries = entries.filter(kind=kind)
    if line is not None:
        entries = entries.filter(Exists(Posting.objects.filter(entry=OuterRef("pk"), account__line=line)))
    if since:
        entries = entries.filter(at__gte=datetime.combine(since, time.min, CHINA))
    if until:
        entries = entries.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, CHINA))
    return entries.select_related("case").prefetch_related("postings__account__line").order_by("-pk")


def batches_of(fund: Fund) -> QuerySet[BankBatch]:
    """The bank batches of a fund, newest first."""
    return BankBatch.objects.filter(fund=fund).order_by("-pk")


def payouts_visible_to(viewer: Actor) -> QuerySet[Payout]:
    """The payouts of the viewer's funds, newest first."""
    payouts = Payout.objects.select_related("case", "award", "fund", "line").order_by("-pk")
    return payouts if viewer.scope.everything else payouts.filter(fund__in=funds_visible_to(viewer))


def own_payouts(viewer: Actor, award: Case) -> list[tuple[Payout, Progress]]:
    """What the viewer is to be paid for a case they raised: as themselves, in confidence or by receipt."""
    # A payout stands with the fund's body, outside of any reporter's scope; the rule decides, row by row.
    with scope.use(scope.EVERYTHING):
        payouts = Payout.objects.filter(award=award).select_related("case").order_by("position", "pk")
        return [(payout, _progress(payout)) for payout in payouts if is_payee(viewer, payout)]


def days_to_payment(payouts: QuerySet[Payout]) -> list[int]:
    """Calendar days in China from verified to paid, for each payout that has been paid; a public figure."""
    rows = payouts.filter(paid_at__isnull=False).order_by("pk").values_list("verified_at", "paid_at")
    return [(day_of(paid) - day_of(verified)).days for verified, paid in rows if paid]


def median_days_to_payment(payouts: QuerySet[Payout]) -> float | None:
    """The middle of :func:`days_to_payment`; ``None`` when nothing has been paid."""
    counted = days_to_payment(payouts)
    return float(median(counted)) if counted else None


def entries_in_order(fund: Fund) -> Iterator[Entry]:
    """All entries by moment and key, with postings, in chunks: a year's ledger need not fit in memory."""
    entries = Entry.objects.filter(fund=fund).order_by("at", "pk").select_related("case", "reverses")
    yield from entries.prefetch_related("postings").iterator(chunk_size=1000)


def _progress(payout: Payout) -> Progress:
    return Progress(
        number=payout.case.number,
        amount=Money(payout.amount),
        status=workflow.status_label(payout.case.status),
        since=payout.case.entered_at,
        needs_account=payout.payee_sealed is None and payout.live,
        paid_at=payout.paid_at,
    )

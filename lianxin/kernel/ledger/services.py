"""Acts of money on a fund: open it, let money in, allocate, reserve, pay, give back, reverse, close.

Each one is atomic, logged in the fund's stream and safe to send twice under the same idempotency key. Who may
reserve, release and pay is decided by the workflow that earns the money; the rest is for the fund's finance.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases.models import Case
from lianxin.kernel.ledger.models import Account, BudgetLine, Coverage, Entry, Fund, Payout
from lianxin.kernel.ledger.posting import account_of, already_reversed, move, post
from lianxin.kernel.ledger.rules import may_keep_fund
from lianxin.kernel.money import Money
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Conflict, Refused, constraint_of
from lianxin.kernel.text import Text

Kind = Account.Kind
_OF_LINE = (Kind.AVAILABLE, Kind.RESERVED, Kind.PAID)


def open_fund(
    organization: Organization,
    *,
    name: str,
    year: int,
    partner: Organization,
    actor: Actor,
    at: datetime,
    name_en: str = "",
    scheme: str = "",
    covers: Sequence[Organization] | None = None,
) -> Fund:
    """Open a fund with its accounts. Raises ``Conflict("fund_exists")`` for a name and year used already.

    ``covers`` are the bodies whose cases it pays for, the owner when not given; see :func:`cover`.
    """
    may_keep_fund(actor, organization.path)
    with scope.act():
        fund = Fund(
            organization=organization,
            organization_path=organization.path,
            partner=partner,
            partner_path=partner.path,
            name=name,
            name_en=name_en,
            year=year,
            scheme=scheme,
        )
        _insert(
            fund,
            {
                "ledger_one_fund_per_name_and_year": Conflict(
                    "fund_exists",
                    Text("本年度已有同名资金。", "A fund of this name exists for this year."),
                    field="name",
                ),
                "ledger_fund_has_two_bodies": Refused(
                    "one_body",
                    Text("联合方须是另一单位。", "The partner must be another body."),
                    field="partner",
                ),
            },
        )
        Account.objects.bulk_create(Account(fund=fund, kind=kind) for kind in Kind)
        after = {
            "name": name,
            "year": year,
            "organization": organization.pk,
            "partner": partner.pk,
            "scheme": scheme,
        }
        _log(fund, "ledger.open_fund", actor, at, after)
        for body in (organization,) if covers is None else covers:
            cover(fund, body, actor=actor, at=at)
    return fund


def cover(fund: Fund, organization: Organization, *, actor: Actor, at: datetime) -> Coverage:
    """Have a fund pay for the cases of a body and of everything in its jurisdiction.

    Whoever may propose a payout for such a case may then charge it to the fund, whatever the level of their own
    office. Raises ``Refused("not_under_fund")`` for a body outside the owner's jurisdiction, ``Conflict("covered")``
    the second time.
    """
    may_keep_fund(actor, fund.organization_path)
    if not organization.jurisdiction_path.startswith(fund.organization.jurisdiction_path):
        raise Refused(
            "not_under_fund",
            Text(
                "服务范围只能是资金所属单位辖区内的单位。",
                "A fund covers bodies in its owner's own jurisdiction.",
            ),
            field="organization",
        )
    with scope.act():
        coverage = Coverage(
            fund=fund,
            organization=organization,
            organization_path=organization.jurisdiction_path,
            since=at,
        )
        covered = Conflict(
            "covered", Text("该单位已在服务范围内。", "This body is covered already."), field="organization"
        )
        _insert(coverage, {"ledger_a_body_is_covered_once": covered})
        _log(fund, "ledger.cover", actor, at, {"organization": organization.pk})
    return coverage


def end_coverage(coverage: Coverage, *, actor: Actor, at: datetime) -> Coverage:
    """Have a fund pay for no new case of a body; what is reserved stays. Raises ``Conflict("not_covered")``."""
    may_keep_fund(actor, coverage.fund.organization_path)
    with scope.act():
        if not Coverage.objects.filter(pk=coverage.pk, ended_at=None).update(ended_at=at):
            raise Conflict(
                "not_covered", Text("该单位已不在服务范围内。", "This body is not covered any more.")
            )
        coverage.ended_at = at
        _log(coverage.fund, "ledger.end_coverage", actor, at, {"organization": coverage.organization_id})
    return coverage


def open_line(
    fund: Fund, *, code: str, name: str, amount: Money, actor: Actor, at: datetime, name_en: str = ""
) -> BudgetLine:
    """Plan an amount for a purpose. Raises ``Conflict("line_exists")`` for a code used already."""
    may_keep_fund(actor, fund.organization_path)
    with scope.act():
        line = BudgetLine(fund=fund, code=code, name=name, name_en=name_en, amount=amount.fen)
        exists = Conflict(
            "line_exists", Text("该预算项代码已有。", "A line with this code exists."), field="code"
        )
        _insert(line, {"ledger_one_line_per_code": exists})
        Account.objects.bulk_create(Account(fund=fund, line=line, kind=kind) for kind in _OF_LINE)
        _log(fund, "ledger.open_line", actor, at, {"code": code, "name": name, "amount": amount})
    return line


def fund_in(
    fund: Fund, *, amount: Money, actor: Actor, at: datetime, idempotency_key: str, memo: str = ""
) -> Entry:
    """Money comes in from outside."""
    may_keep_fund(actor, fund.organization_path)
    with scope.act():
        entry = Entry(fund=fund, kind=Entry.Kind.FUND_IN, at=at, idempotency_key=idempotency_key, memo=memo)
        source, target = account_of(fund, Kind.SOURCE), account_of(fund, Kind.AVAILABLE)
        return move(entry, source=source, target=target, amount=amount, actor=actor)


def allocate(
    line: BudgetLine, *, amount: Money, actor: Actor, at: datetime, idempotency_key: str, memo: str = ""
) -> Entry:
    """Give a line part of what is not yet allocated; raises ``Refused("fund_short")``."""
    with scope.act():
        fund = line.fund
        may_keep_fund(actor, fund.organization_path)
        entry = Entry(fund=fund, kind=Entry.Kind.ALLOCATE, at=at, idempotency_key=idempotency_key, memo=memo)
        source, target = account_of(fund, Kind.AVAILABLE), account_of(fund, Kind.AVAILABLE, line)
        return move(entry, source=source, target=target, amount=amount, actor=actor)


def transfer_between_lines(
    source: BudgetLine,
    target: BudgetLine,
    *,
    amount: Money,
    actor: Actor,
    at: datetime,
    idempotency_key: str,
    memo: str = "",
) -> Entry:
    """Move available money from one line to another of the same fund; raises ``Refused("fund_short")``."""
    if source.pk == target.pk:
        raise Refused("same_line", Text("不能调剂到同一预算项。", "Choose another line."), field="target")
    with scope.act():
        fund = source.fund
        may_keep_fund(actor, fund.organization_path)
        entry = Entry(fund=fund, kind=Entry.Kind.TRANSFER, at=at, idempotency_key=idempotency_key, memo=memo)
        giving, taking = account_of(fund, Kind.AVAILABLE, source), account_of(fund, Kind.AVAILABLE, target)
        return move(entry, source=giving, target=taking, amount=amount, actor=actor)


def reserve(
    case: Case,
    *,
    fund: Fund,
    line: BudgetLine | None,
    amount: Money,
    actor: Actor,
    at: datetime,
    idempotency_key: str,
    memo: str = "",
) -> Entry:
    """Set money aside for a case, so that nothing else can use it; raises ``Refused("fund_short")``."""
    with scope.act():
        entry = Entry(
            fund=fund, kind=Entry.Kind.RESERVE, at=at, idempotency_key=idempotency_key, case=case, memo=memo
        )
        source, target = account_of(fund, Kind.AVAILABLE, line), account_of(fund, Kind.RESERVED, line)
        return move(entry, source=source, target=target, amount=amount, actor=actor)


def release_reserve(
    case: Case,
    *,
    fund: Fund,
    line: BudgetLine | None,
    amount: Money,
    actor: Actor,
    at: datetime,
    idempotency_key: str,
    memo: str = "",
) -> Entry:
    """Make a case's reserve available again; raises ``Refused("fund_short")`` beyond what it has reserved."""
    with scope.act():
        entry = Entry(
            fund=fund, kind=Entry.Kind.RELEASE, at=at, idempotency_key=idempotency_key, case=case, memo=memo
        )
        source, target = account_of(fund, Kind.RESERVED, line), account_of(fund, Kind.AVAILABLE, line)
        return move(entry, source=source, target=target, amount=amount, actor=actor)


def pay(
    case: Case,
    *,
    fund: Fund,
    line: BudgetLine | None,
    amount: Money,
    actor: Actor,
    at: datetime,
    idempotency_key: str,
    memo: str = "",
) -> Entry:
    """Pay out of a case's reserve; raises ``Refused("fund_short")`` beyond what it has reserved."""
    with scope.act():
        entry = Entry(
            fund=fund, kind=Entry.Kind.PAY, at=at, idempotency_key=idempotency_key, case=case, memo=memo
        )
        source, target = account_of(fund, Kind.RESERVED, line), account_of(fund, Kind.PAID, line)
        return move(entry, source=source, target=target, amount=amount, actor=actor)


def give_back(
    fund: Fund, *, amount: Money, actor: Actor, at: datetime, idempotency_key: str, memo: str = ""
) -> Entry:
    """Return what is not allocated to where it came from, as at the end of a year."""
    may_keep_fund(actor, fund.organization_path)
    with scope.act():
        entry = Entry(fund=fund, kind=Entry.Kind.GIVE_BACK, at=at, idempotency_key=idempotency_key, memo=memo)
        source, target = account_of(fund, Kind.AVAILABLE), account_of(fund, Kind.RETURNED)
        return move(entry, source=source, target=target, amount=amount, actor=actor)


def reverse_entry(entry: Entry, *, reason: str, actor: Actor, at: datetime, idempotency_key: str) -> Entry:
    """Mirror an entry that was a mistake, with the reason in the log.

    Raises ``Refused``: ``entry_of_payout`` (a payout is undone by its own steps), ``reversal_of_reversal``,
    ``reason_missing``, ``fund_short`` when the money has moved on; ``Conflict("already_reversed")``.
    """
    if not reason.strip():
        raise Refused("reason_missing", Text("请写明冲正理由。", "Say why it is reversed."), field="reason")
    with scope.act():
        may_keep_fund(actor, entry.fund.organization_path)
        if entry.case_id and Payout.objects.filter(case=entry.case_id).exists():
            raise Refused(
                "entry_of_payout",
                Text(
                    "请在发放办件中办理，不能单独冲正。",
                    "This belongs to a payout: use the steps of its case.",
                ),
            )
        return mirror(entry, reason=reason, actor=actor, at=at, idempotency_key=idempotency_key)


def mirror(entry: Entry, *, reason: str, actor: Actor, at: datetime, idempotency_key: str) -> Entry:
    """Write the exact opposite of an entry; for deeds that have been allowed already."""
    if entry.reverses_id:
        raise Refused(
            "reversal_of_reversal",
            Text("冲正分录不能再冲正，请重新记一笔。", "A reversal stays: make a new entry instead."),
        )
    with scope.act():
        if Entry.objects.filter(reverses=entry).exclude(idempotency_key=idempotency_key).exists():
            raise already_reversed()
        sides = {account: -fen for account, fen in entry.postings.values_list("account_id", "amount")}
        reversal = Entry(
            fund=entry.fund,
            kind=Entry.Kind.REVERSAL,
            at=at,
            idempotency_key=idempotency_key,
            case=entry.case,
            memo=entry.memo,
            reverses=entry,
        )
        return post(reversal, sides, actor=actor, reason=reason)


def close_fund(fund: Fund, *, actor: Actor, at: datetime) -> Fund:
    """Close a fund in which nothing is left: no entry can be made any more. Raises ``Refused("fund_not_empty")``."""
    may_keep_fund(actor, fund.organization_path)
    with scope.act():
        # The log first and then the fund, as every entry does: nothing can arrive in between, nor deadlock.
        _log(fund, "ledger.close_fund", actor, at, {"status": Fund.Status.CLOSED})
        fresh = Fund.objects.select_for_update(no_key=True).get(pk=fund.pk)
        if Account.objects.filter(
            fund=fund, kind__in=(Kind.AVAILABLE, Kind.RESERVED), balance__gt=0
        ).exists():
            raise Refused(
                "fund_not_empty",
                Text(
                    "资金尚有可用或预留余额，请先退回。",
                    "Money is still available or reserved: give it back first.",
                ),
            )
        fresh.status = Fund.Status.CLOSED
        fresh.save(update_fields=["status"])
    return fresh


def _insert(row: Fund | BudgetLine | Coverage, refusals: dict[str, Refused]) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise refusals.get(constraint_of(error), error) from None


def _log(fund: Fund, action: str, actor: Actor, at: datetime, after: dict[str, object]) -> None:
    record(
        action,
        stream=f"fund:{fund.pk}",
        actor=actor.label,
        at=at,
        after=after,
        request_id=actor.request_id,
    )

"""The one way money moves: a log entry, an entry, its postings, and the database's answer put into words."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.services import record
from lianxin.kernel.ledger.models import Account, BudgetLine, Entry, Fund
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.prepared import run
from lianxin.kernel.refusals import Conflict, Refused, constraint_of
from lianxin.kernel.statements import fetch, find, insert
from lianxin.kernel.text import Text

Kind = Account.Kind
# In the order of the accounts, so that two deeds lock them alike.
_POST = """INSERT INTO ledger_posting (entry_id, account_id, amount)
SELECT $1, a, f FROM unnest($2::bigint[], $3::bigint[]) AS side(a, f) ORDER BY a RETURNING 1"""
_OVERDRAWN = {"ledger_no_overdraft", "ledger_no_overdrawn_hold"}


def account_of(fund: Fund, kind: Account.Kind, line: BudgetLine | None = None) -> Account:
    """The account of this kind, of a line or of what is not allocated; raises ``Refused`` for another fund's line."""
    if line is not None and line.fund_id != fund.pk:
        raise Refused(
            "line_elsewhere",
            Text("该预算项不属于这笔资金。", "This line belongs to another fund."),
            field="line",
        )
    return fetch(Account, fund=fund.pk, kind=kind, line=line.pk if line else None)


def move(entry: Entry, *, source: Account, target: Account, amount: Money, actor: Actor) -> Entry:
    """Move an amount from one account to another. Raises ``Refused``: ``amount_not_positive``, ``fund_short``."""
    check_positive(amount)
    return post(entry, {source.pk: -amount.fen, target.pk: amount.fen}, actor=actor)


def post(entry: Entry, sides: Mapping[int, int], *, actor: Actor, reason: str = "") -> Entry:
    """Write an entry, not yet saved, in the caller's transaction; ``sides`` maps account to signed fen.

    The same key a second time gives the entry of the first; ``Conflict`` when it was for something else.
    """
    if existing := find(Entry, idempotency_key=entry.idempotency_key):
        return _same(existing, entry, sides)
    entry.size = len(sides)
    try:
        with transaction.atomic():
            # Apart, the log before the fund, as close_fund has it: one statement would take them the other way round.
            entry.log = _record(entry, sides, actor, reason)
            insert([entry])
            accounts, amounts = zip(*sorted(sides.items()), strict=True)
            run(_POST, [entry.pk, list(accounts), list(amounts)])
    except IntegrityError as error:
        return _explain(error, entry, sides)
    return entry


def _record(entry: Entry, sides: Mapping[int, int], actor: Actor, reason: str) -> LogEntry:
    return record(
        f"ledger.{entry.kind}",
        stream=f"fund:{entry.fund_id}",
        actor=actor.label,
        at=entry.at,
        after={
            "key": entry.idempotency_key,
            "memo": entry.memo,
            "case": entry.case_id,
            "reverses": entry.reverses_id,
            "postings": [[account, fen] for account, fen in sorted(sides.items())],
        },
        reason=reason,
        request_id=actor.request_id,
    )


def check_positive(amount: Money) -> None:
    """Raise ``Refused("amount_not_positive")`` for nothing and less."""
    if amount.fen <= 0:
        raise Refused(
            "amount_not_positive",
            Text("金额须大于零。", "The amount must be more than nothing."),
            field="amount",
        )


def _explain(error: IntegrityError, entry: Entry, sides: Mapping[int, int]) -> Entry:
    """The entry that was there already, or the refusal in words, or the error itself."""
    existing = Entry.objects.filter(idempotency_key=entry.idempotency_key).first()
    if existing:
        return _same(existing, entry, sides)
    broken = constraint_of(error)
    if broken in _OVERDRAWN:
        raise _short(entry, sides, of_case=broken == "ledger_no_overdrawn_hold") from None
    if broken == "ledger_fund_is_open":
        raise Refused("fund_closed", Text("该资金已结清。", "This fund is closed."), field="fund") from None
    if entry.reverses_id and Entry.objects.filter(reverses=entry.reverses_id).exists():
        raise already_reversed() from None
    raise error


def already_reversed() -> Conflict:
    """The refusal for a second reversal."""
    return Conflict("already_reversed", Text("该笔分录已冲正。", "This entry has been reversed already."))


def _same(existing: Entry, entry: Entry, sides: Mapping[int, int]) -> Entry:
    """The entry of the first time, provided it was for the same thing."""
    before = dict(existing.postings.values_list("account_id", "amount"))
    if (existing.fund_id, existing.kind, existing.case_id, before) != (
        entry.fund_id,
        entry.kind,
        entry.case_id,
        dict(sides),
    ):
        raise Conflict(
            "key_reused",
            Text("这个幂等键已用于另一笔资金操作。", "This idempotency key has served another act of money."),
            field="idempotency_key",
        )
    return existing


def _short(entry: Entry, sides: Mapping[int, int], *, of_case: bool) -> Refused:
    account = Account.objects.select_related("line", "fund").get(pk=min(sides, key=lambda pk: sides[pk]))
    left = account.balance
    if of_case:
        left = account.holds.filter(case=entry.case).values_list("balance", flat=True).first() or 0
    where = account.line or account.fund
    return Refused(
        "fund_short",
        Text(
            "“{where}”{kind}金额不足：还剩 {left} 元，需要 {needed} 元。",
            "“{where}” is short: ¥{left} {kind}, ¥{needed} needed.",
        ).format(
            where=Text(where.name, where.name_en or where.name),
            kind=Kind(account.kind).label,
            left=Money(left),
            needed=Money(-sides[account.pk]),
        ),
        field="amount",
    )

"""A fund as Beancount text, so that a program none of us wrote can say whether it balances.

Money at hand is an asset, what was paid or given back an expense, what came in an income. The text ends with
the balance of every account: ``bean-check`` compares ours with its own sums.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from lianxin.kernel.clock import day_of
from lianxin.kernel.ledger.models import Account, Entry, Fund
from lianxin.kernel.ledger.queries import entries_in_order
from lianxin.kernel.money import FEN_PER_YUAN

CURRENCY = "CNY"
_ROOTS = {
    Account.Kind.SOURCE: "Income",
    Account.Kind.AVAILABLE: "Assets",
    Account.Kind.RESERVED: "Assets",
    Account.Kind.PAID: "Expenses",
    Account.Kind.RETURNED: "Expenses",
}


def beancount_lines(funds: list[Fund]) -> Iterator[str]:
    """The ledgers of some funds, the same text for the same rows; the caller's scope must show them."""
    yield 'option "title" "Lianxin"'
    yield f'option "operating_currency" "{CURRENCY}"'
    for fund in funds:
        yield from _fund(fund)


def account_name(account: Account) -> str:
    """The account as Beancount writes it: codes only, since names may change and hold any letter."""
    line = f":Line{account.line_id}" if account.line_id else ""
    return f"{_ROOTS[Account.Kind(account.kind)]}:Fund{account.fund_id}{line}:{account.kind.title()}"


def decimal_yuan(fen: int) -> str:
    """Fen as yuan with two decimals and no separators."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    return f"{sign}{yuan}.{rest:02d}"


def _fund(fund: Fund) -> Iterator[str]:
    accounts = list(Account.objects.filter(fund=fund).order_by("pk"))
    names = {account.pk: account_name(account) for account in accounts}
    opened: date | None = None
    last = date.min
    for entry in entries_in_order(fund):
        last = day_of(entry.at)
        if opened is None:
            opened = last
            yield from _openings(fund, opened, names)
        yield from _transaction(entry, last, names)
    if opened is None:
        return
    yield ""
    for account in accounts:
        # Zero tolerance: by default a difference of one fen would pass.
        amount = decimal_yuan(account.balance)
        yield f"{last + timedelta(days=1)} balance {names[account.pk]}  {amount} ~ 0 {CURRENCY}"


def _openings(fund: Fund, opened: date, names: dict[int, str]) -> Iterator[str]:
    yield ""
    yield f"; {' '.join(fund.name.split())} {fund.year}"
    for name in names.values():
        yield f"{opened} open {name}  {CURRENCY}"


def _transaction(entry: Entry, day: date, names: dict[int, str]) -> Iterator[str]:
    yield ""
    yield f"{day} * {_quoted(entry.kind)} {_quoted(entry.memo)}"
    yield f'  entry: "{entry.pk}"'
    yield f"  key: {_quoted(entry.idempotency_key)}"
    if entry.case:
        yield f"  case: {_quoted(entry.case.number)}"
    if entry.reverses_id:
        yield f'  reverses: "{entry.reverses_id}"'
    for posting in sorted(entry.postings.all(), key=lambda posting: posting.account_id):
        yield f"  {names[posting.account_id]}  {decimal_yuan(posting.amount)} {CURRENCY}"


def _quoted(text: str) -> str:
    escaped = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

"""Balances recomputed from postings, for ``lianxin verify``."""

from collections.abc import Iterator

from django.db import connection

from lianxin.kernel.audit.verify import Finding
from lianxin.kernel.cases.checks import told_after
from lianxin.kernel.money import Money
from lianxin.kernel.text import Text

_ACCOUNTS = """SELECT a.id, a.balance, coalesce(sum(p.amount), 0)::bigint FROM ledger_account a
LEFT JOIN ledger_posting p ON p.account_id = a.id GROUP BY a.id HAVING a.balance <> coalesce(sum(p.amount), 0)
ORDER BY a.id"""
_HOLDS = """SELECT coalesce(h.id, 0), coalesce(h.balance, 0), coalesce(p.amount, 0)::bigint FROM ledger_hold h
FULL JOIN (SELECT p.account_id, e.case_id, sum(p.amount) AS amount FROM ledger_posting p
           JOIN ledger_entry e ON e.id = p.entry_id JOIN ledger_account a ON a.id = p.account_id
           WHERE a.kind = 'reserved' GROUP BY p.account_id, e.case_id) p
  ON p.account_id = h.account_id AND p.case_id = h.case_id
WHERE coalesce(h.balance, 0) <> coalesce(p.amount, 0) ORDER BY 1"""
_ENTRIES = """SELECT e.id, e.size, count(p.id)::int FROM ledger_entry e LEFT JOIN ledger_posting p ON p.entry_id = e.id
GROUP BY e.id HAVING count(p.id) <> e.size OR coalesce(sum(p.amount), 0) <> 0 ORDER BY e.id"""
# A payout that still stands has its amount reserved, or paid, and nothing else.
_PAYOUTS = """SELECT p.case_id, CASE WHEN p.live AND p.paid_entry_id IS NULL THEN p.amount ELSE 0 END,
  coalesce((SELECT sum(h.balance) FROM ledger_hold h WHERE h.case_id = p.case_id), 0)::bigint
FROM ledger_payout p WHERE coalesce((SELECT sum(h.balance) FROM ledger_hold h WHERE h.case_id = p.case_id), 0)
  <> CASE WHEN p.live AND p.paid_entry_id IS NULL THEN p.amount ELSE 0 END ORDER BY p.case_id"""
# The entry's own log line tells the postings: another hand in the tables shows here.
_LOGGED = """SELECT e.id, l.body,
  (SELECT json_agg(json_build_array(p.account_id, p.amount) ORDER BY p.account_id) FROM ledger_posting p
   WHERE p.entry_id = e.id)
FROM ledger_entry e JOIN audit_logentry l ON l.id = e.log_id ORDER BY e.id"""
_ROWS = 2_000

_PARTS = (
    (
        "balance_differs",
        _ACCOUNTS,
        Text(
            "账户 {id}:余额 {kept} 元，分录合计 {sum} 元。", "Account {id}: balance ¥{kept}, postings ¥{sum}."
        ),
    ),
    (
        "hold_differs",
        _HOLDS,
        Text("预留 {id}:记为 {kept} 元，分录合计 {sum} 元。", "Hold {id}: kept ¥{kept}, postings ¥{sum}."),
    ),
    (
        "entry_unbalanced",
        _ENTRIES,
        Text("分录 {id} 不平或缺行。", "Entry {id} does not balance or lacks postings."),
    ),
    (
        "payout_not_covered",
        _PAYOUTS,
        Text(
            "发放办件 {id}:应预留 {kept} 元，实为 {sum} 元。",
            "Payout case {id}: ¥{kept} expected, ¥{sum} held.",
        ),
    ),
)
_NOT_AS_LOGGED = Text("分录 {id} 与日志不符。", "Entry {id} is not what its log entry says.")


def ledger_faults() -> Iterator[Finding]:
    """Every account, hold, entry and payout that does not agree with the postings; none when all is well."""
    for code, query, message in _PARTS:
        with connection.cursor() as cursor:
            cursor.execute(query)
            for pk, kept, summed in cursor.fetchall():
                words = message.format(id=pk, kept=Money(kept), sum=Money(summed))
                yield Finding(code, f"ledger:{pk}", words)
    yield from _not_as_logged()


def _not_as_logged() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_LOGGED)
        while rows := cursor.fetchmany(_ROWS):
            for pk, body, postings in rows:
                if told_after(body).get("postings") != postings:
                    yield Finding("entry_not_as_logged", f"ledger:{pk}", _NOT_AS_LOGGED.format(id=pk))

"""What can be said of every kind of case; the apps declare what is theirs beside it."""

from lianxin.kernel.cases.workflow import workflow_for
from lianxin.kernel.metrics.registry import Sum, metric
from lianxin.kernel.text import Text

KIND = Text("办件类别", "kind of case")
CASES = Text("件", "cases")


def kind_label(code: str) -> Text:
    """The words for a kind of case; a kind that is no longer installed keeps its code."""
    try:
        return workflow_for(code).label
    except KeyError:
        return Text(code, code)


OPENED = metric(
    "cases.opened",
    label=Text("受理办件", "Cases opened"),
    unit=CASES,
    query="""SELECT c.opened_at AS at, c.organization_path AS path, c.kind AS slice, 1 AS value
FROM cases_case c""",
    sources=("cases.opened",),
    by=KIND,
    slice_label=kind_label,
)

CLOSED = metric(
    "cases.closed",
    label=Text("办结", "Cases closed"),
    unit=CASES,
    query="""SELECT c.closed_at AS at, c.organization_path AS path, c.kind AS slice, 1 AS value
FROM cases_case c""",
    sources=("cases.closed",),
    by=KIND,
    slice_label=kind_label,
)

# A case is counted when it is closed, by what its log says: what ran over and was hurried along stays told.
OVERDUE = metric(
    "cases.overdue_rate",
    label=Text("办结件中曾逾期的比例", "Closed cases that ran over"),
    unit=Text("%", "%"),
    sum=Sum.RATE,
    query="""SELECT c.closed_at AS at, c.organization_path AS path, c.kind AS slice, 1 AS total,
  EXISTS (
    SELECT FROM audit_logentry l WHERE l.stream = 'case:' || c.id AND l.action = c.kind || '.escalate'
  )::int AS value
FROM cases_case c""",
    sources=("cases.closed",),
    by=KIND,
    slice_label=kind_label,
    less_is_better=True,
    help=Text(
        "期内办结的办件中，至少有一次超过办理期限并逐级上报的比例。",
        "Of the cases closed in the period, the share that ran over a time limit and climbed at least once.",
    ),
)

DAYS_TO_CLOSE = metric(
    "cases.days_to_close",
    label=Text("办结用时（中位数）", "Days to close (median)"),
    unit=Text("天", "days"),
    sum=Sum.MEDIAN,
    query="""SELECT c.closed_at AS at, c.organization_path AS path, c.kind AS slice,
  (c.closed_at AT TIME ZONE 'Asia/Shanghai')::date - (c.opened_at AT TIME ZONE 'Asia/Shanghai')::date AS value
FROM cases_case c""",
    by=KIND,
    slice_label=kind_label,
    less_is_better=True,
)

# What came into funds from outside; an entry that was mirrored counts for nothing on the day of its mirror.
FUNDS_RECEIVED = metric(
    "funds.received",
    label=Text("专项资金入账", "Money put into special funds"),
    unit=Text("元", "yuan"),
    query="""SELECT e.at AS at, f.organization_path AS path, p.amount AS value
FROM ledger_posting p
JOIN ledger_account a ON a.id = p.account_id AND a.kind = 'available'
JOIN ledger_entry e ON e.id = p.entry_id
JOIN ledger_fund f ON f.id = e.fund_id
LEFT JOIN ledger_entry r ON r.id = e.reverses_id
WHERE coalesce(r.kind, e.kind) = 'fund_in'""",
    money=True,
)

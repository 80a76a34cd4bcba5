"""Counting: totals of kept days and rows of the others, in one statement and so of one moment.

The statement finds the days whose totals are kept and not stale, reads those totals, and runs the metric's own
query over the gaps between them. A recount is the same with no day kept: the two must agree (ADR 0011).
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.metrics.periods import Per, Period
from lianxin.kernel.metrics.registry import Metric, Sum
from lianxin.kernel.orgs.models import PATH_WIDTH

# Totals are kept down to the fourth level of the tree; below it there are few enough rows to count.
ROLLED_WIDTH = 4 * PATH_WIDTH
Value: TypeAlias = int | Decimal | bool | date | str | None
_TENTH = Decimal("0.1")

_SUMS = {
    Sum.TOTAL: "coalesce(sum(value), 0)::bigint, 0::bigint",
    Sum.RATE: "coalesce(sum(value), 0)::bigint, coalesce(sum(total), 0)::bigint",
    Sum.MEDIAN: "percentile_cont(0.5) WITHIN GROUP (ORDER BY value), 0::bigint",
    Sum.DISTINCT: "count(DISTINCT value), 0::bigint",
    Sum.LARGEST: "max(value), 0::bigint",
    Sum.HOLDS: "bool_and(value), 0::bigint",
}


@dataclass(frozen=True, slots=True)
class Count:
    """What a query answered for one stretch, slice or child; ``events`` is the number of rows behind it."""

    value: Any
    total: int
    events: int
    since: date | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be counted: where, when, of which slice, and how it is cut up.

    ``parts`` is ``slice``, ``child`` (the level below ``path``) or empty.
    """

    metric: Metric
    period: Period
    path: str = ""
    slice: str | None = None
    per: Per | None = None
    parts: str = ""


def value(metric: Metric, period: Period, *, path: str = "", slice: str | None = None) -> Value:  # noqa: A002
    """The figure, from kept totals where they stand and rows for the rest.

    A total is whole (fen for money); a rate is a percentage with one decimal, ``None`` of nothing; a median is
    ``None`` of nothing; a property holds only if there is something of which it can.
    """
    return number(metric, _one(Asked(metric, period, path, slice), kept=True))


def recount(metric: Metric, period: Period, *, path: str = "", slice: str | None = None) -> Value:  # noqa: A002
    """The same figure from rows alone."""
    return number(metric, _one(Asked(metric, period, path, slice), kept=False))


def count(asked: Asked, *, kept: bool = True) -> list[Count]:
    """All the counts that were asked for, ordered by stretch and part; stretches of nothing are left out."""
    sql, params = statement(asked, kept=kept)
    with scope.use(scope.EVERYTHING), connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [Count(row[2], row[3], row[4], row[0], row[1]) for row in cursor.fetchall()]


def number(metric: Metric, counted: Count) -> Value:
    """One count as the figure that people read."""
    if metric.sum is Sum.RATE:
        return percent(counted.value, counted.total)
    if metric.sum is Sum.HOLDS:
        return bool(counted.value)
    if metric.sum is Sum.MEDIAN:
        return None if counted.value is None else _tenth(Decimal(str(counted.value)))
    result: Value = counted.value
    return result


def percent(part: int, whole: int) -> Decimal | None:
    """A percentage with one decimal, halves up; ``None`` of nothing."""
    return _tenth(Decimal(100 * part) / whole) if whole else None


def statement(asked: Asked, *, kept: bool) -> tuple[str, dict[str, Any]]:
    """The SQL and its parameters. Query texts come from code alone; what users choose is a parameter."""
    metric, period = asked.metric, asked.period
    if metric.stock:
        period = period.from_the_beginning()
    params = _params(asked, period)
    use_kept = kept and metric.rolled and _deepest(asked) <= ROLLED_WIDTH
    body = _KEPT_AND_ROWS if use_kept else _ROWS
    sql = body.format(
        query=_escaped(metric.query),
        columns=_columns(metric),
        bounds=_OF_GAPS if use_kept else _OF_PERIOD,
        here=_here(asked, "path"),
        cut=_here(asked, "q.path"),
    )
    return sql + _outermost(asked), params


def rows_by_day(metric: Metric, period: Period, *, width: int) -> tuple[str, dict[str, Any]]:
    """What the roll-up inserts: (metric, day, path cut to ``width``, slice, value, total, events)."""
    asked = Asked(metric, period)
    body = _ROWS.format(
        query=_escaped(metric.query), columns=_columns(metric), bounds=_OF_PERIOD, cut=_here(asked, "q.path")
    )
    sql = f"""{body}
SELECT %(metric)s, day, left(path, {width}), slice, sum(value), sum(total), count(*)
FROM parts GROUP BY day, left(path, {width}), slice"""  # noqa: S608 - query texts come from code alone
    return sql, _params(asked, period)


def fingerprint(metric: Metric) -> str:
    """Changes with the query, so that totals of an older query are not taken for today's."""
    text = f"{metric.query}\n{metric.sum}\n{ROLLED_WIDTH}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# The bounds compare moments, so that an index on the dated column of the metric's own table serves.
_MOMENTS = """q.at >= {first}::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND q.at < {after}::timestamp AT TIME ZONE 'Asia/Shanghai'"""
_OF_PERIOD = _MOMENTS.format(first="%(first)s::date", after="(%(last)s::date + 1)")
_OF_GAPS = _MOMENTS.format(first="gaps.first", after="gaps.after")

_ROWS = """WITH parts AS (
  SELECT {columns}
  FROM (
    SELECT * FROM (
{query}
    ) AS q
    WHERE {bounds} AND {cut}
  ) AS e
)"""

# OFFSET 0 has PostgreSQL look into the table once for each gap, by its index, instead of reading all of it.
_KEPT_AND_ROWS = """WITH kept AS MATERIALIZED (
  SELECT k.day FROM metrics_keptday k
  WHERE k.metric = %(metric)s AND k.fingerprint = %(fingerprint)s AND k.day BETWEEN %(first)s AND %(last)s
    AND NOT EXISTS (SELECT FROM metrics_latechange l WHERE l.day = k.day AND l.source = ANY(%(sources)s))
), gaps AS MATERIALIZED (
  SELECT first, after FROM (
    SELECT day + 1 AS first, lead(day) OVER (ORDER BY day) AS after
    FROM (SELECT day FROM kept UNION ALL VALUES (%(first)s::date - 1), (%(last)s::date + 1)) AS marks
  ) AS stretches
  WHERE after > first
), parts AS (
  SELECT m.day, m.path::text COLLATE "C", m.slice::text COLLATE "C", m.value, m.total, m.events
  FROM metrics_metricday m JOIN kept USING (day)
  WHERE m.metric = %(metric)s AND {here}
  UNION ALL
  SELECT {columns}
  FROM gaps CROSS JOIN LATERAL (
    SELECT * FROM (
{query}
    ) AS q
    WHERE {bounds} AND {cut}
    OFFSET 0
  ) AS e
)"""


def _params(asked: Asked, period: Period) -> dict[str, Any]:
    return {
        "metric": asked.metric.id,
        "fingerprint": fingerprint(asked.metric),
        "sources": list(asked.metric.sources),
        "first": period.first,
        "last": period.last,
        "path": asked.path,
        "end": asked.path + "~",
        "slice": asked.slice,
        "per": asked.per,
        "child": len(asked.path) + PATH_WIDTH,
    }


def _columns(metric: Metric) -> str:
    """The six columns of a part, whichever of them the query yields."""
    cast = "::bigint" if metric.sum in {Sum.TOTAL, Sum.RATE} else ""
    total = "e.total::bigint" if metric.sum is Sum.RATE else "0::bigint"
    slice_ = "coalesce(e.slice, '')::text COLLATE \"C\"" if metric.by else "''::text"
    day = "(e.at::timestamptz AT TIME ZONE 'Asia/Shanghai')::date"
    path = 'e.path::text COLLATE "C"'
    return f"{day} AS day, {path} AS path, {slice_} AS slice, e.value{cast} AS value, {total} AS total, 1 AS events"


def _here(asked: Asked, column: str) -> str:
    conditions = (
        [f'{column} COLLATE "C" >= %(path)s AND {column} COLLATE "C" < %(end)s'] if asked.path else ["true"]
    )
    if asked.slice is not None:
        conditions.append("slice = %(slice)s" if column == "path" else "coalesce(q.slice, '') = %(slice)s")
    return " AND ".join(conditions)


def _outermost(asked: Asked) -> str:
    since = "date_trunc(%(per)s, day)::date" if asked.per else "NULL::date"
    part = {"slice": "slice", "child": "left(path, %(child)s)", "": "''::text"}[asked.parts]
    grouping = " GROUP BY 1, 2 ORDER BY 1, 2" if asked.per or asked.parts else ""
    # Without a grouping the constants must not stand beside the sums as if they were grouped.
    return f"\nSELECT {since}, {part}, {_SUMS[asked.metric.sum]}, coalesce(sum(events), 0)::bigint FROM parts{grouping}"


def _deepest(asked: Asked) -> int:
    return len(asked.path) + (PATH_WIDTH if asked.parts == "child" else 0)


def _escaped(query: str) -> str:
    """Percent signs of the metric's query are its own, not placeholders."""
    return query.replace("%", "%%")


def _one(asked: Asked, *, kept: bool) -> Count:
    (only,) = count(asked, kept=kept)
    return only


def _tenth(exact: Decimal) -> Decimal:
    return exact.quantize(_TENTH, ROUND_HALF_UP)

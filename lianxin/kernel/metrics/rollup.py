"""Keeping the totals of days that are over, and counting them again when something late turns up.

No act may fall between "not yet noted as late" and "already counted". A day is announced as closed first; then
the roll-up waits until every transaction that may not have seen the announcement has ended; only then does it
count. Whoever changes something of that day afterwards notes it (:mod:`lianxin.kernel.metrics.watch`), and the
day counts from rows until the next roll-up (ADR 0011).
"""

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.clock import day_of
from lianxin.kernel.metrics.models import LateChange
from lianxin.kernel.metrics.periods import Period
from lianxin.kernel.metrics.registry import Metric, metrics
from lianxin.kernel.metrics.totals import ROLLED_WIDTH, fingerprint, rows_by_day
from lianxin.kernel.metrics.watch import is_watched

logger = logging.getLogger(__name__)
_LOCK = 0x6D657472  # "metr": one writer of totals at a time
_DAYS_AT_A_TIME = 31
_ONE_DAY = timedelta(days=1)


def roll_up(*, at: datetime, patience: float = 60.0, only: Iterable[Metric] | None = None) -> int:
    """Bring the kept totals up to yesterday; returns how many days of metrics were counted.

    ``patience`` is how many seconds to wait for older transactions; when they last longer nothing is counted,
    and every figure goes on being right, only slower. Must not run inside a transaction, whose own beginning
    it would wait for: raises ``RuntimeError``.
    """
    if connection.in_atomic_block:
        message = "a roll-up commits as it goes and cannot run inside a transaction"
        raise RuntimeError(message)
    chosen = [metric for metric in (metrics() if only is None else only) if _can_be_kept(metric)]
    with scope.use(scope.EVERYTHING):
        close_days(chosen, before=day_of(at))
        if not wait_for_older(patience):
            logger.warning("figures: transactions older than %s s are open; no totals were kept", patience)
            return 0
        # Noted by now, and so counted below: these notes may go when all is done.
        noted = list(LateChange.objects.values_list("pk", flat=True))
        counted = sum(_keep(metric) for metric in chosen)
        if only is None:
            LateChange.objects.filter(pk__in=noted).delete()
    return counted


def close_days(chosen: Iterable[Metric], *, before: date) -> None:
    """Announce every day since the first event of these metrics as over; committed when this returns."""
    firsts = [first for first in map(_first_day, chosen) if first is not None]
    if not firsts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO metrics_closedday (day)
SELECT d::date FROM generate_series(%s::date, %s::date - 1, interval '1 day') AS d ON CONFLICT DO NOTHING""",
            [min(firsts), before],
        )


def wait_for_older(patience: float) -> bool:
    """Wait until every transaction that has written anything before this moment has ended.

    A watch's trigger runs after its transaction has written, hence holds a transaction id: those that looked
    before the announcement are all below the horizon taken here.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        (horizon,) = cursor.fetchone()
        until = time.monotonic() + patience
        while True:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8", [horizon])
            if cursor.fetchone()[0]:
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)


def _can_be_kept(metric: Metric) -> bool:
    if not metric.rolled:
        return False
    unwatched = [source for source in metric.sources if not is_watched(source)]
    if unwatched:
        logger.warning("figures: %s is not kept, nobody watches %s", metric.id, ", ".join(unwatched))
    return not unwatched


def _keep(metric: Metric) -> int:
    days = _days_to_count(metric)
    for stretch in _stretches(days):
        _keep_stretch(metric, stretch)
    return len(days)


def _days_to_count(metric: Metric) -> list[date]:
    """Closed days of which nothing is kept, or something of another query, or something stale."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.day FROM metrics_closedday c
LEFT JOIN metrics_keptday k ON k.day = c.day AND k.metric = %s AND k.fingerprint = %s
WHERE k.id IS NULL OR EXISTS (SELECT FROM metrics_latechange l WHERE l.day = c.day AND l.source = ANY(%s))
ORDER BY c.day""",
            [metric.id, fingerprint(metric), list(metric.sources)],
        )
        return [day for (day,) in cursor.fetchall()]


def _stretches(days: list[date]) -> Iterator[Period]:
    """Neighbouring days together, a month's worth at most."""
    start = 0
    for index in range(1, len(days) + 1):
        broken = index == len(days) or days[index] - days[index - 1] > _ONE_DAY
        if broken or index - start >= _DAYS_AT_A_TIME:
            yield Period(days[start], days[index - 1])
            start = index


def _keep_stretch(metric: Metric, stretch: Period) -> None:
    sql, params = rows_by_day(metric, stretch, width=ROLLED_WIDTH)
    params |= {"lock": _LOCK}
    with transaction.atomic(), connection.cursor() as cursor:
        # Locked in a statement of its own: what follows sees all that an earlier holder has written.
        cursor.execute("SELECT pg_advisory_xact_lock(%(lock)s)", params)
        cursor.execute(
            "DELETE FROM metrics_metricday WHERE metric = %(metric)s AND day BETWEEN %(first)s AND %(last)s",
            params,
        )
        cursor.execute(
            f"INSERT INTO metrics_metricday (metric, day, path, slice, value, total, events) {sql}", params
        )
        cursor.execute(
            """INSERT INTO metrics_keptday (metric, day, fingerprint)
SELECT %(metric)s, d::date, %(fingerprint)s FROM generate_series(%(first)s::date, %(last)s, interval '1 day') AS d
ON CONFLICT (metric, day) DO UPDATE SET fingerprint = excluded.fingerprint""",
            params,
        )


def _first_day(metric: Metric) -> date | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (min(q.at)::timestamptz AT TIME ZONE 'Asia/Shanghai')::date FROM ({metric.query}) AS q"  # noqa: S608
        )
        first: date | None = cursor.fetchone()[0]
        return first

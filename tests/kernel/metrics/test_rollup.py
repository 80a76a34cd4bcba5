"""Kept totals and rows say the same, whatever comes late, and whoever writes meanwhile."""

import threading
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianxin.kernel.metrics.models import ClosedDay, KeptDay, LateChange, MetricDay
from lianxin.kernel.metrics.periods import Per, Period
from lianxin.kernel.metrics.rollup import roll_up, wait_for_older
from lianxin.kernel.metrics.totals import Asked, Value, count, recount, value
from tests.kernel.metrics.conftest import FIRST, Tried, add, after, declare_tried, empty, noon

pytestmark = pytest.mark.django_db(transaction=True)
PATHS = ("0001", "00010001", "000100010001", "0001000100010001", "00010001000100010009", "0002")
KINDS = ("", "a", "b")
FORTNIGHT = Period(FIRST, after(13))

inserts = st.tuples(
    st.just("insert"), st.integers(0, 13), st.sampled_from(PATHS), st.integers(0, 5), st.sampled_from(KINDS)
)
moves = st.tuples(st.just("move"), st.integers(0, 30), st.integers(0, 13), st.sampled_from(PATHS))
removals = st.tuples(st.just("remove"), st.integers(0, 30))
rollups = st.tuples(st.just("roll_up"), st.integers(1, 14))
histories = st.lists(st.one_of(inserts, inserts, moves, removals, rollups), max_size=14)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, first=st.integers(0, 13), length=st.integers(0, 13))
def test_value_equals_recount_on_any_history(
    tried: Tried, history: list[Any], first: int, length: int
) -> None:
    empty()
    rows: list[int] = []
    for deed, *details in history:
        do(deed, details, rows)
    period = Period(after(first), after(first + length))
    for metric in (tried.total, tried.rate, tried.stock, tried.people):
        for path in ("", "0001", "0001000100010001", "00010001000100010009", "0002"):
            assert value(metric, period, path=path) == recount(metric, period, path=path)
        assert value(metric, period, slice="a") == recount(metric, period, slice="a")
        for asked in (
            Asked(metric, period, per=Per.DAY, parts="slice"),
            Asked(metric, period, "0001", parts="child"),
        ):
            assert count(asked) == count(asked, kept=False)


def do(deed: str, details: list[Any], rows: list[int]) -> None:
    if deed == "insert":
        day, path, amount, kind = details
        rows.append(add(after(day), path, amount, amount + 1, kind))
    elif deed == "roll_up":
        roll_up(at=noon(after(details[0])))
    elif rows:
        row = rows[details[0] % len(rows)]
        with connection.cursor() as cursor:
            if deed == "remove":
                cursor.execute("DELETE FROM tried WHERE id = %s", [row])
            else:
                cursor.execute(
                    "UPDATE tried SET at = %s, path = %s WHERE id = %s",
                    [noon(after(details[1])), details[2], row],
                )


def test_finished_days_are_read_from_totals_and_today_from_rows(tried: Tried) -> None:
    add(FIRST, amount=3)
    add(after(2), amount=4)
    roll_up(at=noon(after(2)))
    assert list(ClosedDay.objects.order_by("day").values_list("day", flat=True)) == [FIRST, after(1)]
    MetricDay.objects.filter(metric=tried.total.id).update(value=30)
    assert value(tried.total, FORTNIGHT) == 34
    assert recount(tried.total, FORTNIGHT) == 7


def test_a_late_act_marks_its_day_and_the_next_roll_up_keeps_it_again(tried: Tried) -> None:
    add(FIRST)
    roll_up(at=noon(after(3)))
    add(FIRST, amount=10)
    assert list(LateChange.objects.values_list("source", "day")) == [("tried.made", FIRST)]
    assert value(tried.total, FORTNIGHT) == 11
    roll_up(at=noon(after(3)))
    assert not LateChange.objects.exists()
    assert MetricDay.objects.get(metric=tried.total.id).value == 11


def test_an_ordinary_act_writes_no_note(tried: Tried) -> None:
    add(FIRST)
    roll_up(at=noon(after(3)))
    add(after(3))
    assert not LateChange.objects.exists()


def test_an_act_dated_before_all_closed_days_counts(tried: Tried) -> None:
    add(FIRST)
    roll_up(at=noon(after(3)))
    add(date(2020, 1, 1), amount=7)
    assert value(tried.total, Period(date(2019, 1, 1), after(9))) == 8


def test_totals_of_another_query_are_not_used(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    add(FIRST, amount=3)
    roll_up(at=noon(after(2)))
    KeptDay.objects.update(fingerprint="of another day")
    MetricDay.objects.update(value=99)
    assert value(tried.total, FORTNIGHT) == 3
    roll_up(at=noon(after(2)))
    assert MetricDay.objects.get(metric=tried.total.id).value == 3


def test_a_metric_nobody_watches_is_counted_from_rows(tried: Tried) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tried DISABLE TRIGGER USER")
    add(FIRST)
    assert roll_up(at=noon(after(2))) == 0
    assert value(tried.total, FORTNIGHT) == 1


def test_roll_up_inside_a_transaction_is_a_mistake(tried: Tried) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="cannot run inside"):
        roll_up(at=noon(after(2)))


def in_thread(work: Callable[[], Any]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_roll_up_waits_for_an_act_that_began_before_the_day_was_closed(tried: Tried) -> None:
    """The writer has looked, seen an open day and noted nothing: its row must be in the total."""
    written, rolling = threading.Event(), threading.Event()
    add(FIRST)

    def slow_writer() -> None:
        with transaction.atomic():
            add(FIRST, amount=100)
            written.set()
            rolling.wait(10)

    def roller() -> None:
        roll_up(at=noon(after(2)), patience=20)

    writer = in_thread(slow_writer)
    assert written.wait(10)
    roll = in_thread(roller)
    roll.join(0.5)
    assert roll.is_alive()
    assert not KeptDay.objects.exists()
    rolling.set()
    writer.join()
    roll.join()
    assert not LateChange.objects.exists()
    assert MetricDay.objects.get(metric=tried.total.id).value == 101


def test_roll_up_gives_up_on_a_transaction_that_does_not_end(tried: Tried) -> None:
    add(FIRST)
    written, done = threading.Event(), threading.Event()

    def stuck() -> None:
        with transaction.atomic():
            add(FIRST, amount=100)
            written.set()
            done.wait(10)

    writer = in_thread(stuck)
    assert written.wait(10)
    assert roll_up(at=noon(after(2)), patience=0.2) == 0
    assert not wait_for_older(0)
    assert value(tried.total, FORTNIGHT) == 1
    done.set()
    writer.join()
    assert value(tried.total, FORTNIGHT) == 101


def test_figures_agree_at_every_moment_while_others_write_and_roll_up(tried: Tried) -> None:
    """Writers of late acts, two roll-ups and a reader at once: within one snapshot both ways always agree."""
    for day in range(14):
        add(after(day))
    stop = threading.Event()
    disagreements: list[tuple[Value, Value]] = []

    def writer() -> None:
        random = Random(threading.get_ident())
        while not stop.is_set():
            add(after(random.randrange(14)), random.choice(PATHS), random.randrange(9))

    def roller() -> None:
        while not stop.is_set():
            roll_up(at=noon(after(13)), patience=5)

    def reader() -> None:
        for _ in range(60):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                pair = value(tried.total, FORTNIGHT), recount(tried.total, FORTNIGHT)
            if pair[0] != pair[1]:
                disagreements.append(pair)

    others = [in_thread(work) for work in (writer, writer, roller, roller)]
    reading = in_thread(reader)
    reading.join()
    stop.set()
    for thread in others:
        thread.join()
    roll_up(at=noon(after(20)))
    assert disagreements == []
    assert KeptDay.objects.filter(metric=tried.total.id).count() == 20
    assert value(tried.total, FORTNIGHT) == recount(tried.total, FORTNIGHT)


def test_declaring_again_changes_nothing(tried: Tried) -> None:
    assert declare_tried() == tried

"""Deadlines on the Chinese working calendar."""

import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel.cases import deadlines
from lianxin.kernel.cases.deadlines import (
    add_working_days,
    days,
    hours,
    is_working_day,
    moment_after,
    working_days,
    working_days_between,
)
from lianxin.kernel.clock import CHINA

PUBLISHED = st.dates(date(2024, 1, 1), date(2026, 9, 30))
NAIVE = datetime(2024, 1, 1)  # noqa: DTZ001 - strategies add the zone
ANY_DAY = st.dates(date(2004, 1, 1), date(2040, 12, 31))


@pytest.fixture
def unwarned() -> Iterator[None]:
    """As in a fresh process: no year has been warned of."""
    is_working_day.cache_clear()
    deadlines._warn_unpublished.cache_clear()
    yield
    is_working_day.cache_clear()
    deadlines._warn_unpublished.cache_clear()


@pytest.mark.parametrize(
    ("start", "amount", "last"),
    [
        (date(2026, 2, 12), 5, date(2026, 2, 26)),
        (date(2026, 2, 12), 15, date(2026, 3, 11)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 4, 30), 3, date(2026, 5, 8)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
    ],
)
def test_add_working_days_follows_the_schedule_of_2026(start: date, amount: int, last: date) -> None:
    assert add_working_days(start, amount) == last


def test_is_working_day_knows_the_whole_of_2026() -> None:
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    made_up = [day for day in year if day.weekday() > 4 and is_working_day(day)]
    assert made_up == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]
    assert sum(map(is_working_day, year)) == 248


@given(start=ANY_DAY, amount=st.integers(0, 40))
def test_add_working_days_never_goes_back_and_one_more_is_later(start: date, amount: int) -> None:
    assert start <= add_working_days(start, amount) < add_working_days(start, amount + 1)


@given(start=ANY_DAY, amount=st.integers(1, 40))
def test_add_working_days_ends_on_a_working_day(start: date, amount: int) -> None:
    assert is_working_day(add_working_days(start, amount))


@given(start=PUBLISHED, later=st.integers(0, 30), amount=st.integers(0, 40))
def test_add_working_days_from_a_later_day_ends_no_earlier(start: date, later: int, amount: int) -> None:
    assert add_working_days(start, amount) <= add_working_days(start + timedelta(days=later), amount)


@given(start=ANY_DAY, first=st.integers(0, 20), second=st.integers(0, 20))
def test_add_working_days_in_two_parts_is_the_whole(start: date, first: int, second: int) -> None:
    assert add_working_days(add_working_days(start, first), second) == add_working_days(start, first + second)


@given(start=ANY_DAY, amount=st.integers(0, 40))
def test_add_working_days_counts_each_once(start: date, amount: int) -> None:
    assert working_days_between(start, add_working_days(start, amount)) == amount


def test_working_days_between_skips_the_spring_festival() -> None:
    assert working_days_between(date(2026, 2, 12), date(2026, 2, 26)) == 5
    assert working_days_between(date(2026, 2, 14), date(2026, 2, 23)) == 0
    assert working_days_between(date(2026, 2, 26), date(2026, 2, 12)) == 0


def test_is_working_day_falls_back_to_monday_to_friday_and_warns_once_a_year(
    unwarned: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="lianxin.kernel.cases.deadlines"):
        week = [is_working_day(date(2090, 1, 2) + timedelta(days=n)) for n in range(7)]
        is_working_day(date(2091, 1, 2))
    assert week == [True] * 5 + [False] * 2
    assert [record.args for record in caplog.records] == [(2090,), (2091,)]


def test_add_working_days_runs_over_into_a_year_without_calendar(
    unwarned: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="lianxin.kernel.cases.deadlines"):
        last = add_working_days(date(2026, 12, 31), 5)
    assert last >= date(2027, 1, 7)
    assert len(caplog.records) <= 1


def test_moment_after_days_ends_with_the_day_in_china() -> None:
    start = datetime(2026, 2, 12, 23, 30, tzinfo=CHINA)
    assert moment_after(start, days(7)) == datetime(2026, 2, 19, 23, 59, 59, tzinfo=CHINA)
    assert moment_after(start, working_days(5)) == datetime(2026, 2, 26, 23, 59, 59, tzinfo=CHINA)


def test_moment_after_counts_from_the_day_in_china_whatever_the_clock_says() -> None:
    in_utc = datetime.fromisoformat("2026-02-11T17:00:00+00:00")  # 01:00 on the 12th in China
    assert moment_after(in_utc, working_days(5)).date() == date(2026, 2, 26)


def test_moment_after_hours_runs_on_the_clock() -> None:
    start = datetime(2026, 2, 14, 22, 0, tzinfo=CHINA)
    assert moment_after(start, hours(24)) == start + timedelta(hours=24)


@given(
    start=st.datetimes(NAIVE, NAIVE.replace(year=2026, month=9), timezones=st.just(CHINA)),
    amount=st.integers(1, 30),
)
def test_moment_after_working_days_is_never_before_that_of_days(start: datetime, amount: int) -> None:
    assert start < moment_after(start, days(amount)) <= moment_after(start, working_days(amount))


@pytest.mark.parametrize(
    ("duration", "zh", "en"),
    [
        (working_days(5), "5 个工作日", "5 working days"),
        (working_days(1), "1 个工作日", "1 working day"),
        (days(30), "30 天", "30 days"),
        (hours(24), "24 小时", "24 hours"),
    ],
)
def test_a_duration_says_itself_in_words(duration: deadlines.Duration, zh: str, en: str) -> None:
    assert (duration.label.zh, duration.label.en) == (zh, en)


@pytest.mark.parametrize(("amount", "unit"), [(3, "weeks"), (-1, "days"), (1, "")])
def test_a_duration_refuses_what_is_no_length_of_time(amount: int, unit: str) -> None:
    with pytest.raises(ValueError, match="no length of time"):
        deadlines.Duration(amount, unit)

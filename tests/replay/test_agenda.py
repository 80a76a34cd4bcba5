"""The clock of the replay."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel.cases.deadlines import is_working_day, working_days_between
from lianxin.kernel.clock import CHINA
from lianxin.replay.agenda import Agenda, Story, at_leisure, days_later, in_office, moment
from lianxin.replay.stage import chance_of

NOON = datetime(2025, 3, 3, 12, tzinfo=CHINA)
FIRST, LAST = datetime(2025, 1, 1), datetime(2025, 12, 1)  # noqa: DTZ001 - hypothesis wants them bare
MOMENTS = st.datetimes(FIRST, LAST).map(lambda at: at.replace(tzinfo=CHINA))


def teller(told: list[tuple[str, datetime]], name: str, *hours: int) -> Story:
    for hour in hours:
        at = yield NOON + timedelta(hours=hour)
        told.append((name, at))


def test_run_takes_all_stories_in_the_order_of_time() -> None:
    told: list[tuple[str, datetime]] = []
    agenda = Agenda(NOON + timedelta(days=1))
    agenda.begin(teller(told, "a", 1, 5))
    agenda.begin(teller(told, "b", 3, 4))
    agenda.run()
    assert [name for name, _ in told] == ["a", "b", "b", "a"]
    assert [at for _, at in told] == sorted(at for _, at in told)


def test_run_stops_where_the_year_ends() -> None:
    told: list[tuple[str, datetime]] = []
    agenda = Agenda(NOON + timedelta(hours=4))
    agenda.begin(teller(told, "a", 1, 5, 6))
    agenda.begin(teller(told, "b", 30))
    agenda.run()
    assert [name for name, _ in told] == ["a"]


def test_run_never_goes_back() -> None:
    told: list[tuple[str, datetime]] = []
    agenda = Agenda(NOON + timedelta(days=1))
    agenda.begin(teller(told, "late", 6, 2))
    agenda.run()
    assert [at for _, at in told] == [NOON + timedelta(hours=6)] * 2


def test_run_takes_stories_that_begin_on_the_way() -> None:
    told: list[tuple[str, datetime]] = []
    agenda = Agenda(NOON + timedelta(days=1))

    def mother() -> Story:
        yield NOON + timedelta(hours=2)
        agenda.begin(teller(told, "child", 3))

    agenda.begin(mother())
    agenda.run()
    assert told == [("child", NOON + timedelta(hours=3))]


def test_moment_is_of_china() -> None:
    assert moment(2025, "03-12 14:20").isoformat() == "2025-03-12T14:20:00+08:00"


@given(MOMENTS, st.integers(0, 9), st.integers(0, 5), st.integers(0, 99))
def test_in_office_is_a_working_hour_after_so_many_working_days(
    at: datetime, least: int, more: int, seed: int
) -> None:
    then = in_office(at, chance_of(seed), least, least + more)
    assert then > at
    assert is_working_day(then.date())
    assert 8 <= then.hour <= 16
    assert least <= working_days_between(at.date(), then.date()) <= max(1, least + more)


@given(MOMENTS, st.integers(1, 30), st.integers(0, 9), st.integers(0, 99))
def test_days_later_is_on_a_working_day(at: datetime, least: int, more: int, seed: int) -> None:
    then = days_later(at, chance_of(seed), least, least + more)
    assert is_working_day(then.date())
    assert then.date() - at.date() >= timedelta(days=least)
    # The longest break of the year is nine days.
    assert then.date() - at.date() <= timedelta(days=least + more + 9)


def test_at_leisure_is_outside_the_hours_of_offices() -> None:
    hours = {at_leisure(NOON, chance_of(seed), 1, 2).hour for seed in range(50)}
    assert hours <= {7, 12, 18, 19, 20, 21}


def test_chance_of_is_the_same_in_every_replay() -> None:
    assert chance_of("hazard", 7).random() == chance_of("hazard", 7).random()
    assert chance_of("hazard", 7).random() != chance_of("hazard", 8).random()


def test_spring_festival_is_no_working_time() -> None:
    eve = datetime(2025, 1, 27, 16, 30, tzinfo=CHINA)
    assert in_office(eve, chance_of(1), 1, 1).date() == date(2025, 2, 5)

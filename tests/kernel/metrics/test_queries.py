"""What is shown to whom: public figures, figures of one's own territory, small groups, charts, spreadsheets."""

from datetime import date
from decimal import Decimal

import pytest

from lianxin.kernel import scope
from lianxin.kernel.clock import CHINA
from lianxin.kernel.metrics.models import MetricDay
from lianxin.kernel.metrics.periods import Per, Period, ever, month, year
from lianxin.kernel.metrics.queries import (
    HIDDEN,
    breakdown,
    by_place,
    export_rows,
    figures_for,
    metrics_for,
    recounted,
    series,
    stretches,
)
from lianxin.kernel.metrics.rollup import roll_up
from lianxin.kernel.metrics.suppression import SMALLEST_GROUP
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import NOBODY
from lianxin.kernel.reference.models import Parameter
from lianxin.kernel.refusals import NotFound, Refused
from tests.kernel.cases.conftest import Town, build_town
from tests.kernel.metrics.conftest import FIRST, Tried, add, after, noon

MARCH = month(2025, 3)


@pytest.fixture
def town(tried: Tried) -> Town:
    """The town of the cases' tests, beside the table of these."""
    del tried
    return build_town()


@pytest.fixture
def groups_of_five(town: Town) -> None:
    """Figures about fewer than five people are not published."""
    del town
    Parameter.objects.create(name=SMALLEST_GROUP, value=5, valid_from=date(2020, 1, 1), source="test")


def people(organization: Organization, number: int, day: date = FIRST, kind: str = "a") -> None:
    for _ in range(number):
        add(day, path=organization.path, kind=kind)


def test_the_public_sees_public_figures(tried: Tried, town: Town) -> None:
    add(FIRST, path=town.county.path, amount=1234)
    (shown,) = figures_for(NOBODY, period=MARCH, ids=[tried.total.id], organization=town.city)
    assert (shown.value, shown.words.zh, shown.hidden) == (1234, "1,234", False)
    assert "FROM tried t" in shown.query
    assert tried.inner not in metrics_for(NOBODY, organization=town.city)
    assert len(figures_for(NOBODY, period=MARCH)) == len(metrics_for(NOBODY))


def test_an_inner_figure_is_for_those_responsible_there(tried: Tried, town: Town) -> None:
    add(FIRST, path=town.market.path)
    for viewer in (town.county_officer, town.city_officer):
        (shown,) = figures_for(viewer, period=MARCH, ids=[tried.inner.id], organization=town.county)
        assert (shown.value, shown.words.en, shown.number) == (1, "0.01", Decimal("0.01"))
    for viewer in (NOBODY, town.finder, town.foreign_keeper, town.manager):
        with pytest.raises(NotFound):
            figures_for(viewer, period=MARCH, ids=[tried.inner.id], organization=town.county)
    with pytest.raises(NotFound):
        figures_for(town.county_officer, period=MARCH, ids=[tried.inner.id])
    with pytest.raises(NotFound):
        figures_for(town.county_officer, period=MARCH, ids=["tried.never_declared"], organization=town.county)


def test_figures_do_not_depend_on_what_the_viewer_may_see_of_the_cases(town: Town) -> None:
    with scope.use(town.stranger.scope):
        shown = figures_for(town.stranger, period=MARCH, organization=town.city)
        assert scope.current() == town.stranger.scope
    assert shown == figures_for(NOBODY, period=MARCH, organization=town.city)


@pytest.mark.usefixtures("groups_of_five")
def test_a_small_group_is_hidden_from_the_public_alone(tried: Tried, town: Town) -> None:
    people(town.county, 4)
    people(town.elsewhere, 5)
    for place, seen in [(town.county, HIDDEN.en), (town.elsewhere, "5"), (town.city, "9")]:
        (shown,) = figures_for(NOBODY, period=MARCH, ids=[tried.people.id], organization=place)
        assert shown.words.en == seen
        assert shown.hidden == (shown.value is None)
    (own,) = figures_for(town.county_officer, period=MARCH, ids=[tried.people.id], organization=town.county)
    assert own.value == 4


@pytest.mark.usefixtures("groups_of_five")
def test_a_hidden_part_cannot_be_told_from_the_others(tried: Tried, town: Town) -> None:
    people(town.county, 2)
    people(town.elsewhere, 7)
    hidden = by_place(NOBODY, tried.people.id, period=MARCH, organization=town.city)
    assert [(part.label.zh, part.value) for part in hidden if part.label] == [("甲县", None), ("乙县", None)]
    own = by_place(town.city_officer, tried.people.id, period=MARCH, organization=town.city)
    assert [part.value for part in own] == [2, 7]


@pytest.mark.usefixtures("groups_of_five")
def test_the_public_asks_about_people_by_whole_months(tried: Tried, town: Town) -> None:
    for period in (Period(FIRST, after(1)), Period(after(1), MARCH.last)):
        with pytest.raises(Refused) as refused:
            figures_for(NOBODY, period=period, ids=[tried.people.id], organization=town.county)
        assert refused.value.code == "period_too_fine"
    assert figures_for(NOBODY, period=year(2025), ids=[tried.people.id], organization=town.county)
    assert figures_for(NOBODY, period=ever(MARCH.last), ids=[tried.people.id])
    days = Period(FIRST, after(1))
    assert figures_for(town.county_officer, period=days, ids=[tried.people.id], organization=town.county)


@pytest.mark.usefixtures("town")
def test_nothing_is_hidden_where_nothing_is_configured(tried: Tried) -> None:
    add(FIRST)
    (shown,) = figures_for(NOBODY, period=Period(FIRST, FIRST), ids=[tried.people.id])
    assert shown.value == 1


@pytest.mark.usefixtures("town")
def test_series_has_every_month(tried: Tried) -> None:
    add(date(2025, 1, 31), amount=2)
    add(date(2025, 3, 1), amount=3)
    shown = series(NOBODY, tried.total.id, period=Period(date(2025, 1, 15), date(2025, 4, 2)))
    assert [(point.code, str(point.label), point.value) for point in shown] == [
        ("2025-01-01", "2025-01", 2),
        ("2025-02-01", "2025-02", 0),
        ("2025-03-01", "2025-03", 3),
        ("2025-04-01", "2025-04", 0),
    ]
    rates = series(NOBODY, tried.rate.id, period=Period(date(2025, 1, 1), date(2025, 3, 31)))
    assert [point.value for point in rates] == [Decimal("200.0"), None, Decimal("300.0")]


@pytest.mark.usefixtures("town")
def test_series_of_a_stock_is_what_stood_at_the_end(tried: Tried) -> None:
    for day, amount in [(date(2024, 5, 1), 10), (date(2025, 2, 1), 5), (date(2025, 3, 1), -3)]:
        add(day, amount=amount)
    shown = series(NOBODY, tried.stock.id, period=Period(date(2025, 1, 1), date(2025, 3, 31)))
    assert [point.value for point in shown] == [10, 15, 12]
    since_ever = series(NOBODY, tried.stock.id, period=ever(date(2025, 3, 31)), per=Per.YEAR)
    assert [(str(point.label), point.value) for point in since_ever] == [("2024", 10), ("2025", 12)]


def test_stretches() -> None:
    assert stretches(Period(date(2024, 2, 28), date(2024, 3, 1)), Per.DAY)[-1] == date(2024, 3, 1)
    assert stretches(Period(date(2024, 11, 30), date(2025, 7, 1)), Per.QUARTER) == [
        date(2024, 10, 1),
        date(2025, 1, 1),
        date(2025, 4, 1),
        date(2025, 7, 1),
    ]
    assert len(stretches(Period(date(2020, 1, 1), date(2025, 12, 31)), Per.MONTH)) == 72
    assert len(stretches(Period(date(2020, 1, 1), date(2025, 12, 31)), Per.YEAR)) == 6


@pytest.mark.usefixtures("town")
def test_breakdown_puts_the_fullest_first(tried: Tried) -> None:
    for kind in "abbb":
        add(FIRST, kind=kind)
    assert [(part.code, part.value) for part in breakdown(NOBODY, tried.total.id, period=MARCH)] == [
        ("b", 3),
        ("a", 1),
    ]


def test_export_rows(tried: Tried, town: Town) -> None:
    add(FIRST, path=town.market.path)
    head, rows = export_rows(town.county_officer, [tried.inner.id], period=MARCH, organization=town.county)
    assert [cell.en for cell in head] == ["figure", "id", "period", "value", "unit"]
    assert rows == [["数", "tried.inner", "2025-03", Decimal("0.01"), "数"]]


@pytest.mark.usefixtures("groups_of_five")
def test_export_says_in_words_what_is_hidden(tried: Tried, town: Town) -> None:
    people(town.county, 2)
    _, rows = export_rows(NOBODY, [tried.people.id], period=MARCH, organization=town.county)
    assert rows[0][3] == HIDDEN.zh


@pytest.mark.django_db(transaction=True)
def test_recounting_shows_when_a_kept_total_is_wrong(tried: Tried) -> None:
    add(FIRST, amount=3)
    roll_up(at=noon(after(2)).astimezone(CHINA))
    assert recounted(NOBODY, tried.total.id, period=MARCH).agrees
    MetricDay.objects.update(value=4)
    again = recounted(NOBODY, tried.total.id, period=MARCH)
    assert (again.agrees, again.shown.value, again.again.value) == (False, 4, 3)

"""The figures of every kind of case."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.cases.waking import escalate
from lianxin.kernel.clock import day_of
from lianxin.kernel.metrics import catalogue
from lianxin.kernel.metrics.models import LateChange, MetricDay
from lianxin.kernel.metrics.periods import Period, year
from lianxin.kernel.metrics.queries import breakdown
from lianxin.kernel.metrics.rollup import roll_up
from lianxin.kernel.metrics.totals import recount, value
from lianxin.kernel.orgs.services import move_organization
from lianxin.kernel.people.actors import NOBODY, SYSTEM
from tests.kernel.cases.conftest import NOON, Town, build_town, case, found, town

__all__ = ["case", "town"]
YEAR = year(2026)


def test_cases_opened_and_closed(town: Town) -> None:
    first, second = found(town).case, found(town).case
    escalate(first, at=NOON + timedelta(days=3))
    perform(first, "withdraw", actor=town.finder, at=NOON + timedelta(days=4))
    perform(second, "withdraw", actor=town.finder, at=NOON + timedelta(days=1))
    found(town)
    assert value(catalogue.OPENED, YEAR, path=town.county.path) == 3
    assert value(catalogue.OPENED, YEAR, path=town.elsewhere.path) == 0
    assert value(catalogue.CLOSED, YEAR) == 2
    assert value(catalogue.OVERDUE, YEAR) == Decimal("50.0")
    assert value(catalogue.DAYS_TO_CLOSE, YEAR) == Decimal("2.5")


def test_by_kind(town: Town, case: Case) -> None:
    del town, case
    (part,) = breakdown(NOBODY, "cases.opened", period=YEAR)
    assert (part.code, str(part.label), part.value) == ("found_item", "失物招领", 1)
    assert str(catalogue.kind_label("gone")) == "gone"


@pytest.mark.django_db(transaction=True)
def test_a_body_that_moves_takes_its_figures_along() -> None:
    town = build_town()
    found(town)
    roll_up(at=NOON + timedelta(days=1))
    assert MetricDay.objects.filter(metric="cases.opened").exists()
    move_organization(town.market, parent=town.elsewhere, actor=SYSTEM, at=NOON + timedelta(days=1))
    for path, number in [(town.county.path, 0), (town.elsewhere.path, 1)]:
        assert (
            value(catalogue.OPENED, YEAR, path=path) == number == recount(catalogue.OPENED, YEAR, path=path)
        )
    sources = set(LateChange.objects.values_list("source", flat=True))
    assert sources == {"cases.opened", "cases.acts"}


@pytest.mark.django_db(transaction=True)
def test_a_case_that_is_opened_again_leaves_the_closed_ones() -> None:
    town = build_town()
    opened = found(town).case
    perform(opened, "withdraw", actor=town.finder, at=NOON)
    roll_up(at=NOON + timedelta(days=1))
    assert value(catalogue.CLOSED, YEAR) == 1
    with scope.act(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET closed_at = NULL WHERE id = %s", [opened.pk])
    assert value(catalogue.CLOSED, YEAR) == 0
    assert value(catalogue.CLOSED, Period(day_of(NOON), day_of(NOON)), path=town.county.path) == 0

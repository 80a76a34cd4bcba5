"""The home of whoever holds an office."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lianxin.kernel import clock
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.waking import escalate
from lianxin.kernel.people.roles import (
    ADMINISTRATOR,
    AUDITOR,
    CUSTODIAN,
    FINANCE_OFFICER,
    PARTNER_KEY,
    UNION_KEY,
    RoleKind,
)
from lianxin.web.casework.desk import counted, owners
from tests.kernel.cases.conftest import NOON, Town, found, holder
from tests.web.casework.conftest import Browser

COUNT = "<strong>{n}</strong><span>{label}</span>"


def test_home_of_an_office_shows_what_is_overdue_and_what_comes_first(
    town: Town, case: Case, signed: Browser
) -> None:
    later = found(town, at=clock.now()).case
    page = signed(town.keeper).get("/").content.decode()
    assert COUNT.format(n=1, label="已逾期") in page
    assert COUNT.format(n=2, label="全部待办") in page
    # The overdue one first, each leading to its case.
    assert 0 < page.index(f"/case/{case.number}/") < page.index(f"/case/{later.number}/")
    assert "报隐患" in page


def test_home_of_a_supervisor_shows_what_climbed(town: Town, case: Case, signed: Browser) -> None:
    escalate(case, at=NOON + timedelta(days=3))
    page = signed(town.city_officer).get("/").content.decode()
    assert COUNT.format(n=1, label="督办") in page
    assert "请督办" in page
    # Whose turn it still is stands beside it.
    assert f"/case/{case.number}/" in page
    assert "甲县 · " in page


def test_home_with_nothing_waiting_says_so(town: Town, signed: Browser) -> None:
    page = signed(town.keeper).get("/").content.decode()
    assert COUNT.format(n=0, label="全部待办") in page
    assert "没有待办" in page


def test_home_says_in_english_what_is_to_do(town: Town, case: Case, signed: Browser) -> None:
    client = signed(town.keeper)
    client.cookies["django_language"] = "en"
    assert "Your work today" in client.get("/").content.decode()


def test_home_of_a_worker_stays_six_large_actions(town: Town, case: Case, signed: Browser) -> None:
    page = signed(town.finder).get("/").content.decode()
    assert page.count('class="lx-tile ') == 6
    assert "lx-count" not in page


@pytest.mark.parametrize(
    ("kind", "leads_to", "has_queue"),
    [
        (UNION_KEY, "/money/payouts/", True),
        (PARTNER_KEY, "/money/payouts/", True),
        (FINANCE_OFFICER, "/money/batches/", True),
        (AUDITOR, "/verify/", False),
        (ADMINISTRATOR, "/offices/roles/", False),
        (CUSTODIAN, "/offices/identities/", False),
    ],
)
def test_home_leads_each_office_to_its_work(
    town: Town, signed: Browser, kind: RoleKind, leads_to: str, *, has_queue: bool
) -> None:
    client = signed(holder("某人", kind, town.city))
    page = client.get("/").content.decode().partition("<main")[2]
    assert 'class="lx-tile ' in page
    assert f'href="{leads_to}"' in page
    assert ("lx-counts" in page) == has_queue == (kind.code in owners())
    assert client.get(leads_to).status_code == 200


def test_home_costs_the_same_with_one_case_and_with_thirty(town: Town, case: Case, signed: Browser) -> None:
    client = signed(town.keeper)
    client.get("/")
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        costs.append(len(captured))
        for _ in range(29):
            found(town)
    assert costs[0] == costs[1]


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (99, "99"), (100, "99+"), (1000, "99+")])
def test_counted_stops_where_the_count_stopped(count: int, shown: str) -> None:
    assert counted(count) == shown

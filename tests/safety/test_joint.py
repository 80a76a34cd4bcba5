"""Raising something together: who may share in it, by name or by number."""

from typing import Any

import pytest
from django.test import Client

from lianxin.kernel import scope
from lianxin.kernel.cases.intake import submit
from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.people.actors import NOBODY, Actor
from lianxin.kernel.refusals import Invalid
from lianxin.safety.workflow.hazard import workflow
from tests.safety.conftest import NOON, Cast

ROW = ("position", "mode", "share")


def send(cast: Cast, actor: Actor, **data: Any) -> Case:
    filled = {"hazards": "围堰缺少跨步梯", "site": cast.tank.pk} | data
    return submit(workflow, actor=actor, at=NOON, data=filled, uploads={}).case


def rows() -> list[tuple[Any, ...]]:
    with scope.use(scope.EVERYTHING):
        return list(Reporter.objects.order_by("position").values_list(*ROW))


@pytest.mark.parametrize(
    ("data", "shares"),
    [
        ({}, [1]),
        ({"people": 3}, [1, 1, 1]),
        ({"people": 2, "shares": "60,40"}, [60, 40]),
        ({"shares": [5, 3, 2]}, [5, 3, 2]),
    ],
)
def test_anonymous_reporters_are_counted_and_not_named(
    cast: Cast, data: dict[str, Any], shares: list[int]
) -> None:
    send(cast, NOBODY, mode="anonymous", **data)
    assert rows() == [(place, "anonymous", share) for place, share in enumerate(shares, start=1)]


@pytest.mark.parametrize("mode", ["named", "confidential"])
def test_colleagues_share_in_a_report_by_name(cast: Cast, mode: str) -> None:
    send(cast, cast.worker, mode=mode, co_authors=["职工乙"], people=2, shares="60，40")
    assert rows() == [(1, mode, 60), (2, mode, 40)]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"mode": "anonymous", "co_authors": ["职工乙"]}, "co_authors"),
        ({"mode": "anonymous", "people": 3, "shares": "1,1"}, "shares"),
        ({"mode": "anonymous", "people": 0}, "people"),
        ({"mode": "anonymous", "people": 21}, "people"),
        ({"mode": "anonymous", "people": "三"}, "people"),
        ({"mode": "confidential", "people": 2}, "people"),
        ({"mode": "named", "co_authors": ["职工乙"], "people": 3}, "people"),
        ({"mode": "named", "co_authors": ["职工乙"], "shares": "1"}, "shares"),
        ({"mode": "named", "co_authors": ["职工乙", "职工乙"]}, "co_authors"),
        ({"mode": "named", "co_authors": ["职工甲"]}, "co_authors"),
        ({"mode": "named", "co_authors": ["路人"]}, "co_authors"),
    ],
)
def test_joint_report_refused_names_the_field_and_writes_nothing(
    cast: Cast, data: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        send(cast, cast.worker, **data)
    assert set(refusal.value.faults) == {field}
    assert all(told.zh and told.en for told in refusal.value.faults[field])
    assert rows() == []


def test_each_code_on_the_page_opens_the_case_for_its_own_reporter(cast: Cast, client: Client) -> None:
    sent = {
        "hazards": "围堰缺少跨步梯",
        "chosen_place": f"site:{cast.tank.pk}",
        "mode": "anonymous",
        "people": "2",
    }
    page = client.post("/safety/report/", sent, follow=True).content.decode()
    codes = [part.split("</p>")[0] for part in page.split('<p class="lx-receipt lx-code">')[1:]]
    assert len(set(codes)) == 2
    assert ("您的回执码" in page, "第 2 人的回执码" in page) == (True, True)
    for code in codes:
        phone = Client()
        led = phone.post("/receipt/", {"receipt": code})
        assert phone.get(led["Location"]).status_code == 200
        assert code not in led["Location"]

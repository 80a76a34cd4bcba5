"""Whose cases a fund pays for, on its page."""

import pytest
from django.test import Client

from lianxin.kernel import scope
from lianxin.kernel.ledger.models import Coverage
from tests.kernel.ledger.conftest import Cast
from tests.web.casework.conftest import Browser


def covered(cast: Cast) -> list[str]:
    with scope.use(scope.EVERYTHING):
        rows = Coverage.objects.filter(fund=cast.fund, ended_at=None).order_by("organization_path")
        return list(rows.values_list("organization__name", flat=True))


def first(cast: Cast) -> int:
    with scope.use(scope.EVERYTHING):
        return Coverage.objects.get(fund=cast.fund).pk


def test_finance_ends_one_coverage_and_begins_another(cast: Cast, finance: Client) -> None:
    page = f"/money/{cast.fund.pk}/"
    assert "某市" in finance.get(page).content.decode().split('id="coverage"')[1]
    assert finance.post(f"{page}coverage/{first(cast)}/end/").status_code == 303
    assert covered(cast) == []
    assert cast.plant.parent is not None
    assert finance.post(f"{page}coverage/", {"organization": cast.plant.parent.pk}).status_code == 303
    assert covered(cast) == ["甲县"]


def test_ending_twice_says_so(cast: Cast, finance: Client) -> None:
    path = f"/money/{cast.fund.pk}/coverage/{first(cast)}/end/"
    assert [finance.post(path).status_code for _ in range(2)] == [303, 409]
    assert finance.post(f"/money/{cast.fund.pk}/coverage/999999/end/").status_code == 404


@pytest.mark.parametrize("which", ["plant", "office", "covered", "nothing"])
def test_body_that_cannot_be_covered_is_refused(cast: Cast, finance: Client, which: str) -> None:
    # The office stands beside the city and is no place for cases; it is offered, since it acts on the same ground.
    body = {"plant": cast.plant.pk, "office": "x", "covered": cast.city.pk, "nothing": ""}[which]
    answer = finance.post(f"/money/{cast.fund.pk}/coverage/", {"organization": body}, follow=True)
    assert "lx-notices" in answer.content.decode()
    assert covered(cast) == ["某市"]


@pytest.mark.parametrize("who", ["auditor", "first_key", "second_key", "expert"])
def test_others_of_the_fund_see_and_do_not_change_it(cast: Cast, signed: Browser, who: str) -> None:
    client = signed(getattr(cast, who))
    page = client.get(f"/money/{cast.fund.pk}/").content.decode().split('id="coverage"')[1].split("分录")[0]
    assert ("某市" in page, "停止" in page) == (True, False)
    assert client.post(f"/money/{cast.fund.pk}/coverage/{first(cast)}/end/").status_code == 403
    assert covered(cast) == ["某市"]


def test_strangers_change_nothing(cast: Cast, elsewhere: Client, signed: Browser) -> None:
    for client, status in ((elsewhere, 404), (signed(cast.county_officer), 403), (signed(cast.worker), 403)):
        assert client.post(f"/money/{cast.fund.pk}/coverage/{first(cast)}/end/").status_code == status
        answer = client.post(f"/money/{cast.fund.pk}/coverage/", {"organization": cast.city.pk})
        assert answer.status_code == status

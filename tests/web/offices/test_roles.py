"""Offices granted and ended by administrators, within their reach."""

import pytest

from lianxin.kernel import scope
from lianxin.kernel.people.models import Role
from tests.cast import Cast, cast
from tests.web.casework.conftest import Browser, signed

__all__ = ["cast", "signed"]


def asked(cast: Cast) -> dict[str, object]:
    assert cast.worker.person is not None
    return {"person": cast.worker.person.pk, "kind": "union_officer", "organization": cast.tree.county.pk}


def offices_of_the_worker(cast: Cast) -> int:
    with scope.use(scope.EVERYTHING):
        return Role.objects.filter(person=cast.worker.person, ended_at=None).count()


def test_roles_lists_who_is_in_office(cast: Cast, signed: Browser) -> None:
    page = signed(cast.administrator).get("/offices/roles/").content.decode()
    assert "区干部 · 工会干部" in page


@pytest.mark.parametrize("who", ["worker", "city_officer", "auditor"])
def test_roles_is_for_administrators(cast: Cast, signed: Browser, who: str) -> None:
    client = signed(getattr(cast, who))
    assert client.get("/offices/roles/").status_code == 403
    assert client.post("/offices/roles/grant/", asked(cast)).status_code == 403
    assert offices_of_the_worker(cast) == 0


def test_search_finds_the_person_to_appoint(cast: Cast, signed: Browser) -> None:
    page = signed(cast.administrator).get("/offices/roles/", {"name": "王工"}).content.decode()
    assert "王工 · 示例重工" in page
    nobody = signed(cast.administrator).get("/offices/roles/", {"name": "无此人"}).content.decode()
    assert "没有这个姓名的人员" in nobody


def test_grant_appoints(cast: Cast, signed: Browser) -> None:
    answer = signed(cast.administrator).post("/offices/roles/grant/", asked(cast))
    assert answer.status_code == 303
    assert offices_of_the_worker(cast) == 1


def test_grant_twice_says_so(cast: Cast, signed: Browser) -> None:
    client = signed(cast.administrator)
    client.post("/offices/roles/grant/", asked(cast))
    assert client.post("/offices/roles/grant/", asked(cast)).status_code == 422
    assert offices_of_the_worker(cast) == 1


def test_grant_to_oneself_is_refused(cast: Cast, signed: Browser) -> None:
    assert cast.administrator.person is not None
    data = asked(cast) | {"person": cast.administrator.person.pk}
    assert signed(cast.administrator).post("/offices/roles/grant/", data).status_code == 422


@pytest.mark.parametrize("field", ["organization", "person"])
def test_grant_beyond_reach_is_refused(cast: Cast, signed: Browser, field: str) -> None:
    data = asked(cast) | {field: cast.tree.province.pk if field == "organization" else 10**9}
    assert signed(cast.administrator).post("/offices/roles/grant/", data).status_code == 422
    assert offices_of_the_worker(cast) == 0


def test_end_takes_the_office_away(cast: Cast, signed: Browser) -> None:
    role = cast.county_officer.roles[0]
    assert signed(cast.city_officer).post(f"/offices/roles/{role.pk}/end/").status_code == 403
    assert signed(cast.administrator).post(f"/offices/roles/{role.pk}/end/").status_code == 303
    with scope.use(scope.EVERYTHING):
        role.refresh_from_db()
    assert role.ended_at is not None


def test_end_of_ones_own_office_is_refused(cast: Cast, signed: Browser) -> None:
    role = cast.administrator.roles[0]
    assert signed(cast.administrator).post(f"/offices/roles/{role.pk}/end/").status_code == 403

"""Offices granted and ended by administrators, within their reach."""

import re
import uuid

import pytest

from lianxin.kernel import scope
from lianxin.kernel.people.models import Role, SetupCode
from tests.cast import Cast, cast
from tests.web.casework.conftest import Browser, signed

__all__ = ["cast", "signed"]
CODE = re.compile(r"\b[A-Z2-9]{4}(?:-[A-Z2-9]{4}){2}\b")


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


def test_issue_shows_a_set_up_code_once(cast: Cast, signed: Browser) -> None:
    role, client = cast.county_officer.roles[0], signed(cast.administrator)
    assert "未设密码" in client.get("/offices/roles/").content.decode()
    sent = {"client_token": str(uuid.uuid4())}
    answer = client.post(f"/offices/roles/{role.pk}/setup-code/", sent)
    assert "no-store" in answer["Cache-Control"]
    code = CODE.search(answer.content.decode())
    assert code is not None
    again = client.post(f"/offices/roles/{role.pk}/setup-code/", sent)
    assert (again.status_code, CODE.search(again.content.decode())) == (422, None)
    assert "仍然有效" in again.content.decode()
    fresh = client.post(f"/offices/roles/{role.pk}/setup-code/", {"client_token": "no token"})
    assert CODE.search(fresh.content.decode()) != code


@pytest.mark.parametrize(
    ("who", "status"),
    [("worker", 403), ("city_officer", 403), ("auditor", 403), ("other_county_officer", 403)],
)
def test_issue_is_for_administrators(cast: Cast, signed: Browser, who: str, status: int) -> None:
    role = cast.county_officer.roles[0]
    assert signed(getattr(cast, who)).post(f"/offices/roles/{role.pk}/setup-code/").status_code == status
    with scope.use(scope.EVERYTHING):
        assert not SetupCode.objects.exists()


def test_issue_beyond_reach_or_to_oneself_is_refused(cast: Cast, signed: Browser) -> None:
    client = signed(cast.administrator)
    assert client.post("/offices/roles/999999/setup-code/").status_code == 404
    own = cast.administrator.roles[0]
    assert client.post(f"/offices/roles/{own.pk}/setup-code/").status_code == 422
    with scope.use(scope.EVERYTHING):
        assert not SetupCode.objects.exists()

"""Opening a confidential reporter's identity takes two custodians of two bodies."""

import pytest

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case, IdentityOpening
from tests.kernel.cases.conftest import Town, found, town
from tests.web.casework.conftest import Browser, signed

__all__ = ["signed", "town"]


@pytest.fixture
def secret(town: Town) -> Case:
    """A case that was reported in confidence."""
    return found(town, mode="confidential").case


def ask(browser: Browser, town: Town, case: Case, who: int = 0, reason: str = "公安机关依法调取") -> object:
    return browser(town.custodians[who]).post(
        "/offices/identities/", {"number": case.number, "reason": reason}
    )


def opening() -> IdentityOpening:
    with scope.use(scope.EVERYTHING):
        return IdentityOpening.objects.get()


def test_identity_opens_with_both(town: Town, secret: Case, signed: Browser) -> None:
    assert ask(signed, town, secret).status_code == 303  # type: ignore[attr-defined]
    address = f"/offices/identities/{opening().pk}/open/"
    page = signed(town.custodians[1]).post(address).content.decode()
    assert "拾者" in page
    assert "拾者" not in signed(town.custodians[1]).get("/offices/identities/").content.decode()
    assert signed(town.custodians[1]).post(address).status_code == 409


@pytest.mark.parametrize("reason", ["", "长" * 10_000])
def test_opening_for_no_reason_or_a_novel_is_refused(
    town: Town, secret: Case, signed: Browser, reason: str
) -> None:
    assert ask(signed, town, secret, reason=reason).status_code == 422  # type: ignore[attr-defined]
    with scope.use(scope.EVERYTHING):
        assert not IdentityOpening.objects.exists()


def test_identity_does_not_open_with_one(town: Town, secret: Case, signed: Browser) -> None:
    ask(signed, town, secret)
    answer = signed(town.custodians[0]).post(f"/offices/identities/{opening().pk}/open/")
    assert answer.status_code == 403
    assert "拾者" not in answer.content.decode()
    assert opening().second_at is None


def test_ask_without_a_reason_is_refused(town: Town, secret: Case, signed: Browser) -> None:
    assert ask(signed, town, secret, reason="查").status_code == 422  # type: ignore[attr-defined]


def test_ask_for_a_named_reporter_says_that_nothing_is_sealed(town: Town, signed: Browser) -> None:
    answer = ask(signed, town, found(town).case)
    assert "没有密封身份" in answer.content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("who", ["keeper", "city_officer", "finder", "manager"])
def test_identities_are_for_custodians(town: Town, secret: Case, signed: Browser, who: str) -> None:
    client = signed(getattr(town, who))
    assert client.get("/offices/identities/").status_code == 403
    assert (
        client.post("/offices/identities/", {"number": secret.number, "reason": "想知道"}).status_code == 403
    )

"""My data, who looked, consents."""

import pytest
from django.test import Client

from lianxin.kernel import scope
from lianxin.kernel.people.models import Consent, Person
from lianxin.kernel.people.reveals import reveal
from lianxin.kernel.people.services import set_identity, set_phone
from tests.cast import AT, Cast, cast, identity_number, phone_number
from tests.web.casework.conftest import Browser, signed

__all__ = ["cast", "signed"]


@pytest.fixture
def person(cast: Cast) -> Person:
    """The worker, with numbers sealed."""
    assert cast.worker.person is not None
    set_phone(cast.worker.person, phone_number(1), actor=cast.worker, at=AT)
    return set_identity(cast.worker.person, identity_number(1), actor=cast.worker, at=AT)


def test_profile_masks_ones_own_numbers(cast: Cast, person: Person, signed: Browser) -> None:
    page = signed(cast.worker).get("/me/").content.decode()
    assert phone_number(1) not in page
    assert identity_number(1) not in page
    assert "199****" in page


def test_profile_asks_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/me/").status_code == 302
    assert client.post("/me/reveal/phone/").status_code == 302


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_reveal_shows_ones_own_number(
    cast: Cast, person: Person, signed: Browser, headers: dict[str, str]
) -> None:
    answer = signed(cast.worker).post("/me/reveal/phone/", headers=headers)
    assert phone_number(1) in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert ("<html" in answer.content.decode()) is not bool(headers)


def test_reveal_of_something_else_is_not_there(cast: Cast, person: Person, signed: Browser) -> None:
    assert signed(cast.worker).post("/me/reveal/password/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_profile_tells_who_looked_and_why(signed: Browser) -> None:
    from tests.cast import build_cast

    cast = build_cast()
    assert cast.worker.person is not None
    with scope.use(scope.EVERYTHING):
        set_phone(cast.worker.person, phone_number(1), actor=cast.worker, at=AT)
        reveal(cast.worker.person, "phone", actor=cast.town_officer, reason="电话回访", at=AT)
    page = signed(cast.worker).get("/me/").content.decode()
    assert "电话回访" in page
    assert "红海街道总工会" in page
    assert "电话回访" not in signed(cast.colleague).get("/me/").content.decode()


def test_consent_is_given_and_taken_back(cast: Cast, person: Person, signed: Browser) -> None:
    client = signed(cast.worker)
    client.post("/me/consent/", {"purpose": "publish_name", "give": "1"})
    assert Consent.objects.get().withdrawn_at is None
    assert "已同意" in client.get("/me/").content.decode()
    client.post("/me/consent/", {"purpose": "publish_name"})
    assert Consent.objects.get().withdrawn_at is not None


def test_consent_to_nothing_known_is_not_there(cast: Cast, person: Person, signed: Browser) -> None:
    client = signed(cast.worker)
    assert client.post("/me/consent/", {"purpose": "x", "give": "1"}).status_code == 404
    assert client.post("/me/consent/", {"purpose": "x"}).status_code == 404
    assert not Consent.objects.exists()

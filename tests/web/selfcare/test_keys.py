"""Keys to the API: shown once, one's own, revocable."""

import re
from datetime import timedelta

import pytest

from lianxin.api import callers
from lianxin.kernel import clock
from lianxin.kernel.people.models import Token
from lianxin.kernel.people.tokens import actor_for_token
from lianxin.kernel.refusals import NotAllowed
from lianxin.web.selfcare.keys import SCOPES
from tests.cast import Cast, cast
from tests.web.casework.conftest import Browser, signed

__all__ = ["cast", "signed"]
ASKED = {"name": "手机应用", "scopes": ["cases:read"], "days": "30"}


def test_scopes_are_those_of_the_api() -> None:
    assert SCOPES == callers.SCOPES


def test_key_is_shown_once_and_works(cast: Cast, signed: Browser) -> None:
    client = signed(cast.worker)
    page = client.post("/me/keys/", ASKED).content.decode()
    secret = re.search(r"lx_[\w-]{40,}", page)
    assert secret is not None
    assert secret.group() not in client.get("/me/keys/").content.decode()
    actor = actor_for_token(secret.group(), at=clock.now())
    assert actor.person == cast.worker.person
    assert actor.token_scopes == frozenset({"cases:read"})
    assert Token.objects.get().expires_at < clock.now() + timedelta(days=31)  # type: ignore[operator]


def test_office_makes_no_key_by_phone_code_alone(cast: Cast, signed: Browser) -> None:
    officer = cast.county_officer
    client = signed(officer)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": 0}]
    session.save()
    for answer in (client.get("/me/keys/"), client.post("/me/keys/", ASKED)):
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/reauthenticate/")
    assert not Token.objects.exists()
    assert re.search(r"lx_[\w-]{40,}", signed(officer).post("/me/keys/", ASKED).content.decode())


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"scopes": []}, {"scopes": ["everything"]}, {"days": "9999"}]
)
def test_faulty_key_is_not_made(cast: Cast, signed: Browser, changes: dict[str, object]) -> None:
    assert signed(cast.worker).post("/me/keys/", ASKED | changes).status_code == 422
    assert not Token.objects.exists()


def test_revoked_key_no_longer_works(cast: Cast, signed: Browser) -> None:
    client = signed(cast.worker)
    secret = re.search(r"lx_[\w-]{40,}", client.post("/me/keys/", ASKED).content.decode())
    assert secret is not None
    address = f"/me/keys/{Token.objects.get().pk}/revoke/"
    assert signed(cast.colleague).post(address).status_code == 404
    assert client.post(address).status_code == 303
    with pytest.raises(NotAllowed):
        actor_for_token(secret.group(), at=clock.now())
    assert "已撤销" in client.get("/me/keys/").content.decode()

"""The page for a set-up code, and the one for a forgotten password."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from lianxin.kernel import clock, scope
from lianxin.kernel.people.models import Account
from lianxin.kernel.people.setup_codes import issue_setup_code
from tests.cast import Cast, cast

__all__ = ["cast"]
PAGE = "/account/password/set/"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def handed(cast: Cast) -> str:
    """The code that the county officer was handed."""
    assert cast.county_officer.person is not None
    return issue_setup_code(cast.county_officer.person, actor=cast.administrator, at=clock.now())[1]


@pytest.fixture
def phone(cast: Cast, handed: str) -> Client:
    """Their browser, signed in by a code to the phone."""
    client = Client()
    with scope.use(scope.EVERYTHING):
        client.force_login(Account.objects.get(person=cast.county_officer.person))
    return client


def sent(code: str, /, **changed: str) -> dict[str, str]:
    return {"code": code, "password": PASSWORD, "again": PASSWORD} | changed


def test_workbench_leads_to_the_page_and_the_page_on_to_the_second_factor(phone: Client, handed: str) -> None:
    assert phone.get("/queue/")["Location"].startswith(PAGE)
    answer = phone.post(PAGE, sent(handed))
    assert (answer.status_code, answer["Location"]) == (303, "/account/2fa/")
    # The session goes on, and other sessions of the account are not it any more.
    assert phone.get("/me/").status_code == 200
    assert phone.get("/queue/")["Location"].startswith("/account/2fa/")
    assert phone.get(PAGE)["Location"] == "/account/password/change/"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"code": ""}, "这个字段是必填项"),
        ({"code": "AAAA-BBBB-CCCC"}, "开通码不对、已用过或已过期"),
        ({"again": PASSWORD + "x"}, "两次输入不一样"),
        ({"password": "short", "again": "short"}, "太短"),
        ({"password": "123456789012345", "again": "123456789012345"}, "密码只包含数字"),
    ],
)
def test_fault_stands_at_its_field_and_sets_nothing(
    phone: Client, handed: str, changed: dict[str, str], words: str
) -> None:
    page = phone.post(PAGE, sent(handed, **changed))
    assert page.status_code == 422
    assert words in page.text
    assert PASSWORD not in page.text
    assert not Account.objects.exclude(password__startswith="!").exists()
    assert phone.post(PAGE, sent(handed)).status_code == 303


def test_tries_are_slowed_down_on_the_page(phone: Client, handed: str) -> None:
    for _try in range(5):
        assert "开通码不对" in phone.post(PAGE, sent("AAAA-BBBB-CCCC")).text
    page = phone.post(PAGE, sent(handed))
    assert page.status_code == 422
    assert "尝试次数过多" in page.text


def test_passkey_from_before_the_set_up_opens_no_office(phone: Client, cast: Cast, handed: str) -> None:
    session = phone.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "webauthn", "passwordless": True, "at": clock.now().timestamp()}
    ]
    session.save()
    Authenticator.objects.create(user=Account.objects.get(), type="webauthn", data={})
    assert phone.get("/queue/")["Location"].startswith(PAGE)
    phone.post(PAGE, sent(handed))
    assert not Authenticator.objects.exists()


def test_set_up_asks_to_sign_in(client: Client, db: None) -> None:
    assert client.get(PAGE)["Location"].startswith("/account/login/")
    assert client.post(PAGE, sent("x"))["Location"].startswith("/account/login/")


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "领取开通码"), ("en", "set-up code")])
def test_forgotten_says_whom_to_ask(client: Client, db: None, language: str, words: str) -> None:
    client.cookies["django_language"] = language
    page = client.get("/account/password/reset/")
    assert (page.status_code, words in page.text) == (200, True)


@pytest.mark.parametrize(
    "path",
    ["email/", "confirm-email/", "confirm-email/x/", "password/reset/done/", "password/reset/key/1-x/"],
)
def test_pages_about_e_mail_are_closed(client: Client, db: None, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 404
    assert client.post(f"/account/{path}", {"email": "a@example.com"}).status_code == 404

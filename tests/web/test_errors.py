"""Every "no" is a page that says what to do, in the reader's language."""

import pytest
from django.conf import settings
from django.test import Client

from tests.safety.conftest import Cast, cast
from tests.web.casework.conftest import Browser, signed

__all__ = ["cast", "signed"]

pytestmark = [pytest.mark.urls("tests.web.urls"), pytest.mark.django_db]


@pytest.fixture
def client() -> Client:
    """A browser that shows the error page instead of raising."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("refused", 422),
        ("notallowed", 403),
        ("notfound", 404),
        ("conflict", 409),
        ("toomany", 429),
        ("toobig", 413),
        ("forbidden", 403),
        ("broken", 500),
        ("away", 503),
    ],
)
def test_refusal_becomes_a_page_of_its_status(client: Client, what: str, status: int) -> None:
    page = client.get(f"/refuse/{what}/")
    assert page.status_code == status
    assert "<h1>" in page.text
    assert f"代码 {status}" in page.text
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert f"Code {status}" in client.get(f"/refuse/{what}/").text


def test_refusal_says_its_own_sentence(client: Client) -> None:
    page = client.get("/refuse/conflict/")
    assert "王干部已受理。" in page.text
    assert page["X-Refused"] == "taken"


def test_refusal_tells_when_to_come_back(client: Client) -> None:
    assert client.get("/refuse/toomany/")["Retry-After"] == "30"


@pytest.mark.parametrize("what", ["conflict", "broken", "forbidden"])
def test_refusal_answers_htmx_with_an_alert_for_the_page(client: Client, what: str) -> None:
    partial = client.get(f"/refuse/{what}/", headers={"HX-Request": "true"})
    assert partial["HX-Retarget"] == "#lx-notices"
    assert 'role="alert"' in partial.text
    assert "<html" not in partial.text


def test_unknown_address_is_not_found(client: Client) -> None:
    page = client.get("/there-is-nothing-here/")
    assert page.status_code == 404
    assert "没有找到" in page.text


def test_form_without_its_csrf_token_says_what_to_do() -> None:
    page = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"})
    assert page.status_code == 403
    assert "页面放得太久了" in page.text


def test_database_that_is_away_is_maintenance_and_says_when_to_come_back(client: Client) -> None:
    page = client.get("/refuse/away/")
    assert (page.status_code, page["Retry-After"]) == (503, "120")
    assert "正在维护" in page.text


@pytest.mark.parametrize(
    ("language", "data", "words"),
    [
        ("zh-hans", {"client_token": "x"}, "交几次都只算一次"),
        ("en", {"client_token": "x"}, "it counts once"),
        ("zh-hans", {}, "确实没有办成再办一次"),
        ("en", {}, "only if it was not"),
    ],
)
def test_database_that_went_away_under_a_form_promises_only_what_is_true(
    client: Client, language: str, data: dict[str, str], words: str
) -> None:
    """The answer to the commit may be all that was lost: only a form with a token can be sent again unseen."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    sent, read = (
        answer.text.partition('<template id="lx-words"')[0]
        for answer in (client.post("/refuse/away/", data), client.get("/refuse/away/"))
    )
    assert (words in sent, words in read) == (True, False)
    assert not any(word in sent for word in ("没有收到", "not received"))


@pytest.mark.parametrize("what", ["conflict", "toomany", "broken", "away"])
def test_what_was_sent_in_vain_leads_back_to_its_form(client: Client, what: str) -> None:
    """Its own address cannot be reloaded: it is only sent to."""
    sent, read = client.post(f"/refuse/{what}/").text, client.get(f"/refuse/{what}/").text
    assert ("data-back" in sent, f'href="/refuse/{what}/"' in sent) == (True, False)
    assert ("data-back" in read, f'href="/refuse/{what}/"' in read) == (False, True)
    assert "您填写的内容还在" in sent


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "按页面上的按钮办理"), ("en", "press its button")]
)
def test_address_that_is_only_sent_to_says_so(client: Client, language: str, words: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get("/language/")
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert words in page.text


def test_broken_page_gives_a_reference_that_the_log_holds(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    page = client.get("/refuse/broken/?phone=19900000000")
    reference = page["X-Request-ID"][:8].upper()
    assert f">{reference}</span>" in page.text
    (line,) = [record.getMessage() for record in caplog.records if record.name == "lianxin.web.errors"]
    assert line.startswith(f"Broken, reference {reference}: RuntimeError in ")
    assert "tests/web/urls.py:" in line
    # Neither what was asked for nor what the fault says of itself, which may be what somebody wrote.
    assert "19900000000" not in line
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "tell your system administrator" in client.get("/refuse/broken/").text


@pytest.mark.parametrize("what", ["refused", "conflict", "away"])
def test_what_is_no_fault_of_the_code_has_no_reference(
    client: Client, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert "lx-reference" not in client.get(f"/refuse/{what}/").text
    assert [record for record in caplog.records if record.name == "lianxin.web.errors"] == []


@pytest.mark.parametrize(("what", "offered"), [("notfound", True), ("notallowed", True), ("conflict", False)])
def test_stranger_may_sign_in_and_look_again(
    cast: Cast, signed: Browser, client: Client, what: str, offered: bool
) -> None:
    sign_in = f'href="/account/login/?next=%2Frefuse%2F{what}%2F%3Fa%3D1"'
    assert (sign_in in client.get(f"/refuse/{what}/?a=1").text) == offered
    assert ("凭回执码查询" in client.get(f"/refuse/{what}/").text) == offered
    known = signed(cast.worker).get(f"/refuse/{what}/?a=1").text
    assert "/account/login/" not in known.partition('<div class="lx-form-end">')[2]


def test_trouble_leads_back_to_the_page_of_ours_that_it_was_met_from(client: Client) -> None:
    for before, back in (("http://testserver/queue/", True), ("http://elsewhere/", False), ("", False)):
        page = client.get("/refuse/notfound/", headers={"Host": "testserver", "Referer": before})
        assert ("data-back" in page.text) == back, before


def test_address_that_asks_for_the_impossible_is_opened_afresh(client: Client) -> None:
    assert 'href="/refuse/refused/"' in client.get("/refuse/refused/?after=x").text
    # Without anything asked it would only be the same again.
    assert 'href="/refuse/refused/"' not in client.get("/refuse/refused/").text

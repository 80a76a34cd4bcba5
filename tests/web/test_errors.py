"""Every "no" is a page that says what to do, in the reader's language."""

import pytest
from django.conf import settings
from django.test import Client

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

"""The thanks after something was sent."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Case
from lianxin.web.casework import sent
from tests.kernel.cases.conftest import Town
from tests.web.casework.conftest import Browser

CODE = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){4}")
TOKEN = "5f0c1d6e-8f3b-4a63-9a0e-0a5c2f6b7d11"


def send(client: Client, town: Town, **data: Any) -> Any:
    """Send a found umbrella, and do not go on to the thanks."""
    filled = {"what": "雨伞", "chosen_place": f"organization:{town.market.pk}", "mode": "anonymous"} | data
    return client.post("/new/found_item/", filled)


def test_sent_stands_on_a_page_of_its_own(town: Town, signed: Browser) -> None:
    client = signed(town.finder)
    answer = send(client, town, mode="named")
    assert (answer.status_code, answer["Location"]) == (303, "/sent/")
    page = client.get("/sent/").content.decode()
    with scope.use(scope.EVERYTHING):
        assert Case.objects.get().number in page
    assert CODE.search(page) is None


def test_sent_again_by_a_reload_opens_nothing_and_still_shows_the_code(town: Town, client: Client) -> None:
    send(client, town)
    first, second = (CODE.search(client.get("/sent/").content.decode()) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.group() == second.group()
    with scope.use(scope.EVERYTHING):
        assert Case.objects.count() == 1


def test_sent_twice_with_one_token_says_that_it_is_known(town: Town, client: Client) -> None:
    send(client, town, client_token=TOKEN)
    send(client, town, client_token=TOKEN)
    assert "没有重复登记" in client.get("/sent/").content.decode()


def test_sent_is_kept_by_no_cache_and_its_cookie_hides_the_code(town: Town, client: Client) -> None:
    answer = send(client, town)
    page = client.get("/sent/")
    code = CODE.search(page.content.decode())
    assert code is not None
    assert "no-store" in page["Cache-Control"]
    cookie = answer.cookies[sent.COOKIE]
    assert code.group() not in cookie.value
    assert (cookie["httponly"], cookie["path"], cookie["max-age"]) == (True, "/sent/", 600)


def test_sent_is_nobody_elses(town: Town, client: Client, signed: Browser) -> None:
    send(client, town)
    stolen = client.cookies[sent.COOKIE].value
    other = signed(town.stranger)
    other.cookies[sent.COOKIE] = stolen
    for visitor in (Client(), other):
        assert visitor.get("/sent/")["Location"] == "/"


def test_sent_is_over_after_ten_minutes(town: Town, client: Client, monkeypatch: Any) -> None:
    send(client, town)
    assert client.get("/sent/").status_code == 200
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.get("/sent/")["Location"] == "/"

"""From a report to the complaint that one is made to suffer for it."""

import pytest
from django.conf import settings
from django.test import Client

from lianxin.kernel.people.actors import NOBODY
from tests.safety.conftest import Cast, report
from tests.web.casework.conftest import Browser

WAY = "/new/reprisal/"


def test_reporter_finds_the_way_from_their_case_with_its_number(cast: Cast, signed: Browser) -> None:
    case = report(cast, "围堰缺少跨步梯").case
    client = signed(cast.worker)
    page = client.get(f"/case/{case.number}/").content.decode()
    assert f'href="{WAY}?source={case.number}"' in page
    form = client.get(f"{WAY}?source={case.number}").content.decode()
    assert f'value="{case.number}"' in form
    assert "您的单位和单位工会看不到这份申诉" in form
    assert f'href="{WAY}"' in client.get("/mine/").content.decode()


def test_holder_of_a_receipt_finds_the_way_without_a_number(cast: Cast, client: Client) -> None:
    opened = report(cast, "围堰缺少跨步梯", actor=NOBODY, mode="anonymous")
    (code,) = opened.receipts
    shown = client.post("/receipt/", {"receipt": code}, follow=True).content.decode()
    assert f'href="{WAY}"' in shown
    assert f"{WAY}?source" not in shown


@pytest.mark.parametrize("who", ["county_officer", "expert"])
def test_whoever_handles_the_report_is_not_asked(cast: Cast, signed: Browser, who: str) -> None:
    case = report(cast, "围堰缺少跨步梯").case
    page = signed(getattr(cast, who)).get(f"/case/{case.number}/")
    assert WAY not in page.content.decode()


def test_form_says_who_will_not_see_it_in_english(cast: Cast, signed: Browser) -> None:
    client = signed(cast.worker)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "its own union do not see this complaint" in client.get(WAY).content.decode()

"""Signing in with a browser, end to end: a worker by code, an officer by password and second factor."""

import re
import time

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from lianxin.kernel import scope
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.services import create_account, set_phone
from lianxin.web.demo import code_of
from tests.cast import AT, build_cast, phone_number

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _demo(settings: Settings) -> None:
    settings.DEMO = True


def account(actor: Actor, **options: str) -> None:
    """Let somebody of the cast sign in."""
    assert actor.person is not None
    with scope.use(scope.EVERYTHING):
        create_account(actor.person, actor=actor, at=AT, **options)


def press(page: Page, field: str) -> None:
    """Send the form that holds a field."""
    page.locator(f"main form:has([name={field}]) button[type=submit]").first.click()


def test_worker_signs_in_by_code(page: Page, live_server: LiveServer) -> None:
    cast = build_cast()
    assert cast.worker.person is not None
    with scope.use(scope.EVERYTHING):
        set_phone(cast.worker.person, phone_number(1), actor=cast.worker, at=AT)
    account(cast.worker)
    page.goto(f"{live_server.url}/account/login/")
    page.get_by_text("用手机验证码登录").click()
    page.fill("[name=phone]", phone_number(1))
    press(page, "phone")
    # The demonstration shows the code that a phone would receive.
    code = re.search(r"\b\d{6}\b", page.locator("main .lx-alert", has_text="验证码").last.inner_text())
    assert code is not None
    page.fill("[name=code]", code.group())
    press(page, "code")
    expect(page).to_have_title("首页 · 连心")
    page.goto(f"{live_server.url}/mine/")
    expect(page.locator("h1")).to_have_text("我的办件")


def test_officer_without_a_second_factor_is_led_to_one_and_then_works(
    page: Page, live_server: LiveServer
) -> None:
    cast = build_cast()
    account(cast.county_officer, username="county", password=PASSWORD)
    page.goto(f"{live_server.url}/queue/")
    page.fill("[name=login]", "county")
    page.fill("[name=password]", PASSWORD)
    press(page, "password")
    expect(page.locator("main")).to_contain_text("第二步验证")
    page.locator("a[href*='totp/activate']").first.click()
    page.fill("[name=password]", PASSWORD)
    press(page, "password")
    secret = re.search(r"[A-Z2-7]{32}", page.content())
    assert secret is not None
    page.fill("[name=code]", code_of(secret.group(), at=time.time()))
    press(page, "code")
    page.goto(f"{live_server.url}/queue/")
    expect(page.locator("h1")).to_have_text("待办")

"""Signing in with a browser, end to end: a worker by code, an officer by password and second factor."""

import re
import time

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from lianxin.kernel import scope
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import DemoMessage
from lianxin.kernel.people.services import create_account, set_phone
from lianxin.web.demo import code_of
from tests.browser.conftest import Seat
from tests.browser.seats import fill, opens, within_reach
from tests.browser.seats import press as push
from tests.cast import AT, Cast, build_cast, phone_number

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


def sign_in_by_code(phone: Page, number: str) -> None:
    """Sign in with the code that the phone receives."""
    opens(phone, "/account/login/code/")
    fill(phone, phone=number)
    press(phone, "phone")
    expect(phone.get_by_role("heading", name="填写验证码")).to_be_visible()
    fill(phone, code=DemoMessage.objects.latest("id").text)
    press(phone, "code")
    phone.wait_for_url(lambda address: "/login/code" not in address)


def appoint(admin: Page, name: str, cast: Cast) -> str:
    """Make somebody an officer of the county and issue their set-up code, as an administrator does."""
    opens(admin, f"/offices/roles/?name={name}")
    fill(admin, kind="union_officer", organization=str(cast.tree.county.pk))
    push(admin, "任命")
    row = admin.locator("li.lx-item", has_text=name)
    expect(row).to_contain_text("未设密码")
    row.locator("summary", has_text="发开通码").click()
    push(row, "生成开通码")
    return admin.locator(".lx-receipt").inner_text()


def test_newly_appointed_officer_sets_everything_up_with_a_code_from_the_administrator(seat: Seat) -> None:
    cast = build_cast()
    assert cast.worker.person is not None
    with scope.use(scope.EVERYTHING):
        set_phone(cast.worker.person, phone_number(1), actor=cast.worker, at=AT)
    account(cast.worker)
    admin, phone = seat(cast.administrator), seat(size="phone")
    code = appoint(admin, "王工", cast)
    within_reach(admin, "setup-code-desk")
    # Reloading shows it no more, and makes no other: what was handed over still holds.
    admin.reload()
    assert code not in admin.content()
    expect(admin.get_by_text("这个开通码已显示过，仍然有效")).to_be_visible()

    # The phone alone opens a worker's pages; the office asks for what was handed over.
    sign_in_by_code(phone, phone_number(1))
    opens(phone, "/queue/")
    expect(phone.get_by_role("heading", name="设置登录密码")).to_be_visible()
    within_reach(phone, "set-up-phone")
    fill(phone, code="AAAA-BBBB-CCCC", password=PASSWORD, again="something else entirely")
    push(phone, "设置密码")
    expect(phone.get_by_text("两次输入不一样").first).to_be_visible()
    fill(phone, password=PASSWORD, again=PASSWORD)
    push(phone, "设置密码")
    expect(phone.get_by_text("开通码不对、已用过或已过期").first).to_be_visible()
    assert phone.locator("[name=code]").input_value() == "AAAA-BBBB-CCCC"
    within_reach(phone, "set-up-faulty-phone")
    fill(phone, code=code, password=PASSWORD, again=PASSWORD)
    push(phone, "设置密码")

    # Then the second factor, whose code counts at once, and the workbench.
    expect(phone.get_by_text("还差第二步验证")).to_be_visible()
    phone.locator("a[href*='totp/activate']").first.click()
    secret = re.search(r"[A-Z2-7]{32}", phone.content())
    assert secret is not None
    fill(phone, code=code_of(secret.group(), at=time.time()))
    press(phone, "code")
    phone.wait_for_url(lambda address: "totp/activate" not in address)
    opens(phone, "/queue/")
    expect(phone.get_by_role("heading", name="待办")).to_be_visible()

    # The code is spent, and the page for it leads to changing the password.
    opens(phone, "/account/password/set/")
    assert "password/change" in phone.url


def test_forgotten_password_says_whom_to_ask(seat: Seat) -> None:
    phone = seat(size="phone")
    opens(phone, "/account/login/")
    phone.get_by_role("link", name="忘记密码").click()
    expect(phone.get_by_text("领取开通码")).to_be_visible()
    within_reach(phone, "forgotten-phone")
    assert phone.locator("[name=email]").count() == 0
    for gone in ("/account/email/", "/account/password/reset/done/", "/account/password/reset/key/1-x/"):
        assert opens(phone, gone) == 404

"""Passkeys in a real browser, with an authenticator that Chromium itself plays."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.seats import within_reach
from tests.browser.test_signin import PASSWORD, account, press
from tests.cast import Cast, build_cast

pytestmark = pytest.mark.django_db(transaction=True)


class Device:
    """A phone's own authenticator: it holds keys, and checks its user or not."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        told = self.session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        self.id: str = told["authenticatorId"]

    def verifies(self, *, user: bool) -> None:
        """Whether the finger is the right one from now on."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": user})

    def keys(self) -> list[dict[str, Any]]:
        """The keys that it holds."""
        told = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        keys: list[dict[str, Any]] = told["credentials"]
        return keys


def enrolled(page: Page, live_server: LiveServer) -> tuple[Cast, Device]:
    """An officer who has signed in by password and made a passkey their second factor."""
    cast = build_cast()
    account(cast.county_officer, username="county", password=PASSWORD)
    device = Device(page)
    page.goto(f"{live_server.url}/queue/")
    page.fill("[name=login]", "county")
    page.fill("[name=password]", PASSWORD)
    press(page, "password")
    page.locator("a[href*='webauthn']").first.click()
    if page.locator("[name=password]").count():
        page.fill("[name=password]", PASSWORD)
        press(page, "password")
    if "webauthn/add" not in page.url:
        page.locator("a[href*='webauthn/add']").first.click()
    page.fill("[name=name]", "我的手机")
    page.check("[name=passwordless]")
    within_reach(page, "passkey-add")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(re.compile("recovery-codes|2fa/$"))
    return cast, device


def sign_out(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/account/logout/")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"{live_server.url}/")


def ask_for_passkey(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/account/login/")
    page.locator("#passkey_login").click()


def test_officer_makes_a_passkey_and_signs_in_with_it(
    page: Page, live_server: LiveServer, complaints: list[str]
) -> None:
    _, device = enrolled(page, live_server)
    [key] = device.keys()
    assert (key["isResidentCredential"], key["rpId"]) == (True, "localhost")
    page.goto(f"{live_server.url}/queue/")
    expect(page.locator("h1")).to_have_text("待办")
    page.goto(f"{live_server.url}/account/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("我的手机")
    within_reach(page, "passkeys")
    sign_out(page, live_server)
    ask_for_passkey(page, live_server)
    page.wait_for_url(f"{live_server.url}/")
    # A passkey stands for both: the workbench opens without password and code.
    page.goto(f"{live_server.url}/queue/")
    expect(page.locator("h1")).to_have_text("待办")
    assert device.keys()[0]["signCount"] > key["signCount"]
    assert complaints == []


def test_passkey_does_not_open_for_another_finger(page: Page, live_server: LiveServer) -> None:
    _, device = enrolled(page, live_server)
    sign_out(page, live_server)
    device.verifies(user=False)
    ask_for_passkey(page, live_server)
    expect(page.locator("[role=alert]").first).to_contain_text("通行密钥没有通过")
    within_reach(page, "passkey-refused")
    page.goto(f"{live_server.url}/queue/")
    assert "/account/login/" in page.url
    device.verifies(user=True)
    ask_for_passkey(page, live_server)
    page.wait_for_url(f"{live_server.url}/")


def test_passkey_that_was_removed_signs_nobody_in(page: Page, live_server: LiveServer) -> None:
    enrolled(page, live_server)
    sign_out(page, live_server)
    Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).delete()
    with page.expect_response(re.compile("webauthn/login/$")) as answered:
        ask_for_passkey(page, live_server)
    assert answered.value.status == 200
    page.wait_for_event("load")
    expect(page.locator("#lx-notices")).to_contain_text("没有通过：验证码不对，或这个密钥不属于本站账号")
    page.goto(f"{live_server.url}/queue/")
    assert "/account/login/" in page.url


def test_device_without_a_passkey_says_so_and_the_password_still_works(
    page: Page, live_server: LiveServer
) -> None:
    cast = build_cast()
    account(cast.county_officer, username="county", password=PASSWORD)
    Device(page)
    ask_for_passkey(page, live_server)
    expect(page.locator("[role=alert]").first).to_contain_text("通行密钥没有通过")
    page.fill("[name=login]", "county")
    page.fill("[name=password]", PASSWORD)
    press(page, "password")
    page.wait_for_url(f"{live_server.url}/account/2fa/")

"""The shell in a browser: nothing forbidden, nothing out of reach, nothing lost without a signal."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser import urls
from tests.browser.seats import violations

pytestmark = [pytest.mark.urls("tests.browser.urls"), pytest.mark.django_db(transaction=True)]
PAGES = ["/", "/gallery/", "/gallery/?faulty", "/offline/", "/account/login/", "/sample/"]
SIZES = [(390, 844), (1440, 900)]
PICTURE = Path(__file__).parents[2] / "lianxin" / "web" / "static" / "web" / "logo-512.png"


@pytest.fixture(autouse=True)
def _demo(settings: Settings) -> None:
    settings.DEMO = True
    urls.received.clear()


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
@pytest.mark.parametrize("path", PAGES)
def test_page_is_within_everybodys_reach(
    page: Page, live_server: LiveServer, complaints: list[str], path: str, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(live_server.url + path, wait_until="networkidle")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []


@pytest.mark.parametrize("path", ["/", "/gallery/", "/sample/"])
def test_page_fits_a_phone_in_large_print(page: Page, live_server: LiveServer, path: str) -> None:
    page.context.add_cookies([{"name": "lianxin_large_print", "value": "1", "url": live_server.url}])
    page.goto(live_server.url + path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_form_is_sent_without_script(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/sample/")
    page.fill("[name=place]", "workshop 2")
    page.set_input_files("[name=photo]", PICTURE)
    page.click("#send")
    expect(page).to_have_title("Done · 连心")
    context.close()
    assert [(each["place"], each["photo"]) for each in urls.received] == [("workshop 2", PICTURE.name)]


def test_draft_outlives_the_page(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/sample/", wait_until="networkidle")
    page.fill("[name=place]", "workshop 2")
    page.set_input_files("[name=photo]", PICTURE)
    expect(page.locator("[data-previews] img")).to_have_count(1)
    page.wait_for_timeout(800)
    page.reload(wait_until="networkidle")
    expect(page.locator("[name=place]")).to_have_value("workshop 2")
    expect(page.locator("[data-previews] img")).to_have_count(1)


def test_faulty_form_keeps_its_photo(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/sample/", wait_until="networkidle")
    page.set_input_files("[name=photo]", PICTURE)
    page.fill("[name=place]", "x")
    page.click("#send")
    expect(page.locator("[role=alert]")).to_be_visible()
    expect(page.locator("[data-previews] img")).to_have_count(1)
    page.fill("[name=place]", "workshop 2")
    page.click("#send")
    expect(page).to_have_title("Done · 连心")
    assert [(each["place"], each["photo"]) for each in urls.received] == [("workshop 2", PICTURE.name)]


def test_report_without_a_signal_is_sent_once(
    phone: BrowserContext, page: Page, live_server: LiveServer
) -> None:
    page.goto(f"{live_server.url}/sample/", wait_until="networkidle")
    page.fill("[name=place]", "workshop 2")
    phone.set_offline(True)
    page.click("#send")
    expect(page.locator("[data-draft-note]")).to_contain_text("没有网络")
    assert urls.received == []
    phone.set_offline(False)
    expect(page).to_have_title("Done · 连心")
    page.goto(f"{live_server.url}/sample/", wait_until="networkidle")
    expect(page.locator("[data-outbox]")).to_be_hidden()
    assert [each["place"] for each in urls.received] == ["workshop 2"]


def test_report_left_waiting_is_sent_from_another_page(
    phone: BrowserContext, page: Page, live_server: LiveServer
) -> None:
    page.goto(f"{live_server.url}/sample/", wait_until="networkidle")
    page.fill("[name=place]", "workshop 2")
    phone.set_offline(True)
    page.click("#send")
    expect(page.locator("[data-draft-note]")).to_contain_text("没有网络")
    phone.set_offline(False)
    expect(page).to_have_title("Done · 连心")
    assert len(urls.received) == 1


def test_two_reports_from_one_kept_page_are_two(page: Page, live_server: LiveServer) -> None:
    for place in ("workshop 1", "workshop 2"):
        page.goto(f"{live_server.url}/sample/", wait_until="networkidle")
        page.fill("[name=place]", place)
        page.click("#send")
        expect(page).to_have_title("Done · 连心")
    assert len({each["token"] for each in urls.received}) == 2

"""A Chromium, and a phone in it."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from lianxin.kernel.people.actors import Actor
from tests.browser.seats import SIZES, Size, draw
from tests.chromium import ARGUMENTS, chromium
from tests.safety.conftest import cast
from tests.web.casework.conftest import sign_in

__all__ = ["cast"]

BROKEN = 500
# A machine that does other things as well takes its time; what never comes fails all the same.
PATIENCE = 40_000
expect.set_options(timeout=PATIENCE / 2)
Seat = Callable[..., Page]

# Playwright's own loop runs in the thread in which Django empties the tables after a test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """The Chromium of this machine; it ends before the database does, which its open connections would hold."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium starts here")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()
        # Opened while Playwright's loop ran, and visible only while it does.
        connections.close_all()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone's worth of screen."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    """A page on the phone; what its console complains of fails the test that asks for ``complaints``."""
    return phone.new_page()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the console said: a broken script, something the policy forbids."""
    said: list[str] = []
    page.on("pageerror", lambda fault: said.append(str(fault)))
    page.on("console", lambda line: said.append(line.text) if line.type in {"error", "warning"} else None)
    return said


@pytest.fixture
def seat(browser: Browser, live_server: LiveServer) -> Iterator[Seat]:
    """Seat somebody at a screen of their own: an actor, or nobody in particular.

    The same actor asked for again sits where they sat. What a page's console complains of fails the test.
    """
    seats: dict[tuple[int, Size, str], Page] = {}
    said: list[str] = []

    def take(
        actor: Actor | None = None, size: Size = "desk", language: str = "", *, new: bool = False
    ) -> Page:
        key = (id(actor) if actor else 0, size, language)
        if new or key not in seats:
            context = browser.new_context(base_url=live_server.url, viewport=SIZES[size])  # type: ignore[arg-type]
            context.set_default_timeout(PATIENCE)
            context.add_cookies(_cookies(actor, language, live_server.url))
            seats[key] = context.new_page()
            seats[key].on("pageerror", lambda fault: said.append(str(fault)))
            seats[key].on(
                "response", lambda answer: said.append(answer.url) if answer.status >= BROKEN else None
            )
        return seats[key]

    yield take
    for number, page in enumerate(seats.values()):
        draw(page, f"end-{number}")
        page.context.close()
    assert said == []


def _cookies(actor: Actor | None, language: str, url: str) -> Any:
    cookies = []
    if actor is not None:
        session = sign_in(Client(), actor).session.session_key
        cookies.append({"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url})
    if language:
        cookies.append({"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": url})
    return cookies

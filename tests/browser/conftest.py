"""A Chromium, and a phone in it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.chromium import ARGUMENTS, chromium

# Playwright's own loop runs in the thread in which Django empties the tables after a test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the Chromium of this machine."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium starts here")
    return {"executable_path": path, "args": ARGUMENTS}


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

"""Somebody at a screen: what they press, what they read, and what has to hold for every page they see.

A seat is a page of a browser of one's own. Names on it are found as a reader finds them: by role and by words.
"""

import os
from pathlib import Path
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, Response, expect

Size = Literal["phone", "desk"]
SIZES: dict[Size, dict[str, int]] = {
    "phone": {"width": 390, "height": 844},
    "desk": {"width": 1440, "height": 900},
}
PICTURE = Path(__file__).parents[2] / "lianxin" / "web" / "static" / "web" / "logo-512.png"
_FETCH = """async ([path, data]) => {
  const held = document.body.getAttribute("hx-headers");
  const body = new URLSearchParams(data);
  const headers = held ? JSON.parse(held) : {};
  return (await fetch(path, {method: "POST", body, headers, redirect: "manual"})).status;
}"""


def press(page: Page | Locator, label: str) -> None:
    """Press the button of this name."""
    page.get_by_role("button", name=label, exact=True).last.click()


def unfold(page: Page, label: str) -> Locator:
    """Unfold a step on the case page; the part of the page that it opened."""
    panel = page.locator("details.lx-confirm").filter(has=page.locator("summary", has_text=label)).first
    panel.locator("summary").first.click()
    return panel.locator(".lx-confirm-panel")


def take(page: Page, label: str, *, photos: tuple[str, ...] = (), **answers: str) -> None:
    """Take a step of the open case: unfold it, fill it in, send it, and read that it was done."""
    panel = unfold(page, label)
    fill(panel, **answers)
    for name in photos:
        panel.locator(f"input[type=file][name={name}]").set_input_files(PICTURE)
    press(panel, label)
    expect(page.get_by_role("status").or_(page.locator(".lx-notices")).first).to_contain_text(label)


def find_place(page: Page, words: str, chosen: str) -> None:
    """Look a place up by words and choose one of those found."""
    with page.expect_response("**/places/search/**"):
        page.locator("[name=place_search]").fill(words)
    page.locator("#places label", has_text=chosen).first.click()


def fill(part: Page | Locator, **answers: str) -> None:
    """Fill in fields by their names; a choice is chosen by its value."""
    for name, value in answers.items():
        field = part.locator(f"[name={name}]").first
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def steps_offered(page: Page) -> list[str]:
    """The steps that the open case offers to whoever looks."""
    return [
        text.strip()
        for text in page.locator(".lx-stack > details > summary, .lx-stack > a.btn").all_inner_texts()
    ]


def posts(page: Page, path: str, **data: str) -> int:
    """The status with which a POST without any button is answered; the page gives its cookies and token."""
    status: int = page.evaluate(_FETCH, [path, data])
    return status


def opens(page: Page, path: str) -> int:
    """Go to an address; the status of its answer."""
    answer: Response | None = page.goto(path)
    assert answer is not None
    return answer.status


def read(page: Page) -> str:
    """The words on the page."""
    return page.locator("body").inner_text()


def draw(page: Page, name: str) -> None:
    """Keep a picture of the page where LIANXIN_SHOTS names a folder for them."""
    shots = os.environ.get("LIANXIN_SHOTS")
    if shots and name:
        page.screenshot(path=Path(shots) / f"{name}.png", full_page=True)


def within_reach(page: Page, name: str = "") -> None:
    """Nothing on the page is out of anybody's reach, and nothing runs out of the screen; drawn under ``name``."""
    # A button that came to lie under the mouse is still changing its colour.
    page.mouse.move(0, 0)
    page.evaluate("Promise.all(document.getAnimations().map(each => each.finished))")
    draw(page, name)
    faults = violations(page)
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        faults.append("runs out of the screen")
    assert faults == [], f"{page.url}: {faults}"


def violations(page: Page) -> list[str]:
    """What axe finds on the page.

    Brought and asked in one message; what it found in order stays where it is: it is several times as long.
    """
    found = page.evaluate(
        f"{AXE_SCRIPT};axe.run({{resultTypes: ['violations']}}).then(found => found.violations)"
    )
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]

"""Every page, by whoever may open it: within everybody's reach at both sizes, in both languages, in large print."""

from typing import Any

import pytest
from playwright.sync_api import Page

from lianxin.kernel.people.actors import Actor
from lianxin.safety.services.procedures import publish_procedure, publish_version
from lianxin.web.reader import LARGE_PRINT_COOKIE
from tests.browser.conftest import Seat
from tests.browser.deeds import repaired
from tests.browser.seats import SIZES, Size, opens, within_reach
from tests.safety.conftest import NOON, Cast, Walk, report
from tests.safety.flows.test_rewards import Purse, build_purse, propose
from tests.safety.services.test_procedures import EFFECTIVE, OLD

pytestmark = pytest.mark.django_db(transaction=True)

# How the page is read: at which size, in which language, in large print or not.
READ: list[tuple[Size, str, bool]] = [("phone", "", False), ("phone", "en", True), ("desk", "en", False)]
ANYBODY = [
    "/",
    "/safety/report/",
    "/safety/suggest/",
    "/receipt/",
    "/figures/",
    "/verify/",
    "/join/",
    "/account/login/",
]


def pages_of(cast: Cast, purse: Purse) -> list[tuple[Actor | None, list[str]]]:
    """Who reads what, with something on every page: a report just sent, one being repaired, one with its reward."""
    new, under_repair = report(cast).case, report(cast, "吊索断丝").case
    Walk(cast, under_repair).to("order")
    paid = repaired(cast)
    payout = propose(cast, purse, paid)[0].payout
    assert payout is not None
    return [
        (None, ANYBODY),
        (cast.worker, ["/", "/mine/", "/inbox/", "/me/", "/safety/report/", f"/case/{paid.number}/"]),
        (
            cast.county_officer,
            [
                "/",
                "/queue/",
                "/queue/?tab=supervised",
                "/inbox/",
                f"/case/{new.number}/",
                f"/case/{paid.number}/",
            ],
        ),
        (cast.county_officer, ["/places/", "/safety/procedures/", f"/safety/compare/{new.number}/"]),
        (cast.safety_officer, ["/safety/sweeps/", "/safety/sweeps/new/", f"/case/{under_repair.number}/"]),
        (cast.manager, ["/queue/", f"/case/{under_repair.number}/", "/safety/procedures/new/"]),
        (purse.first_key, [f"/case/{payout.number}/", "/money/payouts/"]),
        (purse.finance, ["/", "/money/", f"/money/{purse.fund.pk}/", "/money/payouts/", "/money/batches/"]),
    ]


@pytest.mark.parametrize(("size", "language", "large"), READ)
def test_every_page_is_within_everybodys_reach(
    seat: Seat, cast: Cast, size: Size, language: str, *, large: bool
) -> None:
    for actor, addresses in pages_of(cast, build_purse(cast)):
        page = seat(actor, size, language)
        if large:
            enlarge(page)
        for address in addresses:
            assert opens(page, address) == 200, address
            within_reach(page)
            assert page.locator("html.lx-large").count() == int(large)
            if size == "phone":
                assert page.evaluate(SMALL) == [], address


def test_narrow_phone_and_text_at_twice_its_size_have_room(seat: Seat, cast: Cast) -> None:
    """The narrowest phone in use, and the text of an ordinary one as large as WCAG asks for."""
    purse = build_purse(cast)
    paid = repaired(cast)
    propose(cast, purse, paid)
    pages: list[tuple[Actor | None, list[str]]] = [
        (None, ["/safety/report/", "/verify/"]),
        (cast.worker, ["/me/", f"/case/{paid.number}/"]),
        (cast.county_officer, ["/", "/queue/", f"/case/{paid.number}/"]),
        (purse.finance, [f"/money/{purse.fund.pk}/"]),
    ]
    for actor, addresses in pages:
        page = seat(actor, "phone", "en")
        for address in addresses:
            page.set_viewport_size({"width": 320, "height": 640})
            opens(page, address)
            assert page.evaluate(WIDTHS) <= 320, address
            # In one row: a header that stands still may not take a sixth of so small a screen.
            header = page.locator(".lx-top-row").bounding_box()
            assert header is not None
            assert header["height"] <= 64, address
            page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
            page.evaluate(TWICE)
            assert page.evaluate(WIDTHS) <= SIZES["phone"]["width"], address


def enlarge(page: Page) -> None:
    """Ask for large print before anything is opened."""
    opens(page, "/")
    page.context.add_cookies([{"name": LARGE_PRINT_COOKIE, "value": "1", "url": page.url}])


@pytest.mark.parametrize(("address", "status"), [("/nowhere/", 404), ("/queue/?after=x", 422)])
def test_what_went_wrong_is_within_everybodys_reach(
    seat: Seat, cast: Cast, address: str, status: int
) -> None:
    for size in ("phone", "desk"):
        page = seat(cast.county_officer, size)
        assert opens(page, address) == status
        within_reach(page)


def test_worker_is_told_that_the_workbench_is_not_theirs(seat: Seat, cast: Cast) -> None:
    page = seat(cast.worker, "phone")
    assert opens(page, "/queue/") == 403
    within_reach(page)


def test_workers_home_has_six_large_actions(seat: Seat, cast: Cast) -> None:
    page = seat(cast.worker, "phone")
    opens(page, "/")
    tiles = page.locator(".lx-tile")
    assert tiles.count() == 6
    for number in range(6):
        box = tiles.nth(number).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 88


def test_print_of_a_page_leaves_out_what_is_only_for_the_screen(seat: Seat, cast: Cast) -> None:
    page = seat(cast.county_officer)
    opens(page, f"/case/{report(cast).case.number}/")
    page.emulate_media(media="print")
    assert not page.locator(".lx-top").is_visible()
    assert not page.locator(".lx-side").first.is_visible()
    # The officer could accept it: on paper neither that nor any other button is of use.
    assert page.locator("#steps details").count() > 0
    assert not page.locator("#steps").is_visible()
    assert page.locator("main .btn >> visible=true").count() == 0
    assert page.get_by_role("heading", level=1).is_visible()


def test_changed_clauses_fit_a_phone(seat: Seat, cast: Cast) -> None:
    when: dict[str, Any] = {"effective_on": EFFECTIVE, "actor": cast.manager, "at": NOON}
    first = publish_procedure(cast.plant, title="卸车操作规程", clauses=OLD, **when)
    longer = "停稳后熄火、拉手刹、垫轮挡，夹好静电接地夹并确认指示灯亮，押运员全程在场见证并签字。"
    publish_version(first.procedure, clauses=[("1", longer), *OLD[1:]], **when)
    page = seat(cast.manager, "phone")
    opens(page, f"/safety/procedures/{first.procedure.pk}/")
    table = page.locator(".lx-diff")
    assert table.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
    # A clause that stayed as it was is read once.
    assert page.get_by_text("连接软管").locator("visible=true").count() == 1


WIDTHS = "document.documentElement.scrollWidth"
TWICE = "document.documentElement.style.fontSize = '200%'"
# What can be pressed and is lower than 44 px, links within a sentence or a list's line apart.
SMALL = """() => [...document.querySelectorAll("button, summary, select, textarea, a, input:not([type=hidden])")]
  .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, .lx-skip, p, dd, td, .lx-cover"))
  .filter((each) => !each.classList.contains("lx-cover") && !each.classList.contains("lx-upload-input"))
  .map((each) => each.closest("label") || each)
  .filter((each) => { const { height } = each.getBoundingClientRect(); return height > 0 && height < 43.5; })
  .map((each) => each.outerHTML.slice(0, 120))"""

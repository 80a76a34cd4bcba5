"""The pages that show cases."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.web.casework.listing import matter
from lianxin.web.casework.narrowing import COOKIE
from tests.kernel.cases.conftest import NOON, PICTURE, Town, found
from tests.web.casework.conftest import Browser


def test_queue_works(town: Town, case: Case, signed: Browser) -> None:
    page = signed(town.keeper).get("/queue/")
    assert page.status_code == 200
    assert case.number in page.content.decode()


def test_queue_sends_a_stranger_to_sign_in(client: Client, db: None) -> None:
    page = client.get("/queue/")
    assert page.status_code == 302
    assert page["Location"].startswith("/account/login/")


def test_queue_refuses_a_worker(town: Town, signed: Browser) -> None:
    assert signed(town.finder).get("/queue/").status_code == 403


def test_queue_of_another_county_is_empty(town: Town, case: Case, signed: Browser) -> None:
    page = signed(town.foreign_keeper).get("/queue/")
    assert case.number not in page.content.decode()
    assert "没有待办" in page.content.decode()


@pytest.mark.parametrize("tab", ["mine", "today", "overdue", "supervised", "nonsense"])
def test_queue_has_every_view(town: Town, signed: Browser, tab: str) -> None:
    assert signed(town.keeper).get("/queue/", {"tab": tab}).status_code == 200


def test_queue_draws_each_case_once(town: Town, case: Case, signed: Browser) -> None:
    assert signed(town.keeper).get("/queue/").content.decode().count(f'href="/case/{case.number}/"') == 1


def test_queue_refuses_a_page_mark_that_is_none(town: Town, signed: Browser) -> None:
    page = signed(town.keeper).get("/queue/", {"after": "x"})
    assert page.status_code == 422
    assert "翻页标记已失效" in page.content.decode()


def test_queue_is_narrowed_by_what_there_is_to_do(town: Town, case: Case, signed: Browser) -> None:
    client = signed(town.keeper)
    for what, there in (
        ("found_item.found", True),
        ("found_item.claimed", False),
        ("found_item", True),
        ("nonsense.x", False),
    ):
        page = client.get("/queue/", {"what": what}).content.decode()
        assert (case.number in page) == there, what
        assert ("没有找到" in page) == (not there)
    # The choice stays chosen, in the form and in the tabs.
    page = client.get("/queue/", {"what": "found_item.found", "q": "雨"}).content.decode()
    assert '<option value="found_item.found" selected>' in page
    assert "?tab=overdue&amp;what=found_item.found&amp;q=%E9%9B%A8" in page


def test_queue_offers_what_can_wait_for_the_viewer(town: Town, signed: Browser) -> None:
    page = signed(town.keeper).get("/queue/").content.decode()
    assert 'value="found_item.claimed"' in page
    # Nobody's turn, and somebody else's.
    assert 'value="found_item.kept"' not in page
    assert 'value="hazard.submitted"' not in page


def test_queue_finds_by_words_and_leads_from_a_number_to_its_case(
    town: Town, case: Case, signed: Browser
) -> None:
    client = signed(town.keeper)
    assert case.number in client.get("/queue/", {"q": "雨"}).content.decode()
    assert case.number not in client.get("/queue/", {"q": "手套"}).content.decode()
    found = client.get("/queue/", {"q": f" {case.number.lower().replace('-', ' ')} "})
    assert (found.status_code, found["Location"]) == (302, f"/case/{case.number}/")
    # Another county's number is looked for like any words, and not found.
    assert signed(town.foreign_keeper).get("/queue/", {"q": case.number}).status_code == 200


def test_case_leads_on_through_the_queue(town: Town, case: Case, signed: Browser) -> None:
    following = found(town).case
    client = signed(town.keeper)
    page = client.get(f"/case/{case.number}/").content.decode()
    assert f'href="/case/{following.number}/" rel="next"' in page
    assert 'rel="next"' not in client.get(f"/case/{following.number}/").content.decode()
    assert 'href="/queue/"' not in signed(town.finder).get(f"/case/{case.number}/").content.decode()


def test_queue_is_read_in_the_order_chosen(town: Town, case: Case, signed: Browser) -> None:
    later = found(town, at=NOON + timedelta(minutes=1)).case
    client = signed(town.keeper)
    for sort, expected in (("", [case, later]), ("newest", [later, case]), ("oldest", [case, later])):
        page = client.get("/queue/", {"sort": sort}).content.decode()
        places = [page.index(f'href="/case/{each.number}/"') for each in expected]
        assert places == sorted(places), sort
    # The choice stays chosen, in the form, in the tabs and among the orders; what is none is the usual one.
    page = client.get("/queue/", {"sort": "newest", "q": "雨"}).content.decode()
    assert '<input type="hidden" name="sort" value="newest">' in page
    assert "?tab=overdue&amp;q=%E9%9B%A8&amp;sort=newest" in page
    assert '<a href="?tab=mine&amp;q=%E9%9B%A8&amp;sort=newest" aria-current="true">最新到</a>' in page
    assert client.get("/queue/", {"sort": "nonsense"}).status_code == 200
    # By weight only where a kind of what can wait has one.
    assert "按轻重" not in page


def test_queue_marks_what_is_late(town: Town, case: Case, signed: Browser) -> None:
    # The case was due long before the day on which this runs.
    assert signed(town.keeper).get("/queue/").content.decode().count("lx-case-late") == 1


def test_case_leads_on_through_what_the_queue_was_narrowed_to(
    town: Town, case: Case, signed: Browser
) -> None:
    second, third = (found(town, at=NOON + timedelta(minutes=n)).case for n in (1, 2))
    client = signed(town.keeper)
    client.get("/queue/", {"what": "found_item.found", "sort": "newest"})
    page = client.get(f"/case/{third.number}/").content.decode()
    assert f'href="/case/{second.number}/" rel="next"' in page
    assert f"回到待办：{matter('found_item', 'found').zh}<" in page
    assert 'href="/queue/?tab=mine&amp;what=found_item.found&amp;sort=newest"' in page
    # What was passed over stays behind after the next is done; the narrowing outlives the act.
    client.get(f"/case/{second.number}/")
    done = client.post(f"/case/{second.number}/keep/", {"shelf": "A-3", "client_token": str(uuid4())})
    assert done.status_code == 303
    page = client.get(done["Location"]).content.decode()
    assert f'href="/case/{case.number}/" rel="next"' in page


def test_case_leads_on_through_the_whole_queue_again_from_home(
    town: Town, case: Case, signed: Browser
) -> None:
    found(town)
    client = signed(town.keeper)
    client.get("/queue/", {"tab": "supervised"})
    assert "回到待办：督办" in client.get(f"/case/{case.number}/").content.decode()
    client.get("/")
    page = client.get(f"/case/{case.number}/").content.decode()
    assert 'rel="next"' in page
    assert "回到待办：" not in page


def test_narrowing_of_another_sign_in_is_forgotten(town: Town, case: Case, signed: Browser) -> None:
    first, second = signed(town.keeper), signed(town.keeper)
    first.get("/queue/", {"tab": "supervised"})
    second.cookies[COOKIE] = first.cookies[COOKIE].value
    assert "回到待办：" not in second.get(f"/case/{case.number}/").content.decode()


def test_narrowing_with_a_mark_that_means_nothing_begins_again(
    town: Town, case: Case, signed: Browser
) -> None:
    following = found(town).case
    client = signed(town.keeper)
    client.cookies[COOKIE] = signing.get_cookie_signer(
        salt=COOKIE + f"receipt:{client.session.session_key}"
    ).sign("tab=mine&past=x")
    perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    page = client.get(f"/case/{case.number}/").content.decode()
    assert f'href="/case/{following.number}/" rel="next"' in page


def test_case_is_somewhere_now_only_while_it_is_open(town: Town, case: Case, signed: Browser) -> None:
    client = signed(town.finder)
    assert client.get(f"/case/{case.number}/").content.decode().count('aria-current="step"') == 1
    perform(case, "withdraw", actor=town.finder, at=NOON)
    assert 'aria-current="step"' not in client.get(f"/case/{case.number}/").content.decode()


def test_case_works(town: Town, case: Case, signed: Browser) -> None:
    perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    page = signed(town.keeper).get(f"/case/{case.number}/").content.decode()
    assert "存放位置" in page
    assert "A-3" in page
    assert "拾**" in page


def test_case_shows_the_same_in_english(town: Town, case: Case, signed: Browser) -> None:
    client = signed(town.keeper)
    client.cookies["django_language"] = "en"
    page = client.get(f"/case/{case.number}/").content.decode()
    assert "Lost property" in page


@pytest.mark.parametrize("who", ["stranger", "foreign_keeper", "manager"])
def test_case_is_not_there_for_others(town: Town, case: Case, signed: Browser, who: str) -> None:
    assert signed(getattr(town, who)).get(f"/case/{case.number}/").status_code == 404


def test_case_keeps_the_confidential_reporter_to_itself(town: Town, signed: Browser) -> None:
    case = found(town, mode="confidential").case
    page = signed(town.keeper).get(f"/case/{case.number}/").content.decode()
    assert "拾" not in page
    assert "保密报告人" in page


def test_mine_lists_what_i_raised(town: Town, case: Case, signed: Browser) -> None:
    assert case.number in signed(town.finder).get("/mine/").content.decode()
    assert case.number not in signed(town.stranger).get("/mine/").content.decode()


def test_file_is_handed_to_those_who_see_the_case(town: Town, signed: Browser) -> None:
    case = found(town, files={"found": [PICTURE]}).case
    page = signed(town.keeper).get(f"/case/{case.number}/").content.decode()
    address = page.split('<ul class="lx-photos">')[1].split('href="')[1].split('"')[0]
    answer = signed(town.keeper).get(address)
    assert b"".join(answer.streaming_content) == b"picture"  # type: ignore[attr-defined]
    assert signed(town.stranger).get(address).status_code == 404

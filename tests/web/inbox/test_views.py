"""Messages: read by whom they are for, and by nobody else."""

import pytest
from django.test import Client

from lianxin.kernel import clock, scope
from lianxin.kernel.notices.models import Notice, Reading
from lianxin.kernel.notices.services import announce, tell_person, tell_reporters
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.text import Text
from tests.kernel.cases.conftest import NOON, Town, found, town
from tests.web.casework.conftest import Browser, signed

__all__ = ["signed", "town"]

HELLO = Text("您的伞找到了", "Your umbrella was found")


@pytest.fixture
def told(town: Town) -> Notice:
    """A message to the finder about their case."""
    assert town.finder.person is not None
    return tell_person(town.finder.person, text=HELLO, at=NOON, case=found(town).case)


def test_inbox_shows_what_is_for_the_reader(told: Notice, town: Town, signed: Browser) -> None:
    page = signed(town.finder).get("/inbox/").content.decode()
    assert "您的伞找到了" in page
    assert "未读" in page


def test_inbox_of_another_is_empty(told: Notice, town: Town, signed: Browser) -> None:
    page = signed(town.stranger).get("/inbox/").content.decode()
    assert "您的伞找到了" not in page
    assert "还没有消息" in page


def test_inbox_asks_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/inbox/").status_code == 302


def test_home_counts_the_unread(told: Notice, town: Town, signed: Browser) -> None:
    client = signed(town.finder)
    assert "lx-unread-mark" in client.get("/").content.decode()
    client.post("/inbox/read/")
    assert "lx-unread-mark" not in client.get("/").content.decode()


def test_follow_leads_to_the_case_and_marks_as_read(told: Notice, town: Town, signed: Browser) -> None:
    client = signed(town.finder)
    answer = client.get(f"/inbox/{told.pk}/")
    assert told.case is not None
    assert (answer.status_code, answer["Location"]) == (303, f"/case/{told.case.number}/")
    with scope.use(scope.EVERYTHING):
        told.refresh_from_db()
    assert told.read_at is not None


def test_follow_and_read_of_anothers_message_do_nothing(told: Notice, town: Town, signed: Browser) -> None:
    client = signed(town.stranger)
    assert client.get(f"/inbox/{told.pk}/").status_code == 404
    assert client.post("/inbox/read/", {"notice": told.pk}).status_code == 303
    with scope.use(scope.EVERYTHING):
        told.refresh_from_db()
    assert told.read_at is None


def test_read_of_what_was_said_to_an_office_is_each_ones_own(town: Town, signed: Browser) -> None:
    notice = announce(town.county, text=HELLO, actor=SYSTEM, at=clock.now())
    signed(town.keeper).post("/inbox/read/", {"notice": notice.pk})
    assert Reading.objects.count() == 1
    assert "未读" in signed(town.county_officer).get("/inbox/").content.decode()
    assert "未读" not in signed(town.keeper).get("/inbox/").content.decode()


def test_inbox_goes_on_after_a_page(town: Town, signed: Browser) -> None:
    assert town.finder.person is not None
    for number in range(31):
        tell_person(town.finder.person, text=Text(f"第{number}条", f"no {number}"), at=NOON)
    client = signed(town.finder)
    first = client.get("/inbox/").content.decode()
    assert "第30条" in first
    assert "第0条" not in first
    following = first.split('rel="next" href="')[1].split('"')[0]
    assert "第0条" in client.get(f"/inbox/{following}").content.decode()


def test_receipt_holder_reads_on_the_case_page(town: Town, client: Client) -> None:
    opened = found(town, mode="anonymous", at=clock.now())
    tell_reporters(opened.case, text=HELLO, at=clock.now())
    client.post("/receipt/", {"receipt": opened.receipt})
    page = client.get(f"/case/{opened.case.number}/").content.decode()
    assert "给您的消息" in page
    assert "您的伞找到了" in page


def test_officer_sees_no_message_to_the_reporter(town: Town, signed: Browser) -> None:
    opened = found(town, mode="confidential", at=clock.now())
    tell_reporters(opened.case, text=HELLO, at=clock.now())
    assert "您的伞找到了" not in signed(town.keeper).get(f"/case/{opened.case.number}/").content.decode()

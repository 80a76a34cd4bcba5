"""Joining, in a browser without script."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from lianxin.kernel import clock, scope
from lianxin.kernel.people.joining import WORDING
from lianxin.kernel.people.models import Account, Consent, DemoMessage, Person
from lianxin.kernel.people.services import set_phone
from tests.cast import AT, Cast, cast, phone_number

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
PHONE = phone_number(50)


@pytest.fixture(autouse=True)
def demonstration(settings: Settings) -> None:
    settings.DEMO = True


def asked(client: Client, **data: Any) -> Any:
    return client.post("/join/", {"name": "钱工", "phone": PHONE, "consent": "on"} | data)


def coded(client: Client, code: str = "") -> Any:
    return client.post("/join/code/", {"code": code or DemoMessage.objects.latest("id").text})


def wrong_code() -> str:
    return f"{(int(DemoMessage.objects.latest('id').text) + 1) % 1_000_000:06d}"


def accounts() -> int:
    return Account.objects.filter(person__isnull=False).count()


def test_join_works(cast: Cast, client: Client) -> None:
    assert str(WORDING) in client.get("/join/").content.decode()
    answer = asked(client, chosen_place=f"organization:{cast.tree.enterprise.pk}")
    assert (answer.status_code, answer["Location"]) == (303, "/join/code/")
    assert accounts() == 0
    assert "199****0050" in client.get("/join/code/").content.decode()
    answer = coded(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    account = Account.objects.get()
    assert client.session["_auth_user_id"] == str(account.pk)
    with scope.use(scope.EVERYTHING):
        person = Person.objects.get(account=account)
        assert (person.name, person.organization) == ("钱工", cast.tree.enterprise)
        assert Consent.objects.get().wording == str(WORDING)
    assert client.get("/join/").status_code == 303


def test_join_from_the_place_one_works_at(cast: Cast, client: Client) -> None:
    asked(client, chosen_place=f"site:{cast.tree.crane.pk}")
    coded(client)
    with scope.use(scope.EVERYTHING):
        assert Person.objects.get(account__isnull=False).organization == cast.tree.enterprise


@pytest.mark.parametrize("chosen", ["", "organization:999999", "site:999999", "organization:x", "nonsense"])
def test_join_without_a_known_employer_is_without_one(cast: Cast, client: Client, chosen: str) -> None:
    asked(client, chosen_place=chosen)
    coded(client)
    with scope.use(scope.EVERYTHING):
        assert Person.objects.get(account__isnull=False).organization is None


def test_join_cannot_choose_a_federation_as_employer(cast: Cast, client: Client) -> None:
    asked(client, chosen_place=f"organization:{cast.tree.county.pk}")
    coded(client)
    with scope.use(scope.EVERYTHING):
        assert Person.objects.get(account__isnull=False).organization is None


def test_place_is_found_without_script_and_keeps_what_was_typed(cast: Cast, client: Client) -> None:
    page = asked(client, find_place="1", place_search="示例").content.decode()
    assert "示例重工" in page
    assert "钱工" in page
    assert not DemoMessage.objects.exists()


def test_known_and_unknown_numbers_are_answered_alike(cast: Cast) -> None:
    assert cast.worker.person is not None
    set_phone(cast.worker.person, PHONE, actor=cast.worker, at=AT)
    known, unknown = Client(), Client()
    first, second = asked(known), asked(unknown, phone=phone_number(51))
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    pages = [client.get("/join/code/").content.decode() for client in (known, unknown)]
    assert len({page.count("199****00") for page in pages}) == 1
    assert coded(known, DemoMessage.objects.order_by("id")[0].text).status_code == 302
    assert Account.objects.get().person_id == cast.worker.person.pk


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"phone": "12345"}, "11位手机号"),
        ({"name": ""}, "必填"),
        ({"name": "长" * 61}, "60"),
        ({"consent": ""}, "不同意就无法开户"),
    ],
)
def test_join_refused_gives_the_form_back(
    cast: Cast, client: Client, data: dict[str, str], words: str
) -> None:
    answer = asked(client, **data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not DemoMessage.objects.exists()
    assert client.get("/join/code/").status_code == 303


def test_wrong_code_is_refused_three_times_and_then_the_right_one_too(cast: Cast, client: Client) -> None:
    asked(client)
    right, wrong = DemoMessage.objects.latest("id").text, wrong_code()
    pages = [coded(client, wrong) for _ in range(3)]
    assert [page.status_code for page in pages] == [422] * 3
    assert ["验证码不对" in page.content.decode() for page in pages] == [True, True, False]
    assert coded(client, right).status_code == 422
    assert accounts() == 0
    client.post("/join/code/", {"again": "1"})
    assert coded(client).status_code == 302


def test_code_typed_with_a_space_is_right(cast: Cast, client: Client) -> None:
    asked(client)
    text = DemoMessage.objects.latest("id").text
    assert coded(client, f" {text[:3]} {text[3:]} ").status_code == 302


def test_expired_code_is_refused(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = clock.now()
    monkeypatch.setattr(clock, "now", lambda: begun)
    asked(client)
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(seconds=301))
    answer = coded(client)
    assert answer.status_code == 422
    assert "验证码已失效" in answer.content.decode()
    assert accounts() == 0


def test_code_of_another_browser_is_refused(cast: Cast, client: Client) -> None:
    asked(client)
    mine = DemoMessage.objects.latest("id").text
    other = Client()
    asked(other, phone=phone_number(51))
    assert coded(other, mine).status_code == 422
    assert coded(Client(), mine)["Location"] == "/join/"


def test_too_many_codes_to_one_number_are_refused(cast: Cast) -> None:
    answers = [asked(Client()) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [303] * 6 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_no_code_can_be_sent_without_a_channel(cast: Cast, client: Client, settings: Settings) -> None:
    settings.DEMO = False
    answer = asked(client)
    assert answer.status_code == 422
    assert "短信通道未配置" in answer.content.decode()


def test_sign_in_page_leads_here(client: Client, db: None) -> None:
    assert 'href="/join/"' in client.get("/account/login/").content.decode()
    assert (
        "Join with my phone"
        in client.get("/join/", headers={"cookie": "django_language=en"}).content.decode()
    )

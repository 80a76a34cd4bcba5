"""Signing in: workers by code, offices by password and second factor, and what a thief of one of them gets."""

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lianxin.kernel import clock, scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.people import messages
from lianxin.kernel.people.devices import end_all_sessions, end_session, sessions_of
from lianxin.kernel.people.models import Account, DemoMessage, Throttle
from lianxin.kernel.people.services import create_account, end_role, set_phone
from lianxin.kernel.people.tasks import sweep
from lianxin.kernel.refusals import NotFound, Refused
from tests.cast import AT, Cast, phone_number
from tests.kernel.people.conftest import everything_stored

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def pages(settings: Settings) -> None:
    """Our pages, a demonstration that shows codes, and no memory of earlier tries."""
    settings.ROOT_URLCONF = "tests.kernel.people.urls"
    settings.LOGIN_REDIRECT_URL = "/who/"
    settings.DEMO = True
    cache.clear()


@pytest.fixture
def worker(cast: Cast) -> Account:
    """A worker who can sign in by code."""
    assert cast.worker.person is not None
    person = set_phone(cast.worker.person, phone_number(1), actor=cast.worker, at=AT)
    return create_account(person, actor=cast.worker, at=AT)


@pytest.fixture
def officer(cast: Cast) -> Account:
    """A county officer with phone, password and authenticator app."""
    assert cast.county_officer.person is not None
    person = set_phone(cast.county_officer.person, phone_number(2), actor=cast.county_officer, at=AT)
    account = create_account(person, username="county", password=PASSWORD, actor=cast.administrator, at=AT)
    TOTP.activate(account, generate_totp_secret())
    return account


def who(client: Client) -> dict[str, Any]:
    """The probe's answer."""
    answer: dict[str, Any] = client.get("/who/").json()
    return answer


def enter_phone(client: Client, phone: str) -> Any:
    return client.post(reverse("account_request_login_code"), {"phone": phone})


def sign_in_by_code(client: Client, phone: str) -> Any:
    enter_phone(client, phone)
    code = DemoMessage.objects.latest("id").text
    return client.post(reverse("account_confirm_login_code"), {"code": code})


def enter_password(client: Client, username: str = "county", password: str = PASSWORD) -> Any:
    return client.post(reverse("account_login"), {"login": username, "password": password})


def totp_code(account: Account) -> str:
    secret = mfa_adapter().decrypt(Authenticator.objects.get(user=account, type="totp").data["secret"])
    return f"{hotp_value(secret, int(time.time()) // 30):06d}"


def sign_in_fully(client: Client, account: Account) -> Any:
    enter_password(client, account.username)
    return client.post(reverse("mfa_authenticate"), {"code": totp_code(account)})


def test_nobody_sees_nothing(client: Client, cast: Cast) -> None:
    answer = who(client)
    assert (answer["label"], answer["roles"], answer["persons"], answer["has_office"]) == (
        "anonymous",
        [],
        0,
        False,
    )


def test_sign_in_by_code(client: Client, worker: Account) -> None:
    answer = sign_in_by_code(client, "+86 " + phone_number(1))
    assert (answer.status_code, answer.url) == (302, "/who/")
    found = who(client)
    assert (found["label"], found["persons"], found["missing"]) == (f"person:{worker.person_id}", 1, "")
    with scope.use(scope.EVERYTHING):
        worker.refresh_from_db()
        assert worker.person is not None
        assert worker.person.phone_verified_at is not None


def test_sign_in_by_a_wrong_code_is_refused(client: Client, worker: Account) -> None:
    enter_phone(client, phone_number(1))
    for _time in range(3):
        client.post(reverse("account_confirm_login_code"), {"code": "WRONG1"})
    right = DemoMessage.objects.latest("id").text
    client.post(reverse("account_confirm_login_code"), {"code": right})
    assert who(client)["label"] == "anonymous"


def test_an_unknown_number_is_answered_like_a_known_one(worker: Account) -> None:
    known, unknown = enter_phone(Client(), phone_number(1)), enter_phone(Client(), phone_number(9))
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert DemoMessage.objects.count() == 1


def test_codes_to_one_number_are_limited_whether_it_is_known_or_not(worker: Account) -> None:
    for number in (phone_number(1), phone_number(9)):
        answers = []
        for _time in range(8):
            cache.clear()
            answers.append(enter_phone(Client(), number).status_code)
        assert answers == [302] * 6 + [429] * 2
    assert DemoMessage.objects.count() == 6


def test_signing_in_leaves_the_phone_number_nowhere(client: Client, worker: Account) -> None:
    sign_in_by_code(client, phone_number(1))
    who(client)
    with scope.use(scope.EVERYTHING):
        stored = everything_stored()
    assert phone_number(1) not in stored
    assert phone_number(1).encode().hex() not in stored
    assert "django_session" in stored
    assert phone_number(1) not in client.session.encode({"phone": phone_number(1)})


def test_sign_up_is_closed(client: Client, cast: Cast) -> None:
    client.post(
        reverse("account_signup"), {"phone": phone_number(7), "username": "new", "password1": PASSWORD}
    )
    assert not Account.objects.filter(username="new").exists()


def test_an_office_by_password_and_second_factor(client: Client, cast: Cast, officer: Account) -> None:
    answer = enter_password(client)
    assert answer.url == reverse("mfa_authenticate")
    assert who(client)["label"] == "anonymous"
    assert sign_in_fully(client, officer).url == "/who/"
    found = who(client)
    assert (found["roles"], found["has_office"], found["missing"]) == (["union_officer"], True, "")
    assert found["wide"] == [cast.tree.county.path]
    assert found["persons"] == 5
    told = LogEntry.objects.filter(stream=f"person:{officer.person_id}", action="person.sign_in").get().told
    assert told["after"] == {"by": ["mfa", "password"]}


def test_an_office_by_recovery_code(client: Client, officer: Account) -> None:
    code = RecoveryCodes.activate(officer).get_unused_codes()[0]
    enter_password(client)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert who(client)["roles"] == ["union_officer"]


def test_an_office_by_phone_code_alone_is_a_workers_session(client: Client, officer: Account) -> None:
    Authenticator.objects.all().delete()
    answer = sign_in_by_code(client, phone_number(2))
    found = who(client)
    assert (found["label"], found["roles"], found["has_office"]) == (f"person:{officer.person_id}", [], True)
    assert (found["wide"], found["persons"]) == ([], 1)
    assert answer.url == found["missing"] == reverse("account_reauthenticate")


def test_an_office_by_phone_code_and_authenticator_still_lacks_the_password(
    client: Client, officer: Account
) -> None:
    sign_in_by_code(client, phone_number(2))
    client.post(reverse("mfa_authenticate"), {"code": totp_code(officer)})
    found = who(client)
    assert (found["roles"], found["missing"]) == ([], reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert who(client)["roles"] == ["union_officer"]


def test_an_office_without_authenticator_is_led_to_set_one_up(client: Client, officer: Account) -> None:
    Authenticator.objects.all().delete()
    answer = enter_password(client)
    found = who(client)
    assert (found["roles"], found["missing"]) == ([], reverse("mfa_index"))
    assert answer.url == reverse("mfa_index")


def test_an_office_that_ended_ends_in_the_same_session(client: Client, cast: Cast, officer: Account) -> None:
    sign_in_fully(client, officer)
    assert who(client)["roles"] == ["union_officer"]
    end_role(cast.county_officer.roles[0], actor=cast.administrator, at=AT)
    found = who(client)
    assert (found["roles"], found["persons"]) == ([], 1)


def test_a_narrow_office_asks_for_the_second_factor_too(client: Client, cast: Cast) -> None:
    person = cast.site_manager.person
    assert person is not None
    create_account(person, username="manager", password=PASSWORD, actor=cast.administrator, at=AT)
    enter_password(client, "manager")
    found = who(client)
    assert (found["roles"], found["has_office"]) == ([], True)


def test_wrong_passwords_lock_the_name_for_a_while(client: Client, officer: Account) -> None:
    for _time in range(5):
        cache.clear()
        enter_password(client, password="wrong password")
    cache.clear()
    enter_password(client)
    assert not client.session.get("_auth_user_id")
    assert client.get(reverse("mfa_authenticate")).status_code == 302
    failures = LogEntry.objects.filter(action="person.sign_in_failed", stream=f"person:{officer.person_id}")
    assert failures.count() == 5


def test_the_right_password_forgives_the_wrong_ones(client: Client, officer: Account) -> None:
    for _round in range(3):
        for _time in range(4):
            cache.clear()
            enter_password(client, password="wrong password")
        assert enter_password(client).url == reverse("mfa_authenticate")
    assert not Throttle.objects.filter(key__startswith="login").exists()


def test_an_office_left_idle_is_signed_out(
    client: Client, officer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_fully(client, officer)
    begun = clock.now()
    for minutes, label in ((0, "union_officer"), (29, "union_officer"), (58, "union_officer"), (89, None)):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: begun + timedelta(minutes=minutes))
        assert who(client)["roles"] == ([label] if label else [])
    assert who(client)["label"] == "anonymous"


def test_a_worker_left_idle_stays_signed_in(
    client: Client, worker: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_by_code(client, phone_number(1))
    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert who(client)["label"] == f"person:{worker.person_id}"


def test_the_second_factors_secret_is_sealed(officer: Account) -> None:
    sealed = Authenticator.objects.get(user=officer).data["secret"]
    secret = mfa_adapter().decrypt(sealed)
    assert secret not in everything_stored()


def test_sessions_are_listed_and_ended(client: Client, cast: Cast, worker: Account) -> None:
    other = Client()
    for one in (client, other):
        sign_in_by_code(one, phone_number(1))
        who(one)
    first, *rest = sessions_of(worker)
    assert len(rest) == 1
    end_session(worker, first.pk, actor=cast.worker, at=AT)
    assert sorted([who(client)["label"], who(other)["label"]]) == ["anonymous", f"person:{worker.person_id}"]
    with pytest.raises(NotFound):
        end_session(worker, first.pk, actor=cast.worker, at=AT)
    assert end_all_sessions(worker, actor=cast.worker, at=AT) == 1
    assert who(client)["label"] == who(other)["label"] == "anonymous"


def test_a_session_sealed_with_a_lost_key_is_an_empty_one(client: Client, worker: Account) -> None:
    sign_in_by_code(client, phone_number(1))
    assert client.session.decode(client.session.encode({"a": 1})) == {"a": 1}
    assert client.session.decode("AAAA") == client.session.decode("!") == {}


def test_codes_go_to_the_registered_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_senders", [])
    sent: list[tuple[str, str]] = []
    messages.register_sender(lambda phone, code: sent.append((phone, code)))
    messages.send_code(phone_number(1), "ABC123")
    assert sent == [(phone_number(1), "ABC123")]
    assert messages.check_sender(None) == []
    assert not DemoMessage.objects.exists()


def test_codes_are_shown_masked_in_a_demonstration_and_nowhere_else(settings: Settings) -> None:
    messages.send_code(phone_number(1), "ABC123")
    assert [(m.phone_masked, m.text) for m in messages.shown_codes()] == [("199****0001", "ABC123")]
    settings.DEMO = False
    assert messages.shown_codes() == []
    with pytest.raises(Refused) as refusal:
        messages.send_code(phone_number(1), "ABC123")
    assert refusal.value.code == "codes_cannot_be_sent"
    assert [error.id for error in messages.check_sender(None)] == ["people.E001"]


def test_a_request_costs_the_same_few_statements_for_every_face(
    client: Client, worker: Account, officer: Account
) -> None:
    def statements(one: Client) -> int:
        who(one)
        with CaptureQueriesContext(connection) as queries:
            who(one)
        return len(queries)

    anonymous = statements(Client())
    sign_in_by_code(client, phone_number(1))
    desk = Client()
    sign_in_fully(desk, officer)
    assert anonymous <= 2
    assert statements(client) <= 16
    assert statements(desk) <= 16


def test_the_nightly_sweep_forgets_tries_and_shown_codes(
    worker: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_phone(Client(), phone_number(1))
    begun = clock.now()
    for hours, left in ((23, (1, 1)), (26, (0, 0))):
        monkeypatch.setattr(clock, "now", lambda hours=hours: begun + timedelta(hours=hours))
        sweep.func(0)
        assert (Throttle.objects.count(), DemoMessage.objects.count()) == left

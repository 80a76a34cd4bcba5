"""The first password of an office: a code from another person's hand, good once, in time, for one person."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from lianxin.kernel import clock, scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.people.actors import SYSTEM, Actor, actor_for
from lianxin.kernel.people.models import Account, Person, SetupCode, Token
from lianxin.kernel.people.roles import ADMINISTRATOR, UNION_OFFICER
from lianxin.kernel.people.services import create_account, grant_role
from lianxin.kernel.people.setup_codes import issue_setup_code, set_up_password
from lianxin.kernel.people.tokens import create_token
from lianxin.kernel.refusals import Refused
from tests.cast import AT, Cast, build_cast, holder
from tests.kernel.people.conftest import everything_stored
from tests.web.casework.conftest import sign_in

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


def of(actor: Actor) -> Person:
    assert actor.person is not None
    return actor.person


def account_of(actor: Actor) -> Account:
    return Account.objects.get(person=actor.person)


def issue(cast: Cast, *, at: datetime = AT, by: Actor | None = None) -> str:
    """A code for the county officer."""
    return issue_setup_code(of(cast.county_officer), actor=by or cast.administrator, at=at)[1]


def enter(cast: Cast, code: str, *, at: datetime = AT, password: str = PASSWORD) -> Account:
    officer = cast.county_officer
    return set_up_password(account_of(officer), code=code, password=password, actor=officer, at=at)


def code_of(deed: Callable[[], object]) -> str:
    try:
        deed()
    except Refused as refusal:
        return refusal.code
    return ""


def test_set_up_password_with_the_code_that_was_handed_over(cast: Cast) -> None:
    code = issue(cast)
    assert not account_of(cast.county_officer).has_usable_password()
    assert enter(cast, f" {code.lower().replace('-', ' ')} ").check_password(PASSWORD)
    told = LogEntry.objects.filter(stream=f"person:{of(cast.county_officer).pk}")
    assert list(told.order_by("id").values_list("action", flat=True))[-2:] == [
        "person.issue_setup_code",
        "person.set_up_password",
    ]


def test_set_up_password_keeps_the_code_nowhere(cast: Cast) -> None:
    code = issue(cast)
    with scope.use(scope.EVERYTHING):
        stored = everything_stored()
    assert "people_setupcode" in stored
    assert code not in stored
    assert code.replace("-", "") not in stored


@pytest.mark.parametrize("late", [timedelta(hours=72), timedelta(days=30)])
def test_set_up_password_with_a_code_past_its_time_is_refused(cast: Cast, late: timedelta) -> None:
    code = issue(cast)
    assert code_of(lambda: enter(cast, code, at=AT + late)) == "setup_code_wrong"
    assert not account_of(cast.county_officer).has_usable_password()
    assert code_of(lambda: enter(cast, code, at=AT + timedelta(hours=71))) == ""


def test_set_up_password_with_a_wrong_code_is_refused_and_slowed_down(cast: Cast) -> None:
    code = issue(cast)
    tried = ["", "AAAA-AAAA-AAAA", code[:-1], code + "A", code[::-1]]
    assert [code_of(lambda one=one: enter(cast, one)) for one in tried] == ["setup_code_wrong"] * 5  # type: ignore[misc]
    assert code_of(lambda: enter(cast, code)) == "too_many_tries"
    assert code_of(lambda: enter(cast, code, at=AT + timedelta(minutes=15))) == ""


def test_set_up_password_with_a_code_used_before_is_refused(cast: Cast) -> None:
    code = issue(cast)
    enter(cast, code)
    assert code_of(lambda: enter(cast, code, password="another long password")) == "setup_code_wrong"
    assert account_of(cast.county_officer).check_password(PASSWORD)


def test_set_up_password_with_a_code_that_was_replaced_is_refused(cast: Cast) -> None:
    first, second = issue(cast), issue(cast)
    assert code_of(lambda: enter(cast, first)) == "setup_code_wrong"
    assert code_of(lambda: enter(cast, second)) == ""


def test_issue_setup_code_sent_twice_leaves_the_first_good(cast: Cast) -> None:
    person, token = of(cast.county_officer), uuid4()
    _, code = issue_setup_code(person, actor=cast.administrator, at=AT, client_token=token)
    again = lambda: issue_setup_code(person, actor=cast.administrator, at=AT, client_token=token)  # noqa: E731
    assert code_of(again) == "shown_before"
    assert code_of(lambda: enter(cast, code)) == ""


def test_set_up_password_with_somebody_elses_code_or_for_somebody_else_is_refused(cast: Cast) -> None:
    issue(cast)
    _, other = issue_setup_code(of(cast.city_officer), actor=cast.administrator, at=AT)
    assert code_of(lambda: enter(cast, other)) == "setup_code_wrong"
    account = account_of(cast.city_officer)
    deed = lambda: set_up_password(  # noqa: E731 - said once, tried once
        account, code=other, password=PASSWORD, actor=cast.county_officer, at=AT
    )
    assert code_of(deed) == "not_oneself"
    assert not account_of(cast.city_officer).has_usable_password()


@pytest.mark.parametrize("password", ["short", "123456789012", "passwordpassword1"[:8]])
def test_set_up_password_that_is_too_weak_leaves_the_code_good(cast: Cast, password: str) -> None:
    code = issue(cast)
    assert code_of(lambda: enter(cast, code, password=password)) == "password_invalid"
    assert code_of(lambda: enter(cast, code)) == ""


def test_issue_setup_code_ends_all_that_was_set_up_before(cast: Cast) -> None:
    officer = cast.county_officer
    account = create_account(of(officer), password=PASSWORD, actor=cast.administrator, at=AT)
    TOTP.activate(account, generate_totp_secret())
    browser = sign_in(Client(), officer)
    browser.get("/me/")
    token, _ = create_token("x", person=of(officer), scopes=[], actor=officer, at=AT)
    assert browser.get("/queue/").status_code == 200
    issue(cast)
    assert browser.get("/queue/").status_code == 302
    with scope.use(scope.EVERYTHING):
        assert Token.objects.get(pk=token.pk).revoked_at == AT
    assert not Authenticator.objects.filter(user=account).exists()


def test_what_a_stranger_with_the_phone_set_up_before_opens_nothing(cast: Cast) -> None:
    """A second factor added in a session by phone alone is gone once the owner sets the account up."""
    code = issue(cast)
    TOTP.activate(account_of(cast.county_officer), generate_totp_secret())
    enter(cast, code)
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        ("administrator", ""),
        ("city_officer", "wrong_role"),
        ("worker", "wrong_role"),
        ("county_officer", "not_oneself"),
    ],
)
def test_issue_setup_code_is_for_an_administrator_over_the_office(cast: Cast, who: str, refused: str) -> None:
    assert code_of(lambda: issue(cast, by=getattr(cast, who))) == refused
    with scope.use(scope.EVERYTHING):
        assert SetupCode.objects.count() == (0 if refused else 1)


def test_issue_setup_code_is_not_for_an_administrator_over_a_part_of_the_offices(cast: Cast) -> None:
    local = holder("区管理员", ADMINISTRATOR, cast.tree.county)
    assert code_of(lambda: issue(cast, by=local)) == ""
    grant_role(of(cast.county_officer), UNION_OFFICER, cast.tree.city, actor=SYSTEM, at=AT)
    assert code_of(lambda: issue(cast, by=local)) == "wrong_role"


def test_issue_setup_code_is_not_for_a_worker(cast: Cast) -> None:
    deed = lambda: issue_setup_code(of(cast.worker), actor=cast.administrator, at=AT)  # noqa: E731
    assert code_of(deed) == "no_office"
    assert not Account.objects.filter(person=cast.worker.person).exists()


@pytest.mark.parametrize(
    "change",
    ["used_at = NULL", "expires_at = now()", "person_id = issued_by_id", "digest = '\\x00'::bytea"],
)
def test_database_never_opens_a_code_again(cast: Cast, change: str) -> None:
    enter(cast, issue(cast))
    with (
        pytest.raises(IntegrityError, match="used or revoked once"),
        transaction.atomic(),
        scope.act(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE people_setupcode SET {change}")


def test_database_has_one_open_code_for_a_person_and_none_from_oneself(cast: Cast) -> None:
    code, _ = issue_setup_code(of(cast.county_officer), actor=cast.administrator, at=AT)
    copy = {"person": code.person, "created_at": AT, "expires_at": code.expires_at}
    with pytest.raises(IntegrityError, match="one_open_setup_code"), transaction.atomic(), scope.act():
        SetupCode.objects.create(digest=b"1", issued_by=code.issued_by, **copy)
    with pytest.raises(IntegrityError, match="from_another"), transaction.atomic(), scope.act():
        SetupCode.objects.create(digest=b"2", issued_by=code.person, revoked_at=AT, **copy)
    with pytest.raises(IntegrityError, match="used_in_time"), transaction.atomic(), scope.act():
        SetupCode.objects.filter(pk=code.pk).update(used_at=code.expires_at)


def test_codes_are_seen_by_deeds_alone(cast: Cast) -> None:
    issue(cast)
    with scope.use(cast.administrator.scope):
        assert not SetupCode.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_code_entered_twice_at_once_sets_one_password() -> None:
    cast = build_cast()
    code = issue(cast)
    start, outcomes = threading.Barrier(2), []

    def run(password: str) -> None:
        try:
            start.wait()
            outcomes.append((code_of(lambda: enter(cast, code, password=password)), password))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(f"{PASSWORD} {n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome for outcome, _ in outcomes) == ["", "setup_code_wrong"]
    winner = next(password for outcome, password in outcomes if not outcome)
    assert account_of(cast.county_officer).check_password(winner)


def test_command_issues_a_code_for_who_has_nobody_above(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("setup_code", str(of(cast.administrator).pk))
    code = capsys.readouterr().out.split()[0]
    account = account_of(cast.administrator)
    actor = actor_for(of(cast.administrator))
    now = clock.now()
    assert set_up_password(account, code=code, password=PASSWORD, actor=actor, at=now).check_password(
        PASSWORD
    )
    for nobody in (str(of(cast.worker).pk), "999999999"):
        with pytest.raises(CommandError):
            call_command("setup_code", nobody)

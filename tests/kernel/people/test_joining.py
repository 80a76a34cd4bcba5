"""Joining by oneself, below the pages: who is made, who is found, and what two at once come to."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from pytest_django import Settings

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.people.consents import has_consent
from lianxin.kernel.people.joining import PURPOSE, count_joining_try, join, send_joining_code
from lianxin.kernel.people.models import Account, Consent, DemoMessage, Person, Throttle
from lianxin.kernel.people.sealed import open_fact
from lianxin.kernel.people.services import enrol_person, erase_person, set_phone
from lianxin.kernel.refusals import NotAllowed, Refused, TooMany
from tests.cast import AT, Cast, phone_number
from tests.kernel.people.conftest import everything_stored

pytestmark = pytest.mark.django_db
PHONE = phone_number(50)


@pytest.fixture(autouse=True)
def demonstration(settings: Settings) -> None:
    settings.DEMO = True


def joined(phone: str = PHONE, name: str = "钱工", organization: Organization | None = None) -> Account:
    return join(phone, name=name, organization=organization, wording="同意", at=AT)


def test_join_makes_person_account_and_consent(cast: Cast) -> None:
    account = joined(organization=cast.tree.enterprise)
    with scope.use(scope.EVERYTHING):
        person = Person.objects.get(account=account)
        assert (person.name, person.organization, person.phone_verified_at) == (
            "钱工",
            cast.tree.enterprise,
            AT,
        )
        assert open_fact(person, "phone") == PHONE
        assert has_consent(person, PURPOSE, AT)
        assert Consent.objects.get().wording == "同意"
    assert not account.has_usable_password()
    actions = (
        LogEntry.objects.filter(stream=f"person:{person.pk}").order_by("id").values_list("action", flat=True)
    )
    assert list(actions) == [
        "person.enrol",
        "person.set_phone",
        "person.give_consent",
        "person.create_account",
    ]


def test_join_with_a_number_enrolled_before_finds_its_person(cast: Cast) -> None:
    assert cast.worker.person is not None
    set_phone(cast.worker.person, PHONE, actor=cast.worker, at=AT)
    account = joined(name="别的名字")
    assert account.person_id == cast.worker.person.pk
    with scope.use(scope.EVERYTHING):
        assert Person.objects.get(pk=account.person_id).name == "王工"


def test_join_twice_is_one_person(cast: Cast) -> None:
    assert joined() == joined()
    with scope.use(scope.EVERYTHING):
        assert Person.objects.filter(name="钱工").count() == 1


def test_join_after_erasure_is_somebody_new(cast: Cast) -> None:
    first = joined()
    with scope.use(scope.EVERYTHING):
        erase_person(Person.objects.get(account=first), actor=cast.administrator, at=AT, reason="本人要求")
    assert joined().person_id != first.person_id


def test_join_refused_for_a_closed_account(cast: Cast) -> None:
    account = joined()
    Account.objects.filter(pk=account.pk).update(is_active=False)
    with pytest.raises(NotAllowed) as refused:
        joined()
    assert refused.value.code == "account_closed"


@pytest.mark.parametrize(
    ("phone", "name", "code"), [("123", "钱工", "phone_invalid"), (PHONE, " ", "name_invalid")]
)
def test_join_refused_for_a_faulty_number_or_name(cast: Cast, phone: str, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        joined(phone, name)
    assert refused.value.code == code
    assert not Account.objects.exists()


def test_codes_are_sent_alike_to_known_and_unknown_numbers(cast: Cast) -> None:
    with scope.act():
        enrol_person("已登记", phone=PHONE, actor=SYSTEM, at=AT)
    codes = [send_joining_code(phone, source="a", at=AT) for phone in (PHONE, phone_number(51))]
    assert [message.text for message in DemoMessage.objects.order_by("id")] == codes
    with scope.use(scope.EVERYTHING):
        assert not Person.objects.filter(name="").exists()
        assert PHONE not in everything_stored()


def test_codes_are_limited_by_number_and_by_address(cast: Cast) -> None:
    for _time in range(6):
        send_joining_code(PHONE, source="a", at=AT)
    with pytest.raises(TooMany):
        send_joining_code(PHONE, source="b", at=AT)
    # The refused one counted for the address as well.
    for order in range(60, 84):
        send_joining_code(phone_number(order), source="a", at=AT)
    with pytest.raises(TooMany):
        send_joining_code(phone_number(84), source="a", at=AT)
    send_joining_code(phone_number(91), source="c", at=AT)


def test_tries_are_limited_by_number_whatever_the_browser(cast: Cast) -> None:
    for _time in range(12):
        count_joining_try(PHONE, at=AT)
    with pytest.raises(TooMany):
        count_joining_try(PHONE, at=AT)
    assert PHONE not in "".join(Throttle.objects.values_list("key", flat=True))


@pytest.mark.django_db(transaction=True)
def test_join_at_the_same_moment_is_one_person() -> None:
    together, accounts = Barrier(2), []

    def deed() -> None:
        together.wait()
        accounts.append(joined().pk)
        connection.close()

    threads = [Thread(target=deed) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accounts) == 2
    assert len(set(accounts)) == 1

"""Persons come, change and go; offices are given and taken."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lianxin.kernel import crypto, scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.verify import verify
from lianxin.kernel.orgs.services import move_organization
from lianxin.kernel.people.actors import SYSTEM, actor_for
from lianxin.kernel.people.consents import give_consent, has_consent
from lianxin.kernel.people.models import Account, Person, Role
from lianxin.kernel.people.roles import AUDITOR, UNION_OFFICER
from lianxin.kernel.people.sealed import find_by, identity_masked, open_fact, phone_masked
from lianxin.kernel.people.services import (
    create_account,
    end_role,
    enrol_person,
    erase_person,
    grant_role,
    move_person,
    set_identity,
    set_phone,
    stream_of,
)
from lianxin.kernel.people.tokens import actor_for_token, create_token
from lianxin.kernel.refusals import Conflict, NotAllowed, Refused
from tests.cast import AT, Cast, identity_number, phone_number
from tests.kernel.audit.conftest import in_threads
from tests.kernel.people.conftest import everything_stored

pytestmark = pytest.mark.django_db
PHONE, IDENTITY = phone_number(1), identity_number(1)


def enrolled(cast: Cast, order: int = 1) -> Person:
    """A worker with phone and number."""
    return enrol_person(
        "陈工",
        organization=cast.tree.enterprise,
        phone=phone_number(order),
        identity_number=identity_number(order),
        actor=cast.county_officer,
        at=AT,
    )


def actions(person: Person) -> list[str]:
    return list(
        LogEntry.objects.filter(stream=stream_of(person)).order_by("seq").values_list("action", flat=True)
    )


def test_enrol_seals_what_must_not_be_read(cast: Cast) -> None:
    person = enrolled(cast)
    with scope.use(scope.EVERYTHING):
        stored = Person.objects.get(pk=person.pk)
    assert (open_fact(stored, "phone"), open_fact(stored, "identity")) == (PHONE, IDENTITY)
    assert (phone_masked(stored), stored.masked_name) == ("199****0001", "陈**")
    assert identity_masked(stored)[1:-1] == "*" * 16
    assert stored.organization_path == cast.tree.enterprise.path
    assert actions(person) == ["person.enrol"]


def test_enrol_leaves_no_digit_in_any_table_or_log(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        person = enrolled(cast)
        set_phone(person, phone_number(2), actor=SYSTEM, at=AT)
        with pytest.raises(Conflict):
            enrol_person("别人", identity_number=IDENTITY, actor=SYSTEM, at=AT)
        with pytest.raises(Refused):
            enrol_person("别人", identity_number=IDENTITY[:-2] + "00", actor=SYSTEM, at=AT)
    with scope.use(scope.EVERYTHING):
        stored = everything_stored()
    assert f"({person.pk},陈工" in stored
    for secret in (PHONE, phone_number(2), IDENTITY, IDENTITY[6:]):
        for written in (secret, secret.encode().hex()):
            assert written not in stored
    # Statements sent to the database are logged at DEBUG by Django itself, which settings keep silent.
    said = [r.getMessage() for r in caplog.records if r.name != "django.db.backends"]
    assert not [line for line in said if PHONE in line or IDENTITY in line]


def test_enrol_twice_under_one_number_is_refused(cast: Cast) -> None:
    enrolled(cast)
    taken: tuple[tuple[str, dict[str, Any]], ...] = (
        ("identity_number", {"identity_number": IDENTITY}),
        ("phone", {"phone": f"+86 {PHONE}"}),
    )
    for field, values in taken:
        with pytest.raises(Conflict) as refusal:
            enrol_person("别人", actor=SYSTEM, at=AT, **values)
        assert refusal.value.field == field


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 61}, "name"),
        ({"phone": "123"}, "phone"),
        ({"identity_number": "123"}, "identity_number"),
    ],
)
def test_enrol_with_a_field_at_fault_writes_nothing(cast: Cast, values: dict[str, Any], field: str) -> None:
    with scope.use(scope.EVERYTHING):
        before = Person.objects.count()
        with pytest.raises(Refused) as refusal:
            enrol_person(**{"name": "陈工"} | values, actor=SYSTEM, at=AT)
        assert Person.objects.count() == before
    assert refusal.value.field == field


@pytest.mark.django_db(transaction=True)
def test_two_threads_cannot_enrol_one_number() -> None:
    def enrol() -> int:
        return enrol_person("陈工", identity_number=IDENTITY, phone=PHONE, actor=SYSTEM, at=AT).pk

    outcomes = in_threads([enrol] * 6)
    assert sum(isinstance(one, int) for one in outcomes) == 1
    assert [one.code for one in outcomes if isinstance(one, Conflict)] == ["phone_taken"] * 5
    with scope.use(scope.EVERYTHING):
        assert Person.objects.count() == 1


def test_the_database_refuses_facts_without_key_or_index(cast: Cast) -> None:
    person = enrolled(cast)
    with scope.act():
        for broken in (
            {"data_key": None},
            {"phone_blind": None},
            {"identity_sealed": None},
            {"erased_at": AT},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Person.objects.filter(pk=person.pk).update(**broken)


def test_a_value_moved_to_another_persons_row_does_not_open(cast: Cast) -> None:
    first, second = enrolled(cast, 1), enrolled(cast, 2)
    second.phone_sealed = first.phone_sealed
    with pytest.raises(crypto.Tampered):
        open_fact(second, "phone")
    second.data_key = first.data_key
    with pytest.raises(crypto.Tampered):
        open_fact(second, "phone")


def test_set_phone_and_set_identity_replace_and_clear(cast: Cast) -> None:
    person = enrolled(cast)
    person = set_phone(person, phone_number(5), actor=SYSTEM, at=AT, verified=True)
    person = set_identity(person, identity_number(5), actor=SYSTEM, at=AT)
    with scope.use(scope.EVERYTHING):
        assert find_by("phone", PHONE) is None
        assert find_by("phone", phone_number(5)) == find_by("identity", identity_number(5)) == person
    assert person.phone_verified_at == AT
    person = set_phone(person, "", actor=SYSTEM, at=AT)
    assert (open_fact(person, "phone"), person.phone_verified_at) == ("", None)
    assert actions(person) == ["person.enrol", "person.set_phone", "person.set_identity", "person.set_phone"]


def test_set_phone_to_the_same_number_keeps_it_verified(cast: Cast) -> None:
    person = set_phone(enrolled(cast), PHONE, actor=SYSTEM, at=AT, verified=True)
    assert set_phone(person, PHONE, actor=SYSTEM, at=AT + timedelta(1)).phone_verified_at == AT
    assert set_phone(person, phone_number(3), actor=SYSTEM, at=AT).phone_verified_at is None


def test_set_phone_to_somebody_elses_is_refused(cast: Cast) -> None:
    enrolled(cast, 1)
    with pytest.raises(Conflict) as refusal:
        set_phone(enrolled(cast, 2), PHONE, actor=SYSTEM, at=AT)
    assert refusal.value.code == "phone_taken"


def test_move_person_changes_who_sees_them(cast: Cast) -> None:
    person = enrolled(cast)
    assert cast.county_officer.person is not None
    seen = {"county": cast.county_officer.scope, "other": cast.other_county_officer.scope}

    def who_sees() -> set[str]:
        found = set()
        for name, viewer in seen.items():
            with scope.use(viewer):
                if Person.objects.filter(pk=person.pk).exists():
                    found.add(name)
        return found

    assert who_sees() == {"county"}
    move_person(person, cast.tree.other_county, actor=SYSTEM, at=AT)
    assert who_sees() == {"other"}


def test_a_persons_row_is_seen_by_themselves_and_the_officers_above(cast: Cast) -> None:
    person = enrolled(cast)
    me = actor_for(person)
    for viewer, sees in (
        (me, True),
        (cast.town_officer, True),
        (cast.city_officer, True),
        (cast.other_county_officer, False),
        (cast.site_manager, False),
        (cast.colleague, False),
    ):
        with scope.use(viewer.scope):
            assert Person.objects.filter(pk=person.pk).exists() is sees
    with scope.use(scope.NOTHING):
        assert not Person.objects.exists()


def test_paths_of_persons_and_offices_follow_a_moved_organization(cast: Cast) -> None:
    person = enrolled(cast)
    tree = cast.tree
    with scope.act():
        move_organization(tree.town, parent=tree.other_county, actor=SYSTEM, at=AT)
        tree.enterprise.refresh_from_db()
        person.refresh_from_db()
        assert person.organization_path == tree.enterprise.path
        role = Role.objects.get(person=cast.town_officer.person)
        assert role.scope_path == tree.town.jurisdiction_path


def test_erase_destroys_the_person_and_leaves_the_log_whole(cast: Cast) -> None:
    person = enrolled(cast)
    before = person.data_key, person.phone_sealed
    account = create_account(person, password="a long enough password", actor=SYSTEM, at=AT)
    grant_role(person, AUDITOR, cast.tree.city, actor=SYSTEM, at=AT)
    give_consent(person, "publish_name", wording="同意公开姓名", actor=SYSTEM, at=AT)
    _token, secret = create_token("手机", person=person, scopes=["cases"], actor=SYSTEM, at=AT)
    later = AT + timedelta(days=1)
    person = erase_person(person, actor=cast.administrator, at=later, reason="本人要求")
    assert (person.name, person.data_key, person.phone_sealed, person.identity_blind) == (
        "",
        None,
        None,
        None,
    )
    assert (open_fact(person, "phone"), open_fact(person, "identity")) == ("", "")
    assert None not in before
    account.refresh_from_db()
    assert (account.is_active, account.has_usable_password()) == (False, False)
    assert not Role.objects.filter(person=person, ended_at=None).exists()
    assert not has_consent(person, "publish_name", later)
    with pytest.raises(NotAllowed):
        actor_for_token(secret, at=later)
    assert actions(person)[-1] == "person.erase"
    assert "陈工" not in everything_stored()
    assert verify() == []


def test_an_erased_person_gets_no_new_number_and_frees_the_old(cast: Cast) -> None:
    person = erase_person(enrolled(cast), actor=SYSTEM, at=AT, reason="本人要求")
    with pytest.raises(Conflict) as refusal:
        set_phone(person, PHONE, actor=SYSTEM, at=AT)
    assert refusal.value.code == "erased"
    assert enrolled(cast).pk != person.pk


def test_create_account_once_with_one_name(cast: Cast) -> None:
    person = enrolled(cast, 1)
    account = create_account(person, username="chen", actor=SYSTEM, at=AT)
    assert not account.has_usable_password()
    with pytest.raises(Conflict) as refusal:
        create_account(person, actor=SYSTEM, at=AT)
    assert refusal.value.code == "has_account"
    with pytest.raises(Conflict) as refusal:
        create_account(enrolled(cast, 2), username="chen", actor=SYSTEM, at=AT)
    assert refusal.value.code == "username_taken"
    assert Account.objects.get(person=person) == account


def test_grant_role_opens_the_jurisdiction_and_end_role_closes_it(cast: Cast) -> None:
    person = enrolled(cast)
    role = grant_role(person, UNION_OFFICER, cast.tree.office, actor=cast.administrator, at=AT)
    assert role.scope_path == cast.tree.city.path
    assert actor_for(person).scope.wide == (cast.tree.city.path,)
    end_role(role, actor=cast.administrator, at=AT)
    assert actor_for(person).scope.wide == ()
    assert actions(person)[-2:] == ["person.grant_role", "person.end_role"]
    with pytest.raises(Conflict) as refusal:
        end_role(role, actor=cast.administrator, at=AT)
    assert refusal.value.code == "office_has_ended"
    grant_role(person, UNION_OFFICER, cast.tree.office, actor=cast.administrator, at=AT)


def test_grant_role_twice_is_refused(cast: Cast) -> None:
    person = enrolled(cast)
    grant_role(person, UNION_OFFICER, cast.tree.town, actor=SYSTEM, at=AT)
    with pytest.raises(Conflict) as refusal:
        grant_role(person, UNION_OFFICER, cast.tree.town, actor=SYSTEM, at=AT)
    assert refusal.value.code == "already_in_office"


def test_grant_role_is_for_an_administrator_over_the_place_and_not_for_oneself(cast: Cast) -> None:
    person, admin = enrolled(cast), cast.administrator
    assert admin.person is not None
    for actor, whom, where, code in (
        (cast.city_officer, person, cast.tree.town, "wrong_role"),
        (admin, person, cast.tree.province, "wrong_role"),
        (admin, admin.person, cast.tree.town, "not_oneself"),
    ):
        with pytest.raises(NotAllowed) as refusal:
            grant_role(whom, UNION_OFFICER, where, actor=actor, at=AT)
        assert refusal.value.code == code

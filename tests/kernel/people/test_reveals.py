"""Whoever looks leaves a trace that its owner can see."""

import pytest
from django.db import transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.people.actors import NOBODY, SYSTEM, Actor, ActorKind, actor_for
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.reveals import ACTION, Look, reveal, reveals_of
from lianxin.kernel.people.services import enrol_person
from lianxin.kernel.reference.services import set_parameter
from lianxin.kernel.refusals import NotAllowed, Refused, TooMany
from tests.cast import AT, Cast, identity_number, phone_number

pytestmark = pytest.mark.django_db
REASON = "通知领取慰问金"


@pytest.fixture
def person(cast: Cast) -> Person:
    """A worker with phone and number."""
    return enrol_person(
        "陈工",
        organization=cast.tree.enterprise,
        phone=phone_number(1),
        identity_number=identity_number(1),
        actor=SYSTEM,
        at=AT,
    )


def traces(person: Person) -> int:
    return LogEntry.objects.filter(stream=f"person:{person.pk}", action=ACTION).count()


def test_reveal_by_a_responsible_officer_leaves_a_trace_for_the_owner(cast: Cast, person: Person) -> None:
    assert reveal(person, "phone", actor=cast.county_officer, reason=REASON, at=AT) == phone_number(1)
    assert reveal(person, "identity", actor=cast.finance, reason=REASON, at=AT) == identity_number(1)
    looks = reveals_of(person, viewer=actor_for(person))
    assert looks == [
        Look(AT, cast.finance.label, "identity", cast.tree.city.pk, REASON),
        Look(AT, cast.county_officer.label, "phone", cast.tree.county.pk, REASON),
    ]
    assert phone_number(1) not in "".join(LogEntry.objects.values_list("body", flat=True))


def test_reveal_of_ones_own_leaves_none(person: Person) -> None:
    assert reveal(person, "phone", actor=actor_for(person), reason="", at=AT) == phone_number(1)
    assert traces(person) == 0


def test_reveal_is_refused_to_everybody_else(cast: Cast, person: Person) -> None:
    officer = cast.county_officer
    by_token = Actor(
        ActorKind.PERSON, person=officer.person, roles=officer.roles, token_scopes=frozenset({"all"})
    )
    me_by_token = Actor(ActorKind.PERSON, person=person, token_scopes=frozenset())
    others = (cast.other_county_officer, cast.site_manager, cast.colleague, cast.auditor, cast.administrator)
    for actor in (*others, *cast.custodians, NOBODY, SYSTEM, by_token, me_by_token):
        with pytest.raises(NotAllowed) as refusal:
            reveal(person, "phone", actor=actor, reason=REASON, at=AT)
        assert refusal.value.code == "may_not_reveal"
    assert traces(person) == 0


def test_reveal_of_a_person_without_a_place_is_refused(cast: Cast) -> None:
    person = enrol_person("游骑手", phone=phone_number(9), actor=SYSTEM, at=AT)
    with pytest.raises(NotAllowed):
        reveal(person, "phone", actor=cast.city_officer, reason=REASON, at=AT)


def test_reveal_needs_a_reason(cast: Cast, person: Person) -> None:
    with pytest.raises(Refused) as refusal:
        reveal(person, "phone", actor=cast.county_officer, reason=" 看 ", at=AT)
    assert (refusal.value.code, refusal.value.field) == ("reason_missing", "reason")
    assert traces(person) == 0


def test_reveal_is_limited_by_the_hour(cast: Cast, person: Person) -> None:
    with scope.act():
        set_parameter(
            "people.reveals_per_hour",
            value=2,
            region=None,
            valid_from=AT.date(),
            source="test",
            actor=SYSTEM,
            at=AT,
        )
    for _time in range(2):
        reveal(person, "phone", actor=cast.county_officer, reason=REASON, at=AT)
    with pytest.raises(TooMany):
        reveal(person, "phone", actor=cast.county_officer, reason=REASON, at=AT)
    reveal(person, "phone", actor=cast.town_officer, reason=REASON, at=AT)
    assert traces(person) == 3


@pytest.mark.django_db(transaction=True)
def test_reveal_cannot_be_rolled_back_by_its_caller(cast: Cast, person: Person) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        reveal(person, "phone", actor=cast.county_officer, reason=REASON, at=AT)


def test_reveals_are_shown_to_nobody_else(cast: Cast, person: Person) -> None:
    for viewer in (cast.city_officer, cast.colleague, NOBODY):
        with pytest.raises(NotAllowed):
            reveals_of(person, viewer=viewer)

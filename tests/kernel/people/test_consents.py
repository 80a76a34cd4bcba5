"""A yes holds for its purpose, from when it was given until it ends."""

from datetime import timedelta

import pytest

from lianxin.kernel.people.actors import NOBODY, Actor, ActorKind
from lianxin.kernel.people.consents import give_consent, has_consent, withdraw_consent
from lianxin.kernel.people.models import Consent
from lianxin.kernel.refusals import NotAllowed, NotFound
from tests.cast import AT, Cast
from tests.kernel.audit.conftest import in_threads

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PURPOSE, WORDING = "publish_name", "同意公开我的姓名"


def test_consent_holds_for_its_purpose_until_it_expires(cast: Cast) -> None:
    person = cast.worker.person
    assert person is not None
    give_consent(person, PURPOSE, wording=WORDING, actor=cast.worker, at=AT, expires_at=AT + 30 * DAY)
    assert not has_consent(person, PURPOSE, AT - DAY)
    assert has_consent(person, PURPOSE, AT)
    assert has_consent(person, PURPOSE, AT + 29 * DAY)
    assert not has_consent(person, PURPOSE, AT + 30 * DAY)
    assert not has_consent(person, "share_with_partner", AT)
    assert cast.colleague.person is not None
    assert not has_consent(cast.colleague.person, PURPOSE, AT)


def test_withdraw_ends_it_and_what_was_published_before_was_allowed(cast: Cast) -> None:
    person = cast.worker.person
    assert person is not None
    give_consent(person, PURPOSE, wording=WORDING, actor=cast.worker, at=AT)
    withdraw_consent(person, PURPOSE, actor=cast.worker, at=AT + DAY)
    assert has_consent(person, PURPOSE, AT + DAY / 2)
    assert not has_consent(person, PURPOSE, AT + DAY)
    with pytest.raises(NotFound) as refusal:
        withdraw_consent(person, PURPOSE, actor=cast.worker, at=AT + DAY)
    assert refusal.value.code == "no_consent"


def test_a_new_yes_takes_the_place_of_the_old(cast: Cast) -> None:
    person = cast.worker.person
    assert person is not None
    for wording in (WORDING, "同意公开姓名与单位"):
        give_consent(person, PURPOSE, wording=wording, actor=cast.worker, at=AT)
    assert Consent.objects.get(person=person, withdrawn_at=None).wording == "同意公开姓名与单位"


def test_nobody_consents_for_a_person_from_outside(cast: Cast) -> None:
    person = cast.worker.person
    assert person is not None
    for actor in (NOBODY, Actor(ActorKind.PARTNER, partner="9"), Actor(ActorKind.RECEIPT, case_id=1)):
        with pytest.raises(NotAllowed):
            give_consent(person, PURPOSE, wording=WORDING, actor=actor, at=AT)
    assert not has_consent(person, PURPOSE, AT)


@pytest.mark.django_db(transaction=True)
def test_a_yes_pressed_twice_at_once_stands_once(cast: Cast) -> None:
    person = cast.worker.person
    assert person is not None
    outcomes = in_threads(
        [lambda: give_consent(person, PURPOSE, wording=WORDING, actor=cast.worker, at=AT)] * 4
    )
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert Consent.objects.filter(person=person, withdrawn_at=None).count() == 1

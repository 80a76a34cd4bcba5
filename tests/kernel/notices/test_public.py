"""Public notices: masked names, dates, and who may publish."""

from datetime import timedelta

import pytest

from lianxin.kernel import scope
from lianxin.kernel.notices.models import PublicNotice
from lianxin.kernel.notices.public import (
    TO_BE_NAMED,
    public_notice,
    public_notices,
    publish_notice,
    withdraw_notice,
)
from lianxin.kernel.people.actors import SYSTEM, Actor
from lianxin.kernel.people.consents import give_consent, withdraw_consent
from lianxin.kernel.people.models import Person
from lianxin.kernel.refusals import Conflict, NotAllowed, NotFound
from lianxin.kernel.text import Text
from tests.kernel.cases.conftest import NOON, Town, make_person

TITLE = Text("获奖公示", "Rewards")
TEXT = Text("获奖人员：{names}。", "Rewarded: {names}.")


def publish(town: Town, *people: Person, actor: Actor | None = None, days: int = 7) -> PublicNotice:
    return publish_notice(
        town.county,
        title=TITLE,
        text=TEXT,
        actor=actor or town.county_officer,
        at=NOON,
        people=people,
        expires_at=NOON + timedelta(days=days),
    )


def read(notice: PublicNotice) -> str:
    """As somebody without any scope reads it."""
    with scope.use(scope.NOTHING):
        return public_notice(notice.pk, at=NOON).text.zh


def test_names_are_masked_without_consent_of_their_own(town: Town) -> None:
    first, second = make_person("甲某某"), make_person("乙某某")
    give_consent(second, "data_handling", wording="同意", actor=SYSTEM, at=NOON)
    assert read(publish(town, first, second)) == "获奖人员：甲**、乙**。"


def test_a_name_stands_only_while_the_consent_does(town: Town) -> None:
    person = make_person("甲某某")
    notice = publish(town, person)
    give_consent(person, TO_BE_NAMED, wording="同意公布姓名", actor=SYSTEM, at=NOON)
    assert read(notice) == "获奖人员：甲某某。"
    withdraw_consent(person, TO_BE_NAMED, actor=SYSTEM, at=NOON)
    assert read(notice) == "获奖人员：甲**。"


def test_a_notice_is_public_in_its_time_only(town: Town) -> None:
    notice = publish(town)
    for at, seen in [(NOON - timedelta(seconds=1), 0), (NOON, 1), (NOON + timedelta(days=7), 0)]:
        assert len(public_notices(at=at, organization=town.county)) == seen
        if not seen:
            with pytest.raises(NotFound):
                public_notice(notice.pk, at=at)
    assert public_notices(at=NOON, organization=town.city) == []


def test_a_notice_taken_down_is_gone(town: Town) -> None:
    notice = publish(town)
    withdraw_notice(notice, actor=town.city_officer, at=NOON, reason="内容有误")
    assert public_notices(at=NOON) == []
    with pytest.raises(Conflict):
        withdraw_notice(notice, actor=town.city_officer, at=NOON, reason="内容有误")


def test_only_an_officer_of_the_place_publishes(town: Town) -> None:
    for actor in (town.keeper, town.manager, town.finder):
        with pytest.raises(NotAllowed):
            publish(town, actor=actor)
    assert publish(town, actor=town.city_officer).pk


def test_the_english_text_falls_back_to_the_chinese(town: Town) -> None:
    publish_notice(
        town.county, title=Text("标题", ""), text=Text("内容", ""), actor=town.county_officer, at=NOON
    )
    (published,) = public_notices(at=NOON)
    assert (published.title.en, published.text.en) == ("标题", "内容")

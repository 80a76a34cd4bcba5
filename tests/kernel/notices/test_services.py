"""Telling a body, reporters, one person; reading."""

import pytest

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.cases.models import Case
from lianxin.kernel.notices import kinds
from lianxin.kernel.notices.models import Notice
from lianxin.kernel.notices.queries import inbox, notices_of, unread_count
from lianxin.kernel.notices.services import announce, read_notices, tell_person, tell_reporters
from lianxin.kernel.people.actors import NOBODY, SYSTEM, Actor, receipt_holder
from lianxin.kernel.people.roles import UNION_OFFICER
from lianxin.kernel.text import Text
from tests.kernel.cases.conftest import NOON, Town, found
from tests.kernel.notices.test_answers import said_to

MAJOR = Text("发现重大隐患。", "A major hazard was found.")


def test_announce_tells_the_office_and_logs_it(town: Town, case: Case) -> None:
    announce(town.county, text=MAJOR, case=case, role=UNION_OFFICER, actor=SYSTEM, at=NOON)
    assert said_to(town.county_officer) == [MAJOR.en]
    assert MAJOR.en not in said_to(town.keeper)
    with scope.use(scope.EVERYTHING):
        entry = LogEntry.objects.get(stream=f"case:{case.pk}", action="found_item.announce")
    assert entry.told["after"]["organization"] == town.county.pk


def test_announce_without_a_role_tells_everybody_in_office_there(town: Town) -> None:
    announce(town.county, text=MAJOR, actor=SYSTEM, at=NOON)
    assert said_to(town.county_officer) == said_to(town.keeper) == [MAJOR.en]
    assert said_to(town.foreign_keeper) == said_to(town.manager) == said_to(town.city_officer) == []


def test_announce_of_an_unknown_kind_is_a_mistake(town: Town) -> None:
    with pytest.raises(KeyError):
        announce(town.county, text=MAJOR, actor=SYSTEM, at=NOON, kind="never.declared")


@pytest.mark.parametrize("mode", ["named", "confidential", "anonymous"])
def test_tell_reporters_reaches_them_however_they_are_known(town: Town, mode: str) -> None:
    opened = found(town, actor=NOBODY if mode == "anonymous" else town.finder, mode=mode)
    assert tell_reporters(opened.case, text=Text("奖金已发。", "The reward is paid."), at=NOON) == 1
    viewer = receipt_holder(opened.case.pk) if mode == "anonymous" else town.finder
    assert said_to(viewer)[0] == "The reward is paid."


def test_tell_person_tells_that_person(town: Town) -> None:
    assert town.stranger.person is not None
    tell_person(town.stranger.person, text=Text("您好。", "Hello."), at=NOON)
    assert said_to(town.stranger) == ["Hello."]
    assert said_to(town.finder) == []


def unread(viewer: Actor) -> int:
    with scope.use(viewer.scope):
        return unread_count(viewer)


def read(viewer: Actor, pks: list[int] | None = None) -> int:
    with scope.use(viewer.scope):
        return read_notices(viewer, at=NOON, pks=pks)


def test_reading_by_one_in_an_office_leaves_it_new_for_the_other(town: Town, case: Case) -> None:
    del case
    assert (unread(town.keeper), unread(town.other_keeper)) == (1, 1)
    assert read(town.keeper) == 1
    assert read(town.keeper) == 0
    assert (unread(town.keeper), unread(town.other_keeper)) == (0, 1)


def test_reading_ones_own(town: Town, case: Case) -> None:
    tell_reporters(case, text=MAJOR, at=NOON)
    with scope.use(town.finder.scope):
        newest = inbox(town.finder)[0]
    assert not newest.read
    assert read(town.finder, [newest.notice.pk]) == 1
    assert unread(town.finder) == 1
    with scope.use(town.finder.scope):
        assert [told.read for told in inbox(town.finder)] == [True, False]


def test_reading_somebody_elses_changes_nothing(town: Town, case: Case) -> None:
    with scope.use(scope.EVERYTHING):
        pks = list(Notice.objects.filter(case=case).values_list("pk", flat=True))
    assert read(town.stranger, pks) == 0
    assert unread(town.finder) == 1


def test_the_inbox_goes_on_before_the_last_one_shown(town: Town) -> None:
    assert town.stranger.person is not None
    for number in range(5):
        tell_person(town.stranger.person, text=Text(f"{number}", f"{number}"), at=NOON)
    with scope.use(town.stranger.scope):
        first = inbox(town.stranger, size=3)
        rest = inbox(town.stranger, size=3, before=first[-1].notice.pk)
    assert [told.text.en for told in first + rest] == ["4", "3", "2", "1", "0"]


def test_nobody_has_no_notices(town: Town, case: Case) -> None:
    del town, case
    with scope.use(scope.EVERYTHING):
        assert not notices_of(NOBODY).exists()


def test_a_kind_is_declared_in_one_way_only() -> None:
    with pytest.raises(ValueError, match="declared differently"):
        kinds.declare("case.opened", push=True)


def test_a_notice_of_an_app_that_is_gone_still_says_something() -> None:
    assert "cannot be shown" in kinds.worded("gone.away", {}).en
    assert kinds.worded("gone.away", {"text": {"zh": "甲", "en": "A"}}).en == "A"

"""Opening, ending, attaching: what works and each refusal on the same set-up."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.cases.models import Case
from lianxin.kernel.clock import day_of
from lianxin.kernel.ledger.models import Fund
from lianxin.kernel.orgs.services import move_organization
from lianxin.kernel.people.actors import SYSTEM, Actor
from lianxin.kernel.programmes import kinds
from lianxin.kernel.programmes.kinds import ProgrammeKind, declare
from lianxin.kernel.programmes.models import Programme, ProgrammeCase
from lianxin.kernel.programmes.queries import cases_of, programme_for, programmes_running, programmes_under
from lianxin.kernel.programmes.services import attach_case, end_programme, open_programme
from lianxin.kernel.refusals import Conflict, NotAllowed, NotFound, Refused
from lianxin.kernel.text import Text
from tests.kernel.cases.conftest import NOON, Town, build_town, found

TODAY = day_of(NOON)


def opened(town: Town, actor: Actor | None = None, **options: Any) -> Programme:
    """A week of tidying in the county."""
    settings: dict[str, Any] = {
        "name": "整理周",
        "starts": TODAY,
        "ends": TODAY + timedelta(days=6),
    } | options
    return open_programme(
        settings.pop("organization", town.county),
        kind="tidy_week",
        actor=actor or town.county_officer,
        at=NOON,
        **settings,
    )


def test_open_writes_the_programme_and_the_log(town: Town, campaign: ProgrammeKind) -> None:
    programme = opened(town, groups=["couriers"], name_en="Tidy week")
    fresh = programme_for(programme.pk)
    assert (fresh.kind, fresh.organization_path, fresh.groups) == (
        campaign.code,
        town.county.path,
        ["couriers"],
    )
    with scope.use(scope.EVERYTHING):
        entry = LogEntry.objects.get(action="programme.open")
    assert entry.told["after"]["programme"] == programme.pk


@pytest.mark.usefixtures("campaign")
def test_open_is_for_an_officer_of_the_place(town: Town) -> None:
    for actor in (town.keeper, town.finder, town.manager):
        with pytest.raises(NotAllowed):
            opened(town, actor)
    with pytest.raises(NotAllowed):
        opened(town, town.county_officer, organization=town.elsewhere)
    assert opened(town, town.city_officer).pk


@pytest.mark.usefixtures("campaign")
def test_open_twice_is_a_conflict(town: Town) -> None:
    opened(town)
    with pytest.raises(Conflict):
        opened(town)
    assert opened(town, organization=town.city, actor=town.city_officer).pk


@pytest.mark.usefixtures("campaign")
def test_open_with_dates_the_wrong_way_round_is_refused(town: Town) -> None:
    with pytest.raises(Refused) as refused:
        opened(town, ends=TODAY - timedelta(days=1))
    assert (refused.value.code, refused.value.field) == ("dates_reversed", "ends")


@pytest.mark.usefixtures("campaign")
def test_dates_the_wrong_way_round_are_refused_by_the_database(town: Town) -> None:
    programme = opened(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        Programme.objects.filter(pk=programme.pk).update(ends=TODAY - timedelta(days=1))


@pytest.mark.usefixtures("campaign")
def test_end_moves_the_last_day(town: Town) -> None:
    programme = opened(town)
    assert end_programme(programme, ends=TODAY, actor=town.county_officer, at=NOON).ends == TODAY
    with pytest.raises(Refused):
        end_programme(programme, ends=TODAY - timedelta(days=1), actor=town.county_officer, at=NOON)
    with pytest.raises(NotAllowed):
        end_programme(programme, ends=TODAY, actor=town.keeper, at=NOON)


@pytest.mark.usefixtures("campaign")
def test_attach_puts_a_case_into_a_programme_once(town: Town, case: Case) -> None:
    programme = opened(town)
    for _ in range(2):
        attach_case(programme, case, actor=SYSTEM, at=NOON)
    with scope.use(town.county_officer.scope):
        assert list(cases_of(town.county_officer, programme)) == [case]
    with scope.use(scope.EVERYTHING):
        assert LogEntry.objects.filter(stream=f"case:{case.pk}", action="found_item.attach").count() == 1


@pytest.mark.usefixtures("campaign")
def test_attach_to_a_second_programme_is_a_conflict(town: Town, case: Case) -> None:
    attach_case(opened(town), case, actor=SYSTEM, at=NOON)
    with pytest.raises(Conflict, match="整理周"):
        attach_case(opened(town, name="又一周"), case, actor=SYSTEM, at=NOON)


@pytest.mark.usefixtures("campaign")
def test_attach_from_another_place_or_time_is_refused(town: Town, case: Case) -> None:
    with pytest.raises(Refused) as refused:
        attach_case(
            opened(town, organization=town.elsewhere, actor=town.city_officer), case, actor=SYSTEM, at=NOON
        )
    assert refused.value.code == "case_elsewhere"
    late = opened(town, starts=TODAY + timedelta(days=1))
    early = opened(town, starts=TODAY - timedelta(days=9), ends=TODAY - timedelta(days=1))
    for programme in (late, early):
        with pytest.raises(Refused) as refused:
            attach_case(programme, case, actor=SYSTEM, at=NOON)
        assert refused.value.code == "out_of_season"


@pytest.mark.usefixtures("campaign")
def test_who_does_not_see_the_case_does_not_see_that_it_is_in_a_programme(town: Town, case: Case) -> None:
    attach_case(opened(town), case, actor=SYSTEM, at=NOON)
    for viewer, seen in [
        (town.county_officer, 1),
        (town.finder, 1),
        (town.stranger, 0),
        (town.foreign_keeper, 0),
    ]:
        with scope.use(viewer.scope):
            assert ProgrammeCase.objects.count() == seen


@pytest.mark.usefixtures("campaign")
def test_programmes_running_come_from_the_bodies_on_the_way_up(town: Town) -> None:
    near, far = opened(town), opened(town, organization=town.city, actor=town.city_officer)
    opened(town, organization=town.elsewhere, actor=town.city_officer)
    opened(town, name="去年", starts=date(2025, 1, 1), ends=date(2025, 1, 7))
    assert list(programmes_running(town.market.path, on=TODAY)) == [near, far]
    assert list(programmes_running(town.market.path, on=TODAY, kind="another")) == []
    assert programmes_under(town.city, kind="tidy_week").count() == 4
    assert programmes_under(town.county).count() == 2


@pytest.mark.usefixtures("campaign")
def test_programmes_follow_a_body_that_moves(town: Town) -> None:
    programme = opened(town, organization=town.market)
    move_organization(town.market, parent=town.elsewhere, actor=SYSTEM, at=NOON, reason="调整")
    assert programme_for(programme.pk).organization_path.startswith(town.elsewhere.path)


def test_no_such_programme(db: None) -> None:
    with pytest.raises(NotFound):
        programme_for(0)


def test_a_kind_is_declared_in_one_way_only(campaign: ProgrammeKind) -> None:
    assert declare(campaign.code, campaign.label) == kinds.programme_kind(campaign.code)
    assert kinds.programme_kinds() == [campaign]
    with pytest.raises(ValueError, match="declared differently"):
        declare(campaign.code, Text("别的", "another"))


def test_a_programme_may_name_its_fund() -> None:
    assert Programme._meta.get_field("fund").related_model is Fund


@pytest.mark.django_db(transaction=True)
def test_two_programmes_want_one_case_and_one_gets_it(campaign: ProgrammeKind) -> None:
    town = build_town()
    case = found(town).case
    programmes = [opened(town), opened(town, name=campaign.label.zh + "二")]
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def attach(programme: Programme) -> None:
        barrier.wait()
        try:
            attach_case(programme, case, actor=SYSTEM, at=NOON)
            outcomes.append("attached")
        except Conflict as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attach, args=(programme,)) for programme in programmes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["attached", "in_another_programme"]
    with scope.use(scope.EVERYTHING):
        assert LogEntry.objects.filter(action="found_item.attach").count() == 1

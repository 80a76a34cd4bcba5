"""One order, every matching site, and no end before the last of them."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lianxin.kernel import scope
from lianxin.kernel.cases.intake import submit
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.orgs.services import create_site
from lianxin.kernel.people.actors import SYSTEM, Actor
from lianxin.kernel.refusals import Invalid
from lianxin.safety.effects.sweeps import in_sample
from lianxin.safety.models import Sweep, SweepCheck
from lianxin.safety.queries.sweeps import checks_of, matching_sites, progress
from lianxin.safety.workflow.sweep import sweep as workflow
from tests.safety.conftest import (
    NOON,
    Cast,
    Walk,
    build_cast,
    code_of,
    fresh,
    later,
    photos,
    race,
    report,
    sees,
)


def order(cast: Cast, *, actor: Actor | None = None, **changes: Any) -> Case:
    """Look at every tank of the city; nobody is drawn for verification unless changed."""
    data = {
        "organization": cast.city.pk,
        "what": "检查铅封和手柄",
        "equipment_kind": "tank",
        "due_on": "2025-06-30",
        "sample_percent": 0,
        **changes,
    }
    return submit(workflow, actor=actor or cast.safety_officer, at=NOON, data=data, uploads={}).case


def checks(sweep: Case) -> list[Case]:
    """The checks in the order of their sites."""
    with scope.use(scope.EVERYTHING):
        return [check.case for check in SweepCheck.objects.filter(sweep=sweep.pk).order_by("site__path")]


def answer_none(cast: Cast, check: Case, actor: Actor) -> Case:
    """The site has looked and found nothing."""
    return perform(check, "answer_none", actor=actor, at=later(1), files=photos("searched"))


def found(check: Case, actor: Actor) -> Case:
    """The site has found one: the hazard report that this opens."""
    perform(check, "answer_found", actor=actor, at=later(1), found="手柄缺失", files=photos("searched"))
    with scope.use(scope.EVERYTHING):
        hazard = SweepCheck.objects.get(case=check).hazard
    assert hazard is not None
    return fresh(hazard)


@pytest.fixture
def sweep(cast: Cast) -> Case:
    """The order, just given."""
    return order(cast)


def test_order_reaches_every_matching_site(cast: Cast, sweep: Case) -> None:
    preview = matching_sites(cast.safety_officer, cast.city, equipment_kind="tank")
    assert preview == [cast.tank, cast.other_tank]
    assert [check.site for check in checks(sweep)] == preview
    assert [check.owner for check in checks(sweep)] == [cast.plant, cast.other_plant]
    assert all(str(check.due_at)[:10] == "2025-06-30" for check in checks(sweep))
    assert sees(cast.manager, checks(sweep)[0])
    assert not sees(cast.manager, checks(sweep)[1])


def test_order_by_industry_asks_each_plant_once(cast: Cast) -> None:
    with scope.act():
        create_site("二厂区", organization=cast.plant, actor=SYSTEM, at=NOON)
    sites = matching_sites(cast.safety_officer, cast.city, industry="C26")
    assert [site.kind for site in sites] == ["site"] * 3
    assert matching_sites(cast.safety_officer, cast.city, industry="C26", equipment_kind="tank") == [
        cast.tank,
        cast.other_tank,
    ]
    assert matching_sites(cast.safety_officer, cast.city, industry="C3") == []
    assert matching_sites(cast.safety_officer, cast.city) == []


def test_order_stays_within_the_territory(cast: Cast) -> None:
    assert len(checks(order(cast, actor=cast.county_officer, organization=cast.county.pk))) == 1
    beyond = lambda: order(cast, actor=cast.county_officer)  # noqa: E731
    assert code_of(beyond) == "wrong_role"
    look = lambda: matching_sites(cast.county_officer, cast.city, equipment_kind="tank")  # noqa: E731
    assert code_of(look) == "wrong_role"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"equipment_kind": ""}, "equipment_kind"),
        ({"due_on": "2025-06-01"}, "due_on"),
        ({"sample_percent": 101}, "sample_percent"),
        ({"source": "H25-000000-X"}, "source"),
        ({"what": ""}, "what"),
    ],
)
def test_order_names_each_fault(cast: Cast, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        order(cast, **changes)
    assert list(refused.value.faults) == [field]


def test_order_without_a_match_is_refused(cast: Cast) -> None:
    assert code_of(lambda: order(cast, equipment_kind="crane")) == "no_site_matches"
    with scope.use(scope.EVERYTHING):
        assert Case.objects.filter(kind="sweep").count() == 0


def test_order_names_the_report_it_came_from(cast: Cast) -> None:
    source = report(cast).case
    with scope.use(cast.safety_officer.scope):
        sweep = order(cast, source=source.number)
    with scope.use(scope.EVERYTHING):
        assert Sweep.objects.get(case=sweep).source == source


def test_sweep_closes_with_its_last_check(cast: Cast, sweep: Case) -> None:
    first, second = checks(sweep)
    answer_none(cast, first, cast.manager)
    assert (fresh(first).status, fresh(first).outcome, fresh(sweep).status) == (
        "closed",
        "none_found",
        "running",
    )
    answer_none(cast, second, cast.other_manager)
    assert (fresh(sweep).status, fresh(sweep).closed_at) == ("closed", later(1))
    with scope.use(scope.EVERYTHING):
        done = progress(Sweep.objects.get(case=sweep), at=NOON)
    assert (done.closed, done.none, done.rate) == (2, 2, 100.0)


def test_answer_needs_a_photo_of_the_search(cast: Cast, sweep: Case) -> None:
    check = checks(sweep)[0]
    assert code_of(lambda: perform(check, "answer_none", actor=cast.manager, at=NOON)) == "evidence_missing"
    assert code_of(lambda: answer_none(cast, check, cast.other_manager)) == "wrong_role"
    assert code_of(lambda: answer_none(cast, check, cast.manager)) == ""


def test_sampled_site_is_verified_by_somebody_else(cast: Cast) -> None:
    check = checks(order(cast, sample_percent=100))[0]
    answer_none(cast, check, cast.manager)
    assert (fresh(check).status, fresh(check).owner_role) == ("verifying", "safety_expert")
    perform(check, "reject", actor=cast.expert, at=later(2), reason="没有检查手柄")
    assert fresh(check).status == "checking"
    answer_none(cast, check, cast.manager)
    perform(check, "verify", actor=cast.expert, at=later(3), seen="已看", files=photos("on_site"))
    assert (fresh(check).status, fresh(check).outcome) == ("closed", "none_found")


def test_finding_waits_for_its_report(cast: Cast, sweep: Case) -> None:
    first, second = checks(sweep)
    hazard = found(first, cast.manager)
    assert (hazard.kind, hazard.parent, fresh(first).status) == ("hazard", first, "fixing")
    answer_none(cast, second, cast.other_manager)
    Walk(cast, hazard).to("verify")
    assert fresh(sweep).status == "running"
    perform(hazard, "close", actor=SYSTEM, at=later(20))
    assert (fresh(first).status, fresh(first).outcome, fresh(sweep).status) == ("closed", "fixed", "closed")
    with scope.use(scope.EVERYTHING):
        assert SweepCheck.objects.get(case=first).result == "fixed"


def test_finding_that_was_no_hazard_ends_the_check(cast: Cast, sweep: Case) -> None:
    check = checks(sweep)[0]
    hazard = found(check, cast.manager)
    perform(hazard, "decline", actor=cast.county_officer, at=later(2), reason="不构成隐患")
    assert (fresh(check).status, fresh(check).outcome) == ("closed", "not_a_hazard")


def test_finding_merged_waits_for_the_earlier_report(cast: Cast) -> None:
    earlier = report(cast, "手柄缺失").case
    check = checks(order(cast))[0]
    hazard = found(check, cast.manager)
    with scope.use(cast.county_officer.scope):
        perform(hazard, "merge", actor=cast.county_officer, at=later(2), into=earlier.number)
    assert fresh(check).status == "fixing"
    Walk(cast, earlier).to("verify")
    perform(earlier, "confirm", actor=cast.worker, at=later(3))
    assert (fresh(check).status, fresh(check).outcome) == ("closed", "fixed")


def test_withdraw_while_nobody_has_answered(cast: Cast, sweep: Case) -> None:
    perform(sweep, "withdraw", actor=cast.safety_officer, at=NOON, reason="重复下达")
    assert [check.status for check in map(fresh, checks(sweep))] == ["withdrawn", "withdrawn"]


def test_withdraw_is_refused_once_a_site_has_answered(cast: Cast, sweep: Case) -> None:
    answer_none(cast, checks(sweep)[0], cast.manager)
    cancel = lambda: perform(sweep, "withdraw", actor=cast.safety_officer, at=NOON, reason="重复")  # noqa: E731
    assert code_of(cancel) == "already_answered"


def test_checks_of_shows_each_viewer_their_own(cast: Cast, sweep: Case) -> None:
    def seen(viewer: Actor) -> int:
        with scope.use(viewer.scope):
            return len(checks_of(viewer, Sweep.objects.get(case=sweep)))

    assert [seen(cast.safety_officer), seen(cast.county_officer), seen(cast.manager)] == [2, 1, 1]


def test_sample_can_be_drawn_again_by_anyone() -> None:
    drawn = [site for site in range(1000) if in_sample("种子", site, 20)]
    assert drawn == [site for site in range(1000) if in_sample("种子", site, 20)]
    assert 150 < len(drawn) < 250
    assert not any(in_sample("种子", site, 0) for site in range(100))
    assert all(in_sample("种子", site, 100) for site in range(100))


def test_database_refuses_closing_a_sweep_before_its_checks(sweep: Case) -> None:
    with pytest.raises(IntegrityError, match="before its checks"), transaction.atomic(), scope.act():
        Case.objects.filter(pk=sweep.pk).update(status="closed")


def test_close_is_refused_while_a_check_is_open(sweep: Case) -> None:
    assert code_of(lambda: perform(sweep, "close", actor=SYSTEM, at=NOON)) == "checks_open"


@pytest.mark.django_db(transaction=True)
def test_last_two_checks_at_once_close_the_sweep() -> None:
    cast = build_cast()
    sweep = order(cast)
    first, second = checks(sweep)
    outcomes = race(
        [
            lambda: answer_none(cast, first, cast.manager),
            lambda: answer_none(cast, second, cast.other_manager),
        ]
    )
    assert outcomes == ["done", "done"]
    assert fresh(sweep).status == "closed"

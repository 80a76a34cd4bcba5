"""From the grading to the end, and every refusal on the way."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Act, Case, Reporter
from lianxin.kernel.cases.reporters import reporter_of_receipt
from lianxin.kernel.cases.services import perform
from lianxin.kernel.cases.waking import wake_due
from lianxin.kernel.clock import day_of
from lianxin.kernel.notices.models import Notice
from lianxin.kernel.people.actors import SYSTEM, receipt_holder
from lianxin.kernel.reference.services import set_parameter
from lianxin.kernel.refusals import Invalid
from lianxin.safety.models import Hazard, HazardReport, RectificationOrder
from lianxin.safety.roles import AUTHORITY
from lianxin.safety.services.registers import choose_method
from tests.safety.conftest import (
    NOON,
    ORDER,
    PLAN,
    Cast,
    Walk,
    build_cast,
    code_of,
    fresh,
    grades,
    holder,
    later,
    photos,
    race,
    report,
    sees,
)
from tests.safety.flows.conftest import MAJOR, detail


def test_grade_keeps_two_scales_for_each_hazard(cast: Cast) -> None:
    case = report(cast, "缺少跨步梯", "阀门缺铅封").case
    second = grades(2, likelihood="1", exposure="0.5", consequence="15", hazard_class="210000")
    Walk(cast, case).to("grade", own_duty="inside", **grades(), **second)
    with scope.use(scope.EVERYTHING):
        graded = list(Hazard.objects.filter(report_id=case.pk))
    assert [(str(one.score.normalize()), one.risk_grade) for one in graded if one.score] == [
        ("252", "larger"),
        ("7.5", "low"),
    ]
    assert (detail(case).risk_grade, detail(case).law_grade, detail(case).own_duty) == (
        "larger",
        "general",
        "inside",
    )


def test_grade_follows_the_method_of_the_enterprise(cast: Cast, case: Case, walk: Walk) -> None:
    choose_method(cast.plant, method="ls_b", actor=cast.manager, at=NOON)
    answers = grades(likelihood="4", consequence="3")
    del answers["exposure_1"]
    walk.take("accept")
    perform(case, "grade", actor=cast.expert, at=NOON, own_duty="inside", **answers)
    with scope.use(scope.EVERYTHING):
        hazard = Hazard.objects.get(report_id=case.pk)
    assert (hazard.method, hazard.score, hazard.risk_grade) == ("ls_b", Decimal(12), "general")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"law_grade_1": ""}, "law_grade_1"),
        ({"law_grade_1": "major"}, "clause_1"),
        ({"likelihood_1": "7"}, "likelihood_1"),
        ({"exposure_1": ""}, "exposure_1"),
        ({"accident_type_1": "2025-10"}, "accident_type_1"),
        ({"accident_type_1": "99"}, "accident_type_1"),
        ({"own_duty": ""}, "own_duty"),
        ({"unfounded_1": "on", "remark_1": ""}, "remark_1"),
        ({"unfounded_1": "on", "remark_1": "看过，没有"}, "unfounded_1"),
    ],
)
def test_grade_asks_for_everything(case: Case, walk: Walk, changes: dict[str, str], field: str) -> None:
    walk.take("accept")
    with pytest.raises(Invalid) as refused:
        walk.take("grade", **changes)
    assert field in refused.value.faults
    assert fresh(case).status == "accepted"


def test_grade_uses_the_dictionary_of_the_day(cast: Cast, case: Case) -> None:
    year_end = NOON.replace(year=2026, month=8)
    both = grades(accident_type="2025-10")
    perform(case, "accept", actor=cast.county_officer, at=year_end)
    perform(case, "grade", actor=cast.expert, at=year_end, own_duty="outside", **both)
    assert fresh(case).status == "graded"


def test_grade_sets_an_unfounded_hazard_aside(cast: Cast) -> None:
    case = report(cast, "真隐患", "不是隐患").case
    Walk(cast, case).to("grade", own_duty="outside", **grades(), unfounded_2="on", remark_2="现场正常")
    with scope.use(scope.EVERYTHING):
        assert list(Hazard.objects.filter(report_id=case.pk).values_list("unfounded", flat=True)) == [
            False,
            True,
        ]
    assert detail(case).risk_grade == "larger"


def test_grade_is_not_for_the_reporter(cast: Cast) -> None:
    case = report(cast, actor=cast.expert).case
    walk = Walk(cast, case)
    walk.take("accept")
    assert code_of(lambda: walk.take("grade")) == "same_person"
    assert code_of(lambda: walk.take("grade", actor=cast.second_expert)) == ""


def test_grade_is_not_for_a_confidential_reporter_either(cast: Cast) -> None:
    case = report(cast, actor=cast.expert, mode="confidential").case
    walk = Walk(cast, case)
    walk.take("accept")
    assert code_of(lambda: walk.take("grade")) == "same_person"


def test_major_hazard_advises_to_stop_and_tells_everybody_at_once(cast: Cast, case: Case, walk: Walk) -> None:
    authority = holder("监管联系人", (AUTHORITY, cast.office))
    assert not sees(cast.manager, case)
    walk.to("grade", own_duty="outside", **MAJOR)
    assert detail(case).stop_work_advised
    assert fresh(case).disclosed_at == NOON
    assert sees(cast.manager, case)
    with scope.use(scope.EVERYTHING):
        told = list(Notice.objects.filter(case=case, kind="announced").values_list("role", flat=True))
    assert sorted(told) == ["safety_authority", "safety_office", "site_manager", "union_officer"]
    assert authority.person is not None


def test_general_hazard_is_not_shown_to_the_enterprise_before_the_order(
    cast: Cast, case: Case, walk: Walk
) -> None:
    walk.to("grade")
    assert not sees(cast.manager, case)
    walk.take("order")
    assert sees(cast.manager, case)
    with scope.use(cast.manager.scope):
        assert list(Reporter.objects.all()) == []


def test_order_sets_the_deadline_by_its_time_limit(case: Case, walk: Walk) -> None:
    ordered = walk.to("order")
    assert ordered.due_at is not None
    assert str(day_of(ordered.due_at)) == ORDER["due_on"]
    with scope.use(scope.EVERYTHING):
        assert RectificationOrder.objects.get(case=case).money_fen == 300_000


@pytest.mark.parametrize("missing", ["responsible", "measures", "money", "due_on", "contingency"])
def test_order_needs_five_elements(walk: Walk, missing: str) -> None:
    walk.to("grade")
    with pytest.raises(Invalid) as refused:
        walk.take("order", **{missing: ""})
    assert list(refused.value.faults) == [missing]


@pytest.mark.parametrize("missing", ["", *PLAN])
def test_order_for_a_major_hazard_needs_the_plan(case: Case, walk: Walk, missing: str) -> None:
    walk.to("grade", own_duty="outside", **MAJOR)
    plan = {**PLAN, missing: ""} if missing else PLAN
    outcome = code_of(lambda: walk.take("order", **plan))
    assert outcome == ("invalid" if missing else "")
    assert fresh(case).status == ("graded" if missing else "rectifying")


@pytest.mark.parametrize(
    ("money", "due"), [("-1", "2025-07-31"), ("一百", "2025-07-31"), ("3000", "2025-06-01")]
)
def test_order_refuses_a_false_amount_or_a_past_day(walk: Walk, money: str, due: str) -> None:
    walk.to("grade")
    assert code_of(lambda: walk.take("order", money=money, due_on=due)) == "invalid"


@pytest.mark.parametrize("evidence", [(), ("before",), ("after",)])
def test_rectify_needs_both_photos(case: Case, walk: Walk, evidence: tuple[str, ...]) -> None:
    walk.to("order")
    assert code_of(lambda: walk.take("rectify", files=photos(*evidence))) == "evidence_missing"
    assert fresh(case).status == "rectifying"
    assert code_of(lambda: walk.take("rectify")) == ""


def test_verify_needs_a_photo_from_the_site(walk: Walk) -> None:
    walk.to("rectify")
    assert code_of(lambda: walk.take("verify", files={})) == "evidence_missing"


def test_verify_is_not_for_who_repaired(cast: Cast, walk: Walk) -> None:
    both = holder("身兼两职", *[(kind, place) for kind, place in two_offices(cast)])
    walk.to("rectify", actor=both)
    assert code_of(lambda: walk.take("verify", actor=both)) == "same_person"
    assert code_of(lambda: walk.take("verify")) == ""


def test_reject_sends_it_back_and_another_proof_is_needed(cast: Cast, case: Case, walk: Walk) -> None:
    walk.to("rectify")
    perform(case, "reject", actor=cast.expert, at=NOON, reason="仍缺扶手")
    assert (fresh(case).status, detail(case).rectified_at) == ("rectifying", None)
    walk.take("rectify")
    walk.take("verify")
    assert fresh(case).status == "verified"


def test_object_opens_the_repair_again_within_the_window(cast: Cast, case: Case, walk: Walk) -> None:
    walk.to("verify")
    late = later(7) + timedelta(hours=13)
    assert code_of(lambda: perform(case, "object", actor=cast.worker, at=late, reason="没改")) == "too_late"
    perform(case, "object", actor=cast.worker, at=later(7), reason="没改")
    assert (fresh(case).status, detail(case).verified_at) == ("rectifying", None)


def test_object_by_receipt_without_being_known(cast: Cast) -> None:
    opened = report(cast, mode="anonymous")
    Walk(cast, opened.case).to("verify")
    assert opened.receipt is not None
    found = reporter_of_receipt(opened.receipt).case
    perform(found, "object", actor=receipt_holder(found.pk), at=later(1), reason="没改")
    with scope.use(scope.EVERYTHING):
        act = Act.objects.filter(case=found).latest("pk")
    assert (act.actor, act.person) == ("reporter", None)


def test_object_is_for_the_reporter_of_this_case(cast: Cast, case: Case, walk: Walk) -> None:
    other = report(cast, "别的", mode="anonymous").case
    walk.to("verify")
    stranger = receipt_holder(other.pk)
    assert code_of(lambda: perform(case, "object", actor=stranger, at=NOON, reason="没改")) == "wrong_role"


def test_window_follows_the_region(cast: Cast, case: Case, walk: Walk) -> None:
    set_parameter(
        "window.hazard.verified",
        region=cast.city.region,
        value={"amount": 3, "unit": "days"},
        valid_from=day_of(NOON),
        source="测试规则",
        actor=SYSTEM,
        at=NOON,
    )
    walk.to("verify")
    assert (
        code_of(lambda: perform(case, "object", actor=cast.worker, at=later(5), reason="没改")) == "too_late"
    )
    assert wake_due(at=later(4)) == 1
    assert fresh(case).status == "closed"


def test_extend_is_granted_one_level_up(cast: Cast, case: Case, walk: Walk) -> None:
    due = walk.to("order").due_at
    perform(case, "ask_extension", actor=cast.manager, at=NOON, reason="缺备件")
    assert (fresh(case).due_at, fresh(case).owner) == (due, cast.plant)
    asked: dict[str, Any] = {"at": later(1), "days": 20, "reason": "备件未到"}
    assert code_of(lambda: perform(case, "extend", actor=cast.manager, **asked)) == "wrong_role"
    perform(case, "extend", actor=cast.county_officer, **asked)
    extended = fresh(case)
    assert due is not None
    assert extended.due_at == due + timedelta(days=20)
    assert (extended.status, extended.owner) == ("rectifying", cast.plant)


def test_asking_for_more_time_does_not_stop_the_climb(cast: Cast, case: Case, walk: Walk) -> None:
    due = walk.to("order").due_at
    assert due is not None
    late = due + timedelta(hours=1)
    assert wake_due(at=late) == 1
    before = fresh(case)
    assert (before.escalation, before.supervisor) == (1, cast.county)
    for _ in range(3):
        perform(case, "ask_extension", actor=cast.manager, at=late, reason="缺备件")
    asked = fresh(case)
    assert (asked.escalation, asked.supervisor, asked.due_at) == (1, cast.county, due)
    assert (asked.entered_at, asked.wake_at) == (before.entered_at, before.wake_at)
    assert wake_due(at=late) == 0
    assert asked.wake_at is not None
    assert wake_due(at=asked.wake_at) == 1
    assert (fresh(case).escalation, fresh(case).supervisor) == (2, cast.city)
    # More time that is granted does end it.
    perform(case, "extend", actor=cast.county_officer, at=late, days=20, reason="备件未到")
    granted = fresh(case)
    assert (granted.escalation, granted.supervisor) == (0, None)
    assert granted.wake_at == granted.due_at == due + timedelta(days=20)


def test_extend_at_the_desk_of_the_city_needs_the_province(cast: Cast, case: Case, walk: Walk) -> None:
    walk.to("accept")
    asked: dict[str, Any] = {"at": NOON, "days": 5, "reason": "专家出差"}
    assert code_of(lambda: perform(case, "extend", actor=cast.city_officer, **asked)) == "not_one_level_up"
    assert code_of(lambda: perform(case, "extend", actor=cast.province_officer, **asked)) == ""


def test_extend_adds_up_to_the_limit(cast: Cast, case: Case, walk: Walk) -> None:
    walk.to("order")

    def extend(days: int) -> str:
        return code_of(
            lambda: perform(case, "extend", actor=cast.county_officer, at=NOON, days=days, reason="缺备件")
        )

    assert [extend(31), extend(20), extend(11), extend(10), extend(1)] == [
        "invalid",
        "",
        "invalid",
        "",
        "invalid",
    ]
    assert detail(case).extension_days == 30


@pytest.mark.parametrize("stage", ["", "accept", "grade"])
def test_withdraw_while_it_is_early_and_general(cast: Cast, case: Case, walk: Walk, stage: str) -> None:
    if stage:
        walk.to(stage)
    perform(case, "withdraw", actor=cast.worker, at=NOON)
    assert fresh(case).status == "withdrawn"


def test_withdraw_is_refused_for_a_major_hazard(cast: Cast, case: Case, walk: Walk) -> None:
    walk.to("grade", own_duty="outside", **MAJOR)
    assert code_of(lambda: perform(case, "withdraw", actor=cast.worker, at=NOON)) == "major_stays"


def test_withdraw_is_refused_once_ordered(cast: Cast, case: Case, walk: Walk) -> None:
    walk.to("order")
    assert code_of(lambda: perform(case, "withdraw", actor=cast.worker, at=NOON)) == "out_of_turn"


def test_reopen_is_for_the_city(cast: Cast, case: Case, walk: Walk) -> None:
    walk.to("verify")
    perform(case, "confirm", actor=cast.worker, at=NOON)
    reopen: dict[str, Any] = {"at": later(30), "reason": "又坏了"}
    assert code_of(lambda: perform(case, "reopen", actor=cast.county_officer, **reopen)) == "not_city_level"
    perform(case, "reopen", actor=cast.city_officer, **reopen)
    again = fresh(case)
    assert (again.status, again.closed_at, again.owner) == ("rectifying", None, cast.plant)


@pytest.mark.parametrize("step", ["grade", "order", "rectify", "verify"])
def test_no_step_can_be_skipped(walk: Walk, step: str) -> None:
    assert code_of(lambda: walk.take(step)) in {"out_of_turn", "wrong_role"}


def test_accept_is_not_for_another_county(cast: Cast, case: Case, walk: Walk) -> None:
    assert code_of(lambda: walk.take("accept", actor=cast.foreign_officer)) == "wrong_role"
    assert not sees(cast.foreign_officer, case)
    assert sees(cast.county_officer, case)
    assert code_of(lambda: walk.take("accept")) == ""


def test_overdue_case_climbs(cast: Cast, case: Case) -> None:
    assert wake_due(at=later(10)) == 1
    assert (fresh(case).escalation, fresh(case).supervisor) == (1, cast.city)


def test_database_refuses_closing_without_proof(case: Case, walk: Walk) -> None:
    walk.to("accept")
    with pytest.raises(IntegrityError, match="without verified evidence"), transaction.atomic(), scope.act():
        Case.objects.filter(pk=case.pk).update(status="closed")


def test_database_refuses_a_score_that_is_no_product(case: Case, walk: Walk) -> None:
    walk.to("grade")
    with (
        pytest.raises(IntegrityError, match="safety_score_is_the_product"),
        transaction.atomic(),
        scope.act(),
    ):
        Hazard.objects.filter(report_id=case.pk).update(score=1)


def test_database_refuses_a_changed_order(case: Case, walk: Walk) -> None:
    walk.to("order")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), scope.act():
        RectificationOrder.objects.filter(case=case).update(measures="")


def test_facts_are_hidden_from_another_county(cast: Cast, case: Case) -> None:
    with scope.use(cast.county_officer.scope):
        assert HazardReport.objects.count() == Hazard.objects.count() == 1
    with scope.use(cast.foreign_officer.scope):
        assert HazardReport.objects.count() == Hazard.objects.count() == 0
    assert case.pk


@pytest.mark.django_db(transaction=True)
def test_verify_twice_at_once_has_one_winner() -> None:
    cast = build_cast()
    walk = Walk(cast, report(cast).case)
    walk.to("rectify")
    experts = (cast.expert, cast.second_expert)
    outcomes = race([partial(walk.take, "verify", actor=expert) for expert in experts])
    assert outcomes == ["done", "out_of_turn"]
    with scope.use(scope.EVERYTHING):
        assert Act.objects.filter(case=walk.case, step="verify").count() == 1


@pytest.mark.django_db(transaction=True)
def test_object_and_close_at_once_has_one_winner() -> None:
    cast = build_cast()
    walk = Walk(cast, report(cast).case)
    walk.to("verify")
    moment = later(7).replace(hour=23, minute=59, second=59)
    outcomes = race(
        [
            lambda: perform(walk.case, "object", actor=cast.worker, at=moment, reason="没改"),
            lambda: perform(walk.case, "close", actor=SYSTEM, at=moment),
        ]
    )
    assert outcomes == ["done", "out_of_turn"]
    connection.close()


def two_offices(cast: Cast) -> list[Any]:
    """Somebody who runs the site and is an expert as well."""
    from lianxin.kernel.people.roles import SITE_MANAGER
    from lianxin.safety.roles import SAFETY_EXPERT

    return [(SITE_MANAGER, cast.plant), (SAFETY_EXPERT, cast.office)]

"""Accidents, second looks, reprisals, methods; figures and checks over them."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.cases.intake import submit
from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.cases.services import perform
from lianxin.kernel.metrics import totals
from lianxin.kernel.metrics.periods import year
from lianxin.kernel.metrics.registry import metric_of
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import SYSTEM, Actor
from lianxin.kernel.reference.loading import BadData
from lianxin.kernel.reference.models import Parameter, Term
from lianxin.safety.auditing import closed_with_proof
from lianxin.safety.loading import load_rewards, load_safety
from lianxin.safety.models import Accident, Recheck, Reprisal, RewardRule, SafetyProfile
from lianxin.safety.services.registers import choose_method, draw_rechecks, drawn_by, record_accident
from lianxin.safety.workflow.reprisal import workflow as reprisal
from tests.safety.conftest import NOON, Cast, Walk, code_of, fresh, later, photos, report, sees


def figure(id: str, slice: str | None = None) -> Any:  # noqa: A002 - the words of the figures
    """A figure of the year, counted from rows."""
    with scope.use(scope.EVERYTHING):
        return totals.recount(metric_of(id), year(2025), slice=slice)


def closed(cast: Cast, *texts: str) -> Case:
    """A report that has run its whole way."""
    case = report(cast, *texts).case
    Walk(cast, case).to("verify")
    perform(case, "confirm", actor=cast.worker, at=NOON)
    return fresh(case)


def test_no_accident_is_a_count_and_not_a_sentence(cast: Cast) -> None:
    assert figure("safety.accidents") == 0
    accident = record_accident(
        cast.plant, day=date(2025, 6, 1), injured=12, loss=Money.yuan(5), actor=cast.safety_officer, at=NOON
    )
    assert (accident.grade, figure("safety.accidents"), figure("safety.accidents", "larger")) == (
        "larger",
        1,
        1,
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"day": date(2025, 6, 10)}, "day_ahead"),
        ({"deaths": -1}, "count_invalid"),
        ({"loss": Money(-1)}, "count_invalid"),
        ({}, ""),
    ],
)
def test_record_accident_checks(cast: Cast, changes: dict[str, Any], code: str) -> None:
    given: dict[str, Any] = {"day": date(2025, 6, 9), "actor": cast.safety_officer, "at": NOON, **changes}
    assert code_of(lambda: record_accident(cast.plant, **given)) == code


@pytest.mark.parametrize("who", ["manager", "county_officer", "worker"])
def test_record_accident_is_for_the_office(cast: Cast, who: str) -> None:
    def record(actor: Actor) -> Accident:
        return record_accident(cast.plant, day=NOON.date(), actor=actor, at=NOON)

    assert code_of(lambda: record(getattr(cast, who))) == "wrong_role"
    assert code_of(lambda: record(cast.safety_officer)) == ""


def test_accident_is_seen_by_the_line_and_the_site(cast: Cast) -> None:
    record_accident(cast.plant, day=NOON.date(), actor=cast.safety_officer, at=NOON)

    def seen(name: str) -> int:
        with scope.use(getattr(cast, name).scope):
            return Accident.objects.count()

    assert [seen(name) for name in ("city_officer", "manager", "other_manager", "foreign_officer")] == [
        1,
        1,
        0,
        0,
    ]


def draw(cast: Cast, count: int, seed: str = "2025-06") -> list[Case]:
    """The office draws among what was closed this month."""
    since = NOON - timedelta(days=1)
    return draw_rechecks(
        cast.city, count=count, seed=seed, since=since, actor=cast.safety_officer, at=later(1)
    )


def test_draw_rechecks_can_be_repeated_by_anyone(cast: Cast) -> None:
    numbers = [closed(cast, f"第{n}处").number for n in range(4)]
    report(cast, "还没办完")
    drawn = draw(cast, 2)
    with scope.use(scope.EVERYTHING):
        checked = [Recheck.objects.get(case=case).checked.number for case in drawn]
    assert checked == sorted(numbers, key=lambda number: drawn_by("2025-06", number))[:2]
    assert len(draw(cast, 10)) == 2
    assert draw(cast, 10) == []


def test_draw_rechecks_is_for_the_office(cast: Cast) -> None:
    closed(cast)

    def ask(actor: Actor, seed: str) -> list[Case]:
        return draw_rechecks(cast.city, count=1, seed=seed, since=NOON, actor=actor, at=NOON)

    assert code_of(lambda: ask(cast.city_officer, "甲")) == "wrong_role"
    assert code_of(lambda: ask(cast.safety_officer, " ")) == "draw_invalid"
    assert code_of(lambda: ask(cast.safety_officer, "甲")) == ""


@pytest.mark.parametrize(("step", "held", "rate"), [("hold", True, 100), ("relapse", False, 0)])
def test_recheck_is_published_by_a_third_person(cast: Cast, step: str, *, held: bool, rate: int) -> None:
    closed(cast)
    check = draw(cast, 1)[0]
    seen: dict[str, Any] = {"at": later(2), "seen": "现场已看", "files": photos("on_site")}
    assert code_of(lambda: perform(check, step, actor=cast.expert, **seen)) == "same_person"
    perform(check, step, actor=cast.second_expert, **seen)
    with scope.use(scope.EVERYTHING):
        recheck = Recheck.objects.get(case=check)
    assert (recheck.held, recheck.published_at) == (held, later(2))
    assert figure("hazard.recheck_rate") == Decimal(rate)


def test_reprisal_is_hidden_from_the_enterprise_and_its_line(cast: Cast) -> None:
    data = {"organization": cast.plant.pk, "what": "被调离岗位"}
    case = submit(reprisal, actor=cast.worker, at=NOON, data=data, uploads={}).case
    with scope.use(scope.EVERYTHING):
        assert Reporter.objects.get(case=case).mode == "confidential"
        assert Reprisal.objects.get(case=case).enterprise == cast.plant
    assert (case.organization, case.owner, sees(cast.manager, case)) == (cast.county, cast.county, False)
    perform(case, "investigate", actor=cast.county_officer, at=NOON, reason="属实", upheld=True)
    perform(case, "answer", actor=cast.county_officer, at=NOON, reason="已恢复原岗位")
    perform(case, "object", actor=cast.worker, at=later(1), reason="没有恢复")
    assert fresh(case).status == "submitted"
    perform(case, "investigate", actor=cast.county_officer, at=later(2), reason="已核实", upheld=True)
    perform(case, "answer", actor=cast.county_officer, at=later(2), reason="今日恢复")
    perform(case, "close", actor=SYSTEM, at=later(12))
    assert fresh(case).status == "closed"


def test_choose_method(cast: Cast) -> None:
    assert (
        code_of(lambda: choose_method(cast.plant, method="x", actor=cast.manager, at=NOON))
        == "method_unknown"
    )
    assert (
        code_of(lambda: choose_method(cast.plant, method="lec", actor=cast.worker, at=NOON)) == "wrong_role"
    )
    choose_method(cast.plant, method="ls_a", actor=cast.manager, at=NOON)
    choose_method(cast.plant, method="ls_b", actor=cast.safety_officer, at=NOON)
    assert list(SafetyProfile.objects.values_list("method", flat=True)) == ["ls_b"]


def test_figures_of_a_walked_report(cast: Cast) -> None:
    closed(cast)
    report(cast, "还没办")
    again = report(cast, "没改好").case
    Walk(cast, again).to("verify")
    perform(again, "object", actor=cast.worker, at=NOON, reason="没改")
    assert figure("hazard.reports.received") == 3
    assert figure("hazard.reports.received", "larger") == 2
    assert figure("hazard.objection_rate") == Decimal(50)
    assert figure("hazard.overdue_rate") == Decimal(0)
    assert figure("hazard.reports.awarded") == 0


def test_verification_finds_a_report_closed_without_proof(cast: Cast) -> None:
    proven = closed(cast)
    forged = report(cast, "伪造").case
    with scope.use(scope.EVERYTHING):
        assert list(closed_with_proof()) == []
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE cases_case DISABLE TRIGGER USER")
            cursor.execute("UPDATE cases_case SET status = 'closed' WHERE id = %s", [forged.pk])
            cursor.execute("ALTER TABLE cases_case ENABLE TRIGGER USER")
        assert [finding.where for finding in closed_with_proof()] == [forged.number]
    assert proven.number != forged.number


def test_load_safety_twice_changes_nothing(cast: Cast) -> None:
    def rows() -> tuple[int, ...]:
        return Term.objects.count(), Parameter.objects.count(), RewardRule.objects.count()

    before = rows()
    load_safety()
    assert rows() == before
    assert before[2] == 10
    assert cast.city.region_id == "210800"


def test_data_says_what_is_not_verified(cast: Cast) -> None:
    unverified = set(Term.objects.filter(verified=False).values_list("scheme", flat=True))
    assert unverified >= {"GB 6441-2025", "GB/T 13861-2022", "generic"}
    assert not RewardRule.objects.filter(regime="union_fund", verified=True).exists()
    assert RewardRule.objects.filter(regime="authority", verified=True).count() == 5
    assert cast.city.pk


def test_load_rewards_refuses_a_row_without_source(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "scale.toml").write_text(
        '[[rules]]\nregime = "company"\nbasis = "grade"\nvalid_from = 2025-01-01\n'
    )
    with pytest.raises(BadData, match="mark"):
        load_rewards(tmp_path)
    assert cast.city.pk


def test_database_refuses_a_rule_that_is_amount_and_share(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="amount_or_share"), transaction.atomic():
        RewardRule.objects.create(
            regime="company", basis="grade", amount_fen=1, percent=5, valid_from=NOON.date(), source="测试"
        )
    assert cast.city.pk

"""The passing of time: holidays, working Saturdays, the last minute, and a case that cannot be woken."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.cases.waking import AGAIN, escalate, wake_due
from lianxin.kernel.clock import CHINA
from lianxin.kernel.refusals import Conflict, NotAllowed, Refused
from tests.example_app.workflow import S
from tests.kernel.audit.conftest import as_owner, execute
from tests.kernel.cases.conftest import NOON, Town, build_town, found


def fresh(case: Case) -> Case:
    with scope.use(scope.EVERYTHING):
        return Case.objects.select_related("supervisor", "owner").get(pk=case.pk)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


# In 2026 the Spring Festival runs from 15 to 23 February; Saturdays 14 and 28 are worked.
@pytest.mark.parametrize(
    ("opened", "due"),
    [
        ("2026-02-13T16:00", "2026-02-14"),
        ("2026-02-14T16:00", "2026-02-24"),
        ("2026-02-20T10:00", "2026-02-24"),
        ("2026-02-27T10:00", "2026-02-28"),
        ("2026-02-28T10:00", "2026-03-02"),
    ],
)
def test_case_is_due_on_a_working_day_and_climbs_after_it(town: Town, opened: str, due: str) -> None:
    case = found(town, at=moment(opened)).case
    assert case.due_at is not None
    assert case.due_at.astimezone(CHINA).date().isoformat() == due
    before = case.due_at - timedelta(microseconds=1)
    assert (wake_due(at=before), fresh(case).escalation) == (0, 0)
    assert (wake_due(at=case.due_at), fresh(case).escalation) == (1, 1)


def test_case_climbs_no_further_while_everybody_is_on_holiday(town: Town) -> None:
    case = found(town, at=moment("2026-02-12T09:00")).case
    assert wake_due(at=moment("2026-02-14T08:00")) == 1
    climbed = fresh(case)
    assert (climbed.escalation, climbed.supervisor) == (1, town.city)
    # Three working days after Saturday 14 February end on Thursday 26.
    assert climbed.wake_at is not None
    assert climbed.wake_at.astimezone(CHINA).date().isoformat() == "2026-02-26"
    assert [wake_due(at=moment(f"2026-02-{day}T12:00")) for day in (16, 20, 25)] == [0, 0, 0]
    assert wake_due(at=climbed.wake_at) == 1
    assert fresh(case).escalation == 2


# --- The last minute ---------------------------------------------------------------------------------------------


def test_reporter_may_act_until_the_very_end_of_the_window(town: Town) -> None:
    end = moment("2026-02-19T23:59:59")
    first, second = found(town).case, found(town).case
    assert perform(first, "withdraw", actor=town.finder, at=end).status == S.DISPOSED
    with pytest.raises(NotAllowed) as refused:
        perform(second, "withdraw", actor=town.finder, at=end + timedelta(microseconds=1))
    assert refused.value.code == "too_late"


@pytest.mark.django_db(transaction=True)
def test_person_and_time_meet_at_the_last_minute_and_one_of_them_moves_the_case() -> None:
    town = build_town()
    for _ in range(6):
        case = found(town).case
        perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
        ripe = fresh(case).wake_at
        assert ripe is not None
        outcomes = at_once(
            partial(perform, case, "claim", actor=town.keeper, at=ripe, proof_of_ownership="伞柄刻字"),
            partial(wake_due, at=ripe),
        )
        stands = fresh(case)
        assert (stands.status, outcomes) in [
            (S.CLAIMED, ["done", "done"]),
            (S.DISPOSED, ["done", "out_of_turn"]),
        ]
        with scope.use(scope.EVERYTHING):
            assert stands.acts.count() == 3


def at_once(*deeds: Callable[[], object]) -> list[str]:
    outcomes: list[str] = []
    start = threading.Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> None:
        start.wait()
        try:
            deed()
            outcomes.append("done")
        except Conflict as conflict:
            outcomes.append(conflict.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


# --- One that cannot be woken ------------------------------------------------------------------------------------


def test_case_that_cannot_be_woken_holds_up_no_other(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    broken, other = found(town).case, found(town).case
    late = NOON + timedelta(days=3)
    # Its app was taken off the installation.
    with scope.use(scope.EVERYTHING), as_owner("cases_case"):
        execute("UPDATE cases_case SET kind = 'gone' WHERE id = %s", broken.pk)
    with caplog.at_level(logging.ERROR):
        assert wake_due(at=late) == 1
    assert fresh(other).escalation == 1
    assert fresh(broken).wake_at == late + AGAIN
    [told] = [record.getMessage() for record in caplog.records if "cannot be woken" in record.getMessage()]
    assert (broken.number in told, broken.title in told) == (True, False)
    assert wake_due(at=late + timedelta(minutes=1)) == 0
    with scope.use(scope.EVERYTHING), as_owner("cases_case"):
        execute("UPDATE cases_case SET kind = 'found_item' WHERE id = %s", broken.pk)
    assert wake_due(at=late + AGAIN) == 1
    assert fresh(broken).escalation == 1


def test_step_that_moves_on_ends_the_climb(town: Town) -> None:
    case = escalate(found(town).case, at=NOON + timedelta(days=3))
    assert case.escalation == 1
    kept = perform(case, "keep", actor=town.keeper, at=NOON + timedelta(days=3), shelf="A-3")
    assert (kept.escalation, kept.supervisor) == (0, None)


def test_refusal_tells_who_may_instead(town: Town) -> None:
    case = found(town).case
    with pytest.raises(Refused) as refused:
        perform(case, "keep", actor=town.county_officer, at=NOON, shelf="A")
    assert "驿站管理员" in refused.value.message.zh
    assert "station keeper" in refused.value.message.en

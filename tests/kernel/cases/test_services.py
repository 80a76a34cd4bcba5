"""Opening and performing: what works, and each refusal on the same set-up."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.cases.models import Act, Case, Duty, Reporter
from lianxin.kernel.cases.services import OPEN, perform
from lianxin.kernel.cases.waking import escalate, wake_due
from lianxin.kernel.clock import day_of
from lianxin.kernel.people.actors import NOBODY, SYSTEM, Actor, receipt_holder
from lianxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused
from tests.example_app.models import FoundItem
from tests.example_app.workflow import S
from tests.kernel.cases.conftest import NOON, PICTURE, Town, build_town, found

EVIDENCE = {"handover": [PICTURE]}


def kept(town: Town, case: Case) -> Case:
    """The case with the thing on the shelf."""
    return perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")


def claimed(town: Town, case: Case) -> Case:
    """The case with somebody who says it is theirs."""
    return perform(kept(town, case), "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")


def entries(case: Case) -> list[LogEntry]:
    return list(LogEntry.objects.filter(stream=f"case:{case.pk}").order_by("seq"))


def test_open_writes_case_detail_history_and_log(town: Town) -> None:
    opened = found(town)
    with scope.use(scope.EVERYTHING):
        case = Case.objects.get(pk=opened.case.pk)
        assert (case.status, case.owner, case.owner_role) == (S.FOUND, town.county, "station_keeper")
        assert case.due_at is not None
        assert day_of(case.due_at).isoformat() == "2026-02-13"
        assert FoundItem.objects.get(case=case).what == "雨伞"
        assert [act.step for act in Act.objects.filter(case=case)] == [OPEN]
        assert [entry.action for entry in entries(case)] == ["found_item.open"]
    assert opened.receipt is None
    assert opened.created


def test_open_with_the_same_client_token_opens_one_case(town: Town) -> None:
    token = uuid.uuid4()
    first = found(town, client_token=token)
    second = found(town, client_token=token)
    assert (second.case.pk, second.created) == (first.case.pk, False)


def test_open_anonymously_keeps_nobody(town: Town) -> None:
    opened = found(town, actor=NOBODY, mode="anonymous")
    with scope.use(scope.EVERYTHING):
        row = Reporter.objects.get(case=opened.case)
        assert (row.person, row.person_key, row.sealed) == (None, "", None)
        assert entries(opened.case)[0].actor == "anonymous"
    assert opened.receipt is not None
    assert len(opened.receipt.replace("-", "")) == 20


def test_open_anonymously_while_signed_in_leaves_no_trace_of_the_person(town: Town) -> None:
    opened = found(town, mode="anonymous")
    with scope.use(scope.EVERYTHING):
        assert Reporter.objects.get(case=opened.case).person_key == ""
        assert not Duty.objects.filter(chain=opened.case).exists()
        assert entries(opened.case)[0].actor == "anonymous"


def test_open_confidentially_names_the_reporter_nowhere(town: Town) -> None:
    opened = found(town, mode="confidential")
    with scope.use(scope.EVERYTHING):
        row = Reporter.objects.get(case=opened.case)
        assert row.person is None
        assert row.sealed is not None
        assert entries(opened.case)[0].actor == "reporter"
        assert Act.objects.get(case=opened.case).person is None


def test_open_under_a_name_needs_one(town: Town) -> None:
    with pytest.raises(NotAllowed) as refusal:
        found(town, actor=NOBODY)
    assert refusal.value.code == "sign_in_first"


def test_keep_moves_the_case_and_tells_the_log(town: Town, case: Case) -> None:
    after = kept(town, case)
    assert (after.status, after.owner_role) == (S.KEPT, "system")
    with scope.use(scope.EVERYTHING):
        assert FoundItem.objects.get(case=case).shelf == "A-3"
        entry = entries(case)[-1]
        assert (entry.seq, entry.action, entry.actor) == (
            2,
            "found_item.keep",
            f"person:{town.keeper.person and town.keeper.person.pk}",
        )
        assert "A-3" not in entry.body


def test_keep_refused_for_the_wrong_role(town: Town, case: Case) -> None:
    with pytest.raises(NotAllowed) as refusal:
        perform(case, "keep", actor=town.county_officer, at=NOON, shelf="A-3")
    assert refusal.value.code == "wrong_role"


def test_keep_refused_for_the_same_office_of_another_county(town: Town, case: Case) -> None:
    with pytest.raises(NotAllowed) as refusal:
        perform(case, "keep", actor=town.foreign_keeper, at=NOON, shelf="A-3")
    assert refusal.value.code == "wrong_role"


def test_keep_refused_with_a_field_at_fault_writes_nothing(town: Town, case: Case) -> None:
    with pytest.raises(Invalid) as refusal:
        perform(case, "keep", actor=town.keeper, at=NOON, shelf="")
    assert set(refusal.value.faults) == {"shelf"}
    with scope.use(scope.EVERYTHING):
        assert Case.objects.get(pk=case.pk).status == S.FOUND
        assert len(entries(case)) == 1


def test_keep_refused_out_of_turn_says_what_came_before(town: Town, case: Case) -> None:
    kept(town, case)
    with pytest.raises(Conflict) as refusal:
        kept(town, case)
    assert refusal.value.code == "out_of_turn"
    assert "收存" in refusal.value.message.zh


def test_perform_refuses_a_step_that_does_not_exist(town: Town, case: Case) -> None:
    with pytest.raises(NotFound):
        perform(case, "repair", actor=town.keeper, at=NOON)


def test_keep_with_the_same_client_token_is_done_once(town: Town, case: Case) -> None:
    token = uuid.uuid4()
    for _ in range(2):
        perform(case, "keep", actor=town.keeper, at=NOON, client_token=token, shelf="A-3")
    with scope.use(scope.EVERYTHING):
        assert Act.objects.filter(case=case, step="keep").count() == 1


def test_hand_over_closes_the_case(town: Town, case: Case) -> None:
    after = perform(claimed(town, case), "hand_over", actor=town.keeper, at=NOON, files=EVIDENCE)
    assert (after.status, after.outcome, after.closed_at, after.owner) == (
        S.RETURNED,
        "hand_over",
        NOON,
        None,
    )


def test_hand_over_refused_without_evidence(town: Town, case: Case) -> None:
    with pytest.raises(Refused) as refusal:
        perform(claimed(town, case), "hand_over", actor=town.keeper, at=NOON)
    assert (refusal.value.code, refusal.value.field) == ("evidence_missing", "handover")


def test_hand_over_refused_for_the_finder_even_with_the_office(town: Town) -> None:
    case = found(town, actor=town.keeper).case
    with pytest.raises(NotAllowed) as refusal:
        perform(claimed(town, case), "hand_over", actor=town.keeper, at=NOON, files=EVIDENCE)
    assert refusal.value.code == "same_person"
    perform(case, "hand_over", actor=town.other_keeper, at=NOON, files=EVIDENCE)


def test_hand_over_refused_for_the_finder_who_reported_confidentially(town: Town) -> None:
    case = found(town, actor=town.keeper, mode="confidential").case
    with pytest.raises(NotAllowed) as refusal:
        perform(claimed(town, case), "hand_over", actor=town.keeper, at=NOON, files=EVIDENCE)
    assert refusal.value.code == "same_person"


def test_withdraw_by_the_receipt_holder(town: Town) -> None:
    opened = found(town, actor=NOBODY, mode="anonymous")
    after = perform(opened.case, "withdraw", actor=receipt_holder(opened.case.pk), at=NOON)
    assert after.status == S.DISPOSED


@pytest.mark.parametrize("who", ["stranger", "keeper", "manager"])
def test_withdraw_refused_for_anybody_else(town: Town, case: Case, who: str) -> None:
    actor: Actor = getattr(town, who)
    with pytest.raises(NotAllowed):
        perform(case, "withdraw", actor=actor, at=NOON)


def test_withdraw_refused_with_the_receipt_of_another_case(town: Town, case: Case) -> None:
    other = found(town, actor=NOBODY, mode="anonymous").case
    with pytest.raises(NotAllowed):
        perform(case, "withdraw", actor=receipt_holder(other.pk), at=NOON)


def test_withdraw_refused_after_its_window(town: Town, case: Case) -> None:
    perform(case, "withdraw", actor=town.finder, at=NOON + timedelta(days=7))
    later = found(town).case
    with pytest.raises(NotAllowed) as refusal:
        perform(later, "withdraw", actor=town.finder, at=NOON + timedelta(days=8))
    assert refusal.value.code == "too_late"


def test_escalate_climbs_to_county_and_then_city(town: Town, case: Case) -> None:
    first = escalate(case, at=NOON)
    assert (first.escalation, first.supervisor) == (1, town.city)
    second = escalate(first, at=NOON)
    assert (second.escalation, second.supervisor) == (2, town.city)
    with scope.use(scope.EVERYTHING):
        assert [e.action for e in entries(case)] == ["found_item.open"] + ["found_item.escalate"] * 2


def test_wake_due_escalates_what_is_overdue_once(town: Town, case: Case) -> None:
    late = NOON + timedelta(days=3)
    assert wake_due(at=NOON) == 0
    assert wake_due(at=late) == 1
    assert wake_due(at=late) == 0
    with scope.use(scope.EVERYTHING):
        fresh = Case.objects.get(pk=case.pk)
    assert fresh.escalation == 1
    assert fresh.owner == town.county
    assert fresh.wake_at is not None
    assert fresh.wake_at > late


def test_wake_due_takes_the_step_that_time_takes(town: Town, case: Case) -> None:
    kept(town, case)
    assert wake_due(at=NOON + timedelta(days=89)) == 0
    assert wake_due(at=NOON + timedelta(days=91)) == 1
    with scope.use(scope.EVERYTHING):
        assert Case.objects.get(pk=case.pk).status == S.DISPOSED
        assert entries(case)[-1].actor == "system"


def test_dispose_refused_for_a_person(town: Town, case: Case) -> None:
    kept(town, case)
    with pytest.raises(NotAllowed):
        perform(case, "dispose", actor=town.keeper, at=NOON + timedelta(days=91))


# --- what the database itself refuses --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_status_cannot_move_without_an_act() -> None:
    case = found(build_town()).case
    with scope.use(scope.EVERYTHING), pytest.raises(IntegrityError, match="its last act says found"):
        Case.objects.filter(pk=case.pk).update(status=S.RETURNED)


@pytest.mark.django_db(transaction=True)
def test_status_cannot_move_without_an_act_under_a_scope_that_has_gone_back() -> None:
    case = found(build_town()).case
    with pytest.raises(IntegrityError, match="its last act says found"), transaction.atomic():
        with scope.act():
            Case.objects.filter(pk=case.pk).update(status=S.RETURNED)
        assert not Case.objects.exists()


def test_case_cannot_be_deleted(case: Case) -> None:
    with (
        scope.use(scope.EVERYTHING),
        pytest.raises(IntegrityError, match="never deleted"),
        transaction.atomic(),
    ):
        connection.cursor().execute("DELETE FROM cases_case WHERE id = %s", [case.pk])


def test_history_can_be_erased_but_not_changed(case: Case) -> None:
    with scope.use(scope.EVERYTHING):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Act.objects.filter(case=case).update(data={"what": "金条"})
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Act.objects.filter(case=case).update(data={}, salt=b"", step="keep")
        Act.objects.filter(case=case).update(data={}, salt=b"")
        assert Act.objects.get(case=case).data == {}


def _race(deeds: list[tuple[Case, str, Actor, dict[str, object]]]) -> list[str]:
    """Perform several deeds at the same moment on threads of their own; their outcomes, sorted."""
    outcomes: list[str] = []
    start = threading.Barrier(len(deeds))

    def run(case: Case, step: str, actor: Actor, inputs: dict[str, object]) -> None:
        start.wait()
        try:
            perform(case, step, actor=actor, at=NOON, inputs=inputs)
            outcomes.append("done")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_keep_by_twenty_at_once_has_one_winner() -> None:
    town = build_town()
    case = found(town).case
    outcomes = _race([(case, "keep", town.keeper, {"shelf": f"A-{n}"}) for n in range(20)])
    assert outcomes == ["done"] + ["out_of_turn"] * 19
    with scope.use(scope.EVERYTHING):
        assert [entry.seq for entry in entries(case)] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_open_with_one_token_from_ten_threads_opens_one_case() -> None:
    town = build_town()
    token = uuid.uuid4()
    numbers: list[str] = []
    start = threading.Barrier(10)

    def send() -> None:
        start.wait()
        numbers.append(found(town, client_token=token).case.number)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 10
    assert len(set(numbers)) == 1
    with scope.use(scope.EVERYTHING):
        assert Case.objects.count() == 1


def test_system_actor_may_not_take_a_persons_step(town: Town, case: Case) -> None:
    with pytest.raises(NotAllowed):
        perform(case, "keep", actor=SYSTEM, at=NOON, shelf="A-3")

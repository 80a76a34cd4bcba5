"""The answer comes to the reporter, and a body hears of a case when it becomes theirs."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from lianxin.kernel import events, scope
from lianxin.kernel.cases.events import CaseMoved, CaseOpened
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.cases.waking import escalate
from lianxin.kernel.notices import answers
from lianxin.kernel.notices.models import Notice
from lianxin.kernel.notices.queries import inbox, notices_about
from lianxin.kernel.people.actors import NOBODY, Actor, receipt_holder
from tests.kernel.cases.conftest import NOON, PICTURE, Town, found


def said_to(viewer: Actor) -> list[str]:
    """The viewer's inbox, newest first, read under the viewer's own scope."""
    with scope.use(viewer.scope):
        return [told.text.en for told in inbox(viewer)]


def keep(town: Town, case: Case) -> Case:
    return perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")


def test_opening_tells_the_reporter_and_those_whose_turn_it_is(town: Town, case: Case) -> None:
    assert said_to(town.finder) == [
        f"Your Lost property has arrived; its number is {case.number}. Next: 甲县, due by Fri 13 Feb."
    ]
    waiting = f"A Lost property is waiting for you; its number is {case.number}. It is due by Fri 13 Feb."
    assert said_to(town.keeper) == said_to(town.other_keeper) == [waiting]


def test_opening_tells_nobody_else(town: Town, case: Case) -> None:
    del case
    for other in (
        town.stranger,
        town.foreign_keeper,
        town.county_officer,
        town.city_officer,
        town.manager,
        NOBODY,
    ):
        assert said_to(other) == []


def test_opening_costs_no_statement_of_its_own(town: Town) -> None:
    with CaptureQueriesContext(connection) as queries:
        found(town)
    writing = [query["sql"] for query in queries if "notices_notice" in query["sql"]]
    assert len(writing) == 1
    assert "cases_act" in writing[0]


def test_a_confidential_reporter_is_told_and_named_nowhere(town: Town) -> None:
    opened = found(town, mode="confidential")
    assert len(said_to(town.finder)) == 1
    assert len(said_to(receipt_holder(opened.case.pk))) == 1
    with scope.use(scope.EVERYTHING):
        rows = Notice.objects.filter(case=opened.case, organization=None)
        assert [(row.person, row.person_key) for row in rows] == [(None, town.finder.person_key)]


def test_an_anonymous_reporter_reads_the_answer_by_the_receipt(town: Town) -> None:
    opened = found(town, actor=NOBODY, mode="anonymous")
    keep(town, opened.case)
    holder = receipt_holder(opened.case.pk)
    assert said_to(holder)[0].startswith("甲县 took the step “Keep”")
    with scope.use(holder.scope):
        assert [told.notice.kind for told in notices_about(holder, opened.case.pk)] == [
            "case.opened",
            "case.moved",
        ]
    assert said_to(receipt_holder(opened.case.pk + 1)) == []


def test_row_level_security_hides_notices_from_a_forgotten_filter(town: Town, case: Case) -> None:
    keep(town, case)
    for viewer, seen in [(town.finder, 2), (town.stranger, 0), (town.foreign_keeper, 0), (NOBODY, 0)]:
        with scope.use(viewer.scope):
            assert Notice.objects.count() == seen


def test_a_step_tells_who_did_what_and_what_comes_next(town: Town, case: Case) -> None:
    claimed = perform(keep(town, case), "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    assert said_to(town.finder)[0] == (
        f"甲县 took the step “Claim” in case {case.number}. Next: 甲县, due by Tue 24 Feb."
    )
    perform(claimed, "refuse", actor=town.keeper, at=NOON, reason="刻字不符")
    assert "They say: 刻字不符。" in said_to(town.finder)[0]


def test_closing_says_that_it_is_closed(town: Town, case: Case) -> None:
    claimed = perform(keep(town, case), "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    perform(claimed, "hand_over", actor=town.other_keeper, at=NOON, files={"handover": [PICTURE]})
    assert (
        said_to(town.finder)[0]
        == f"甲县 took the step “Hand over” in case {case.number}. The case is closed."
    )


def test_a_body_is_told_once_while_the_case_stays_theirs(town: Town, case: Case) -> None:
    kept = keep(town, case)
    claimed = perform(kept, "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    perform(claimed, "refuse", actor=town.keeper, at=NOON, reason="刻字不符")
    assert len(said_to(town.other_keeper)) == 1


def test_reporters_are_not_told_what_they_did_themselves(town: Town, case: Case) -> None:
    before = said_to(town.finder)
    perform(case, "withdraw", actor=town.finder, at=NOON)
    assert said_to(town.finder) == before


def test_reporters_are_told_what_they_may_still_do(town: Town, case: Case) -> None:
    keep(town, case)
    assert said_to(town.finder)[0].endswith("Until Thu 19 Feb you may still choose “Withdraw”.")


def test_climbing_tells_the_reporter_and_the_body_above(town: Town, case: Case) -> None:
    escalate(case, at=NOON + timedelta(days=3))
    assert said_to(town.county_officer) or said_to(town.city_officer)
    with scope.use(scope.EVERYTHING):
        above = Case.objects.get(pk=case.pk).supervisor
    assert above is not None
    officer = town.county_officer if above == town.county else town.city_officer
    assert said_to(officer) == [
        f"Case {case.number} has run over its time limit at 甲县; it has climbed to you."
    ]
    assert said_to(town.finder)[0] == (
        f"Case {case.number} has run over its time limit. {above.name} has been told and will see to it."
    )


def test_nothing_is_told_of_what_is_rolled_back(town: Town, case: Case) -> None:
    before = said_to(town.finder)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        keep(town, case)
        _ = 1 / 0
    assert said_to(town.finder) == before


def test_the_answers_are_wired_within_the_deed() -> None:
    assert answers.answer_opened in events._within[CaseOpened]
    assert answers.answer_moved in events._within[CaseMoved]

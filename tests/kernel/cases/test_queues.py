"""What waits for whom, in which order, and what comes next."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lianxin.kernel import scope
from lianxin.kernel.cases import queues
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queues import Order, Wanted
from lianxin.kernel.cases.services import perform
from lianxin.kernel.cases.waking import escalate
from lianxin.kernel.clock import CHINA
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Refused
from tests.kernel.cases.conftest import NOON, Town, found

WHOLE = Wanted()
NOTHING = {"mine": 0, "today": 0, "overdue": 0, "supervised": 0}


def following(viewer: Actor, case: Case, wanted: Wanted = WHOLE, past: str | None = None) -> Case | None:
    """What comes after a case, read whole."""
    with scope.use(viewer.scope):
        found, _ = queues.next_in_queue(viewer, case, wanted, at=NOON, past=past)
        return Case.objects.get(pk=found.pk) if found else None


def claimed(town: Town) -> Case:
    """A case that waits for its keeper a second time."""
    kept = perform(found(town).case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    return perform(kept, "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")


def test_queue_holds_what_is_my_turn_by_deadline(town: Town) -> None:
    first, second = found(town).case, found(town).case
    perform(first, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    perform(first, "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    with scope.use(town.keeper.scope):
        page = queues.queue(town.keeper, "mine", at=NOON)
    assert [case.pk for case in page.cases] == [second.pk, first.pk]
    assert page.after is None


@pytest.mark.parametrize("who", ["county_officer", "foreign_keeper", "finder"])
def test_queue_is_empty_for_those_whose_turn_it_is_not(town: Town, case: Case, who: str) -> None:
    viewer: Actor = getattr(town, who)
    with scope.use(viewer.scope):
        assert not queues.queue(viewer, "mine", at=NOON).cases


def test_queue_shows_the_overdue_to_the_owner_and_what_climbed_to_the_supervisor(
    town: Town, case: Case
) -> None:
    late = NOON + timedelta(days=3)
    escalate(case, at=late)
    with scope.use(town.keeper.scope):
        assert [c.pk for c in queues.queue(town.keeper, "overdue", at=late).cases] == [case.pk]
    with scope.use(town.city_officer.scope):
        assert [c.pk for c in queues.queue(town.city_officer, "supervised", at=late).cases] == [case.pk]
        assert queues.queue_counts(town.city_officer, at=late) == {**NOTHING, "supervised": 1}


def test_queue_lines_say_what_the_queue_holds(town: Town) -> None:
    escalate(found(town).case, at=NOON + timedelta(days=3))
    found(town)
    with scope.use(town.keeper.scope):
        whole = queues.queue(town.keeper, "mine", at=NOON)
        lines = queues.queue_lines(town.keeper, Wanted(), at=NOON)
    told = [
        (c.pk, c.number, c.status, c.organization.name, c.owner.name, c.due_at)
        for c in whole.cases
        if c.owner
    ]
    assert [(c.pk, c.number, c.status, c.place, c.owner, c.due_at) for c in lines.cases] == told
    assert len(told) == len(whole.cases) == 2


def test_queue_lines_go_on_where_the_page_ends(town: Town) -> None:
    cases = [found(town).case.pk for _ in range(3)]
    with scope.use(town.keeper.scope):
        first = queues.queue_lines(town.keeper, Wanted(), at=NOON, size=2)
        second = queues.queue_lines(town.keeper, Wanted(), at=NOON, size=2, after=first.after)
    assert [[c.pk for c in page.cases] for page in (first, second)] == [cases[:2], cases[2:]]
    assert second.after is None


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("mark", ["x", "x|1", "|x", "2026-03-02|", "2026-03-02T09:00:00+08:00|1|2"])
def test_queue_refuses_a_page_mark_that_is_none(town: Town, mark: str, order: Order) -> None:
    with scope.use(town.keeper.scope), pytest.raises(Refused) as refused:
        queues.queue_lines(town.keeper, Wanted(order=order), at=NOON, after=mark)
    assert (refused.value.code, refused.value.field) == ("cursor_invalid", "after")


def test_queue_counts_no_further_than_many_in_one_statement(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "MANY", 2)
    for _ in range(3):
        found(town)
    with scope.use(town.keeper.scope), CaptureQueriesContext(connection) as context:
        counts = queues.queue_counts(town.keeper, at=NOON)
    assert counts == {**NOTHING, "mine": 2}
    assert len(context) == 1


def test_queue_counts_nothing_for_a_worker(town: Town, case: Case) -> None:
    with scope.use(town.finder.scope):
        assert queues.queue_counts(town.finder, at=NOON) == NOTHING
        assert queues.queue_stages(town.finder) == {}


def test_queue_counts_today_until_midnight_in_china(town: Town) -> None:
    due = found(town).case.due_at
    assert due is not None
    # One in the morning in China is still the day before elsewhere.
    for at, expected in (
        (due.astimezone(CHINA).replace(hour=1).astimezone(UTC), {"today": 1, "overdue": 0}),
        (due.astimezone(UTC) - timedelta(hours=30), {"today": 0, "overdue": 0}),
        (due + timedelta(minutes=1), {"today": 0, "overdue": 1}),
    ):
        with scope.use(town.keeper.scope):
            counts = queues.queue_counts(town.keeper, at=at)
            held = {tab: len(queues.queue(town.keeper, tab, at=at).cases) for tab in expected}
        assert {tab: counts[tab] for tab in expected} == held == expected


def test_queue_stages_count_mine_by_what_is_to_do(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        found(town)
    claimed(town)
    with scope.use(town.keeper.scope):
        assert queues.queue_stages(town.keeper) == {("found_item", "found"): 2, ("found_item", "claimed"): 1}
        monkeypatch.setattr(queues, "LOT", 2)
        assert sum(queues.queue_stages(town.keeper).values()) == 2
    with scope.use(town.foreign_keeper.scope):
        assert queues.queue_stages(town.foreign_keeper) == {}


def test_queue_lines_are_narrowed_by_status_and_by_words(town: Town) -> None:
    new, other = found(town).case, claimed(town)
    both = [new.pk, other.pk]
    narrowed: list[tuple[dict[str, Any], list[int]]] = [
        ({"kind": "found_item", "status": "claimed"}, [other.pk]),
        ({"status": "found"}, [new.pk]),
        ({"status": "nonsense"}, []),
        ({"words": "雨"}, both),
        ({"words": "零工"}, both),
        ({"words": "%"}, []),
    ]
    for asked, expected in narrowed:
        with scope.use(town.keeper.scope):
            page = queues.queue_lines(town.keeper, Wanted(**asked), at=NOON)
        assert sorted(c.pk for c in page.cases) == expected, asked


def test_next_in_queue_goes_on_and_ends(town: Town) -> None:
    first, second, third = (found(town).case for _ in range(3))
    assert [following(town.keeper, each) for each in (first, second, third)] == [second, third, None]
    # Without a place to go on from, the first of those that wait.
    kept = perform(second, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    assert following(town.keeper, kept) == first
    assert following(town.foreign_keeper, third) is None
    assert following(town.finder, third) is None


@pytest.mark.parametrize("order", [Order.DUE, Order.OLDEST, Order.WEIGHT])
def test_next_in_queue_goes_on_behind_what_was_just_done(town: Town, order: Order) -> None:
    first, second, third = (found(town).case for _ in range(3))
    wanted = Wanted(order=order)
    with scope.use(town.keeper.scope):
        _, past = queues.next_in_queue(town.keeper, second, wanted, at=NOON)
    kept = perform(second, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    # What was passed over before stays behind, until the end is reached.
    assert following(town.keeper, kept, wanted, past) == third
    last = perform(third, "keep", actor=town.keeper, at=NOON, shelf="A-4")
    assert following(town.keeper, last, wanted, past) == first


def test_next_in_queue_keeps_to_what_was_asked_for(town: Town) -> None:
    first, other, second = found(town).case, claimed(town), found(town).case
    narrowed = Wanted(kind="found_item", status="found")
    assert following(town.keeper, first, narrowed) == second
    assert following(town.keeper, second, narrowed) is None
    assert following(town.keeper, second, Wanted(kind="found_item", order=Order.NEWEST)) == other


def test_queue_lines_are_read_by_arrival_from_either_end(town: Town) -> None:
    cases = [found(town, at=NOON - timedelta(minutes=after)).case.pk for after in (3, 2, 1, 1)]
    for order, expected in ((Order.OLDEST, cases), (Order.NEWEST, cases[::-1])):
        got, after = [], None
        with scope.use(town.keeper.scope):
            for _ in range(2):
                page = queues.queue_lines(town.keeper, Wanted(order=order), at=NOON, after=after, size=3)
                got += [case.pk for case in page.cases]
                after = page.after
        assert (got, after) == (expected, None)


def test_queue_lines_of_the_supervised_are_read_by_arrival(town: Town) -> None:
    late = NOON + timedelta(days=3)
    cases = [found(town, at=NOON - timedelta(minutes=after)).case for after in (2, 1)]
    for case in cases:
        escalate(case, at=late)
    with scope.use(town.city_officer.scope):
        page = queues.queue_lines(town.city_officer, Wanted("supervised", order=Order.NEWEST), at=late)
    assert [case.pk for case in page.cases] == [cases[1].pk, cases[0].pk]


def test_queue_by_arrival_is_read_from_its_index(town: Town) -> None:
    found(town)
    with (
        scope.use(town.keeper.scope),
        CaptureQueriesContext(connection) as context,
        connection.cursor() as cursor,
    ):
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        for order in (Order.NEWEST, Order.OLDEST):
            queues.queue_lines(town.keeper, Wanted(order=order), at=NOON)
            cursor.execute(f"EXPLAIN {context.captured_queries[-1]['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "cases_arrivals" in plan
            assert "Sort" not in plan


def test_page_by_due_goes_on_where_it_stopped(town: Town) -> None:
    cases = [found(town).case for _ in range(5)]
    with scope.use(scope.EVERYTHING):
        first = queues.page_by_due(Case.objects.all(), after=None, size=2)
        second = queues.page_by_due(Case.objects.all(), after=first.after, size=2)
        third = queues.page_by_due(Case.objects.all(), after=second.after, size=2)
    got = [case.pk for page in (first, second, third) for case in page.cases]
    assert got == [case.pk for case in cases]
    assert third.after is None


def test_queue_costs_the_same_with_one_case_and_with_thirty(town: Town) -> None:
    def cost() -> int:
        with scope.use(town.keeper.scope), CaptureQueriesContext(connection) as context:
            page = queues.queue(town.keeper, "mine", at=NOON)
            assert [str(case.organization) + str(case.owner) for case in page.cases]
        return len(context)

    found(town)
    with_one = cost()
    for _ in range(29):
        found(town)
    assert cost() == with_one


@pytest.mark.parametrize("kind", ["nothing", "\0"])
def test_queue_of_an_unknown_kind_is_empty(town: Town, case: Case, kind: str) -> None:
    with scope.use(town.keeper.scope):
        assert [waiting.pk for waiting in queues.queue(town.keeper, "mine", at=NOON).cases] == [case.pk]
        assert list(queues.queue(town.keeper, "mine", at=NOON, kind=kind).cases) == []

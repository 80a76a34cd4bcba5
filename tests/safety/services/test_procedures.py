"""Versions of a procedure, who has to read them and who has."""

from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel import scope
from lianxin.safety.models import Procedure, ProcedureVersion, Reading
from lianxin.safety.queries.procedures import (
    board_of,
    compare_clauses,
    current_version,
    procedures_of,
    read_state,
    side_by_side,
    to_read,
)
from lianxin.safety.services.procedures import publish_procedure, publish_version, record_reading
from tests.safety.conftest import NOON, Cast, build_cast, code_of, later, race, report

OLD = [("1", "检查管线"), ("2", "连接软管"), ("3", "打开阀门")]
NEW = [("1", "检查管线"), ("2", "连接软管"), ("3", "卸车完成前不得拿取车钥匙"), ("4", "打开阀门")]
EFFECTIVE = date(2025, 7, 1)


@pytest.fixture
def version(cast: Cast) -> ProcedureVersion:
    """The first version of a procedure."""
    return publish_procedure(
        cast.plant, title="液氯卸车操作规程", clauses=OLD, effective_on=EFFECTIVE, actor=cast.manager, at=NOON
    )


def revise(cast: Cast, version: ProcedureVersion, **changes: Any) -> ProcedureVersion:
    """The next version, by the site."""
    given: dict[str, Any] = {"clauses": NEW, "effective_on": EFFECTIVE, "actor": cast.manager, "at": later(1)}
    return publish_version(version.procedure, **{**given, **changes})


def test_publish_version_shows_what_changed(cast: Cast, version: ProcedureVersion) -> None:
    revised = revise(cast, version, source=report(cast).case)
    changes = [(change.kind, change.after[0]) for change in side_by_side(revised)]
    assert changes == [("same", "1"), ("same", "2"), ("added", "3"), ("moved", "4")]
    board = board_of(revised)
    assert [new for _, _, new in board.clauses] == [False, False, True, False]
    assert (board.enterprise, board.from_a_worker) == ("化工厂", True)
    assert current_version(version.procedure) == revised


def test_board_of_the_first_version_marks_nothing_as_new(version: ProcedureVersion) -> None:
    assert [new for _, _, new in board_of(version).clauses] == [False, False, False]
    assert not board_of(version).from_a_worker


def test_publish_procedure_twice_is_refused(cast: Cast, version: ProcedureVersion) -> None:
    def again(title: str) -> ProcedureVersion:
        return publish_procedure(
            cast.plant, title=title, clauses=OLD, effective_on=EFFECTIVE, actor=cast.manager, at=NOON
        )

    assert code_of(lambda: again(version.procedure.title)) == "procedure_exists"
    assert code_of(lambda: again(" ")) == "title_missing"
    assert code_of(lambda: again("装车规程")) == ""
    assert len(procedures_of(cast.plant)) == 2


@pytest.mark.parametrize(
    ("clauses", "code"),
    [
        ([], "clauses_missing"),
        ([("1", "一")] * 301, "clauses_missing"),
        ([("1", "一"), ("1", "二")], "clause_invalid"),
        ([("", "一")], "clause_invalid"),
        ([("1", "  ")], "clause_invalid"),
        ([("1", "长" * 10_000)], "clause_invalid"),
        (OLD, "nothing_changed"),
        ([("1", "<script>"), ("2", "=1+1"), ("3", "'; DROP TABLE x")], ""),
    ],
)
def test_publish_version_checks_the_clauses(
    cast: Cast, version: ProcedureVersion, clauses: list[tuple[str, str]], code: str
) -> None:
    assert code_of(lambda: revise(cast, version, clauses=clauses)) == code


@pytest.mark.parametrize("who", ["worker", "other_manager", "county_officer"])
def test_publish_version_is_for_the_site_or_the_office(
    cast: Cast, version: ProcedureVersion, who: str
) -> None:
    assert code_of(lambda: revise(cast, version, actor=getattr(cast, who))) == "wrong_role"
    assert code_of(lambda: revise(cast, version, actor=cast.safety_officer)) == ""


def test_publish_version_names_a_source_of_the_same_enterprise(cast: Cast, version: ProcedureVersion) -> None:
    elsewhere = publish_procedure(
        cast.other_plant, title="规程", clauses=OLD, effective_on=EFFECTIVE, actor=cast.other_manager, at=NOON
    )
    source = report(cast).case
    assert (
        code_of(lambda: revise(cast, elsewhere, source=source, actor=cast.other_manager))
        == "source_elsewhere"
    )
    assert code_of(lambda: revise(cast, version, source=source)) == ""


def test_read_duty_ends_with_the_reading(cast: Cast, version: ProcedureVersion) -> None:
    revised = revise(
        cast, version, readers=[cast.worker.person, cast.colleague.person], read_by=date(2025, 6, 30)
    )
    with scope.use(scope.EVERYTHING):
        assert [duty.version for duty in to_read(cast.worker)] == [revised]
        record_reading(revised, actor=cast.worker, at=later(2))
        record_reading(revised, actor=cast.worker, at=later(3))
        assert to_read(cast.worker) == []
        assert len(to_read(cast.colleague)) == 1
        state = [(duty.person, reading and reading.at) for duty, reading in read_state(cast.manager, revised)]
    assert state == [(cast.worker.person, later(2)), (cast.colleague.person, None)]


def test_record_reading_is_for_who_works_there(cast: Cast, version: ProcedureVersion) -> None:
    assert code_of(lambda: record_reading(version, actor=cast.stranger, at=NOON)) == "not_yours"
    assert code_of(lambda: record_reading(version, actor=cast.worker, at=NOON)) == ""


def test_read_state_is_for_the_line(cast: Cast, version: ProcedureVersion) -> None:
    assert code_of(lambda: read_state(cast.other_manager, version)) == "wrong_role"
    assert code_of(lambda: read_state(cast.county_officer, version)) == ""


def test_database_refuses_a_changed_version(cast: Cast, version: ProcedureVersion) -> None:
    record_reading(version, actor=cast.worker, at=NOON)
    changed = (
        lambda: ProcedureVersion.objects.filter(pk=version.pk).update(note="改"),
        lambda: Reading.objects.update(at=later(9)),
        lambda: Reading.objects.all().delete(),
    )
    for change in changed:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), scope.act():
            change()


CLAUSES = st.lists(
    st.tuples(st.text("123", min_size=1, max_size=2), st.text("甲乙丙", min_size=1, max_size=2)), max_size=8
)


@given(CLAUSES, CLAUSES)
def test_compare_clauses_loses_none(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    changes = compare_clauses(before, after)
    assert [change.before for change in changes if change.kind != "added"] == before
    assert [change.after for change in changes if change.kind != "removed"] == after
    assert compare_clauses(after, after) == [
        change for change in compare_clauses(after, after) if change.kind == "same"
    ]


@pytest.mark.django_db(transaction=True)
def test_publish_twice_at_once_numbers_both() -> None:
    cast = build_cast()
    first = publish_procedure(
        cast.plant, title="规程", clauses=OLD, effective_on=EFFECTIVE, actor=cast.manager, at=NOON
    )
    drafts = ([*NEW, ("5", "甲")], [*NEW, ("5", "乙")])
    assert race([partial(revise, cast, first, clauses=draft) for draft in drafts]) == ["done", "done"]
    numbers = ProcedureVersion.objects.order_by("number").values_list("number", flat=True)
    assert (list(numbers), Procedure.objects.count()) == ([1, 2, 3], 1)

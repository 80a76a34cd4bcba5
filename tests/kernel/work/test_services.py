"""Long work that a page can watch."""

import pytest
from django.db import IntegrityError, transaction

from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.refusals import NotFound, Refused
from lianxin.kernel.text import Text
from lianxin.kernel.work.models import Work
from lianxin.kernel.work.queries import work_for
from lianxin.kernel.work.services import start_work, working
from tests.kernel.cases.conftest import NOON, Town, town

__all__ = ["town"]


@pytest.fixture
def started(town: Town) -> Work:
    """An import that somebody has started."""
    return start_work("sheets.import", actor=town.keeper, at=NOON)


def test_the_one_who_started_it_watches_it(town: Town, started: Work) -> None:
    with working(started.pk) as progress:
        assert progress is not None
        assert work_for(town.keeper, started.pk).percent is None
        progress.expect(4)
        progress.advance()
        assert (work_for(town.keeper, started.pk).state, work_for(town.keeper, started.pk).percent) == (
            "running",
            25,
        )
        progress.advance(3)
        progress.answer["rows"] = 4
    finished = work_for(town.keeper, started.pk)
    assert (finished.state, finished.percent, finished.answer) == ("done", 100, {"rows": 4})
    assert finished.finished_at is not None


def test_nobody_else_does(town: Town, started: Work) -> None:
    for viewer in (town.other_keeper, SYSTEM):
        with pytest.raises(NotFound):
            work_for(viewer, started.pk)


def refuse() -> None:
    raise Refused("sheet_empty", Text("表格是空的。", "The sheet is empty."))


def test_a_refusal_ends_it_in_words(town: Town, started: Work) -> None:
    with working(started.pk):
        refuse()
    failed = work_for(town.keeper, started.pk)
    assert (failed.state, failed.fault) == ("failed", "sheet_empty")
    assert failed.message == Text("表格是空的。", "The sheet is empty.")


def test_what_nobody_foresaw_goes_on_to_the_queue_and_may_be_tried_again(town: Town, started: Work) -> None:
    with pytest.raises(ZeroDivisionError), working(started.pk) as progress:
        assert progress is not None
        progress.advance()
        _ = 1 / 0
    failed = work_for(town.keeper, started.pk)
    assert (failed.state, failed.fault) == ("failed", "failed")
    with working(started.pk) as again:
        assert again is not None
        assert work_for(town.keeper, started.pk).done == 0
    assert work_for(town.keeper, started.pk).state == "done"


def test_work_that_is_done_is_not_done_twice(started: Work) -> None:
    with working(started.pk):
        pass
    with working(started.pk) as again:
        assert again is None


def test_more_pieces_than_expected_push_the_whole_up(town: Town, started: Work) -> None:
    with working(started.pk) as progress:
        assert progress is not None
        progress.expect(2)
        progress.advance(3)
        assert work_for(town.keeper, started.pk).percent == 100


def test_the_database_refuses_what_cannot_be(started: Work) -> None:
    for impossible in ({"state": "done"}, {"total": 2, "done": 3}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Work.objects.filter(pk=started.pk).update(**impossible)

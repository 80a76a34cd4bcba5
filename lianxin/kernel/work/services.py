"""Starting long work and telling how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, PositiveIntegerField, Value, When
from django.db.models.functions import Greatest

from lianxin.kernel import clock
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text
from lianxin.kernel.work.models import Work

BROKE = Text(
    "系统处理时出错，已记录，请稍后重试。",
    "Something broke while this was being done. It is on record: please try again later.",
)


@dataclass(slots=True)
class Progress:
    """What a task reports to; ``answer`` may be filled on the way."""

    work_id: int
    answer: dict[str, Any]

    def expect(self, total: int) -> None:
        """Say how many pieces there are in all."""
        Work.objects.filter(pk=self.work_id).update(total=total, done=0)

    def advance(self, pieces: int = 1) -> None:
        """Say that so many more are done; the row is committed with whatever surrounds it."""
        more = F("done") + pieces
        Work.objects.filter(pk=self.work_id).update(done=more, total=_never_below(more))


def start_work(kind: str, *, actor: Actor, at: datetime) -> Work:
    """A row for the page to watch. Enqueue the task in the same transaction, with its primary key."""
    return Work.objects.create(kind=kind, started_by=actor.person, created_at=at)


@contextmanager
def working(work_id: int) -> Iterator[Progress | None]:
    """Do the work inside the block; the row then says how it ended. ``None``: it is over already, do nothing.

    A ``Refused`` ends it in words for people and is not raised again, since a retry would be refused too;
    anything else marks it failed and goes on to the queue, whose retry starts it afresh.
    """
    if (
        not Work.objects.filter(pk=work_id)
        .exclude(state=Work.State.DONE)
        .update(state=Work.State.RUNNING, done=0, fault="", finished_at=None)
    ):
        yield None
        return
    progress = Progress(work_id, {})
    try:
        yield progress
    except Refused as refused:
        _fail(work_id, refused.code, refused.message)
    except BaseException:
        _fail(work_id, "failed", BROKE)
        raise
    else:
        Work.objects.filter(pk=work_id).update(
            state=Work.State.DONE, answer=progress.answer, finished_at=clock.now()
        )


def _fail(work_id: int, code: str, message: Text) -> None:
    Work.objects.filter(pk=work_id).update(
        state=Work.State.FAILED,
        fault=code[:60],
        fault_zh=message.zh[:400],
        fault_en=message.en[:400],
        finished_at=clock.now(),
    )


def _never_below(done: Any) -> Any:
    """More pieces than expected push the whole up; an unknown whole stays unknown."""
    whole = PositiveIntegerField()
    return Case(
        When(total=0, then=Value(0)),
        default=Greatest(F("total"), done, output_field=whole),
        output_field=whole,
    )

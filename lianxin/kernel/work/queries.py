"""Watching long work."""

from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import NotFound
from lianxin.kernel.text import Text
from lianxin.kernel.work.models import Work


def work_for(viewer: Actor, pk: int) -> Work:
    """The work that the viewer started. Raises ``NotFound`` alike for none and for somebody else's."""
    work = Work.objects.filter(pk=pk, started_by=viewer.person).first() if viewer.person else None
    if work is None:
        raise NotFound("work_unknown", Text("没有这项任务。", "There is no such task."))
    return work

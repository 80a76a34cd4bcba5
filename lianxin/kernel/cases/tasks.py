"""Deadlines pass by the minute, new cases are found a minute after they were opened, orphans go by night."""

from datetime import datetime

from lianxin.kernel import jobs
from lianxin.kernel.cases.attachments import sweep_orphans
from lianxin.kernel.cases.erasing import destroy_erased
from lianxin.kernel.cases.search import index_new
from lianxin.kernel.cases.waking import wake_due


@jobs.every("* * * * *", name="cases.wake")
def wake(at: datetime) -> None:
    """Climb and close by time limit whatever is due."""
    wake_due(at=at)


@jobs.every("* * * * *", name="cases.index")
def index(at: datetime) -> None:
    """Make what is new findable."""
    del at
    index_new()


@jobs.every("25 3 * * *", name="cases.sweep_orphans")
def sweep(at: datetime) -> None:
    """Delete files that no case names, and what is left of erased ones."""
    sweep_orphans(at=at)
    destroy_erased()

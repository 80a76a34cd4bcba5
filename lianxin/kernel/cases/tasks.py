"""Deadlines pass by the minute; new cases can be searched a minute after they were opened."""

from datetime import datetime

from lianxin.kernel import jobs
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

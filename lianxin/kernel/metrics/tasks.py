"""At night the day that is over is added up."""

from datetime import datetime

from lianxin.kernel import jobs
from lianxin.kernel.metrics.rollup import roll_up


@jobs.every("20 1 * * *", name="metrics.roll_up", queue="nightly")
def roll_up_yesterday(at: datetime) -> None:
    """Keep the totals of every day up to yesterday, stale ones included."""
    roll_up(at=at, patience=600)

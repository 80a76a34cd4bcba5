"""People's periodic work."""

from datetime import datetime, timedelta

from lianxin.kernel.jobs import every
from lianxin.kernel.people.messages import forget_shown_codes
from lianxin.kernel.people.throttles import sweep_throttles

A_DAY = timedelta(days=1)


@every("17 3 * * *", name="people.sweep")
def sweep(at: datetime) -> None:
    """Forget counted tries and shown codes of days gone by."""
    sweep_throttles(before=at - A_DAY)
    forget_shown_codes(before=at - A_DAY)

"""Messages leave every minute."""

from datetime import datetime

from lianxin.kernel import jobs
from lianxin.kernel.notices.delivery import hand_over, send_waiting


@jobs.every("* * * * *", name="notices.deliver", queue="notices")
def deliver(at: datetime) -> None:
    """Write the messages that notices call for, and send what is due."""
    hand_over(at=at)
    send_waiting(at=at)

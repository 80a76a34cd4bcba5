"""The one place that reads the wall clock. Services take ``at=``; only the outermost callers ask here."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware."""
    return timezone.now()


def day_of(moment: datetime) -> date:
    """The calendar day in China on which a moment falls; figures and deadlines count these days."""
    return moment.astimezone(CHINA).date()

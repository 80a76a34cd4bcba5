"""Totals of days that are over, and which of them have to be counted again."""

from django.db import models

from lianxin.kernel.orgs.models import PathField


class MetricDay(models.Model):
    """What a metric comes to on one day under one path (cut to ``totals.ROLLED_WIDTH``) and slice.

    ``value`` is the sum of the values, ``total`` that of the totals, ``events`` the number of rows: who adds
    up any of them over days and paths gets what the rows give. No row stands for nothing happened.
    """

    metric = models.CharField(max_length=80)
    day = models.DateField()
    path = PathField()
    slice = models.CharField(max_length=60, blank=True, db_collation="C")
    value = models.BigIntegerField()
    total = models.BigIntegerField(default=0)
    events = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "day", "path", "slice"], name="metrics_one_total_per_day_and_path"
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.day} {self.path}"


class KeptDay(models.Model):
    """The totals of this metric for this day were written, by the query with this fingerprint."""

    metric = models.CharField(max_length=80)
    day = models.DateField()
    fingerprint = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric", "day"], name="metrics_kept_once")]

    def __str__(self) -> str:
        return f"{self.metric} {self.day}"


class ClosedDay(models.Model):
    """A day announced as over: from then on a change of what happened on it is noted as late."""

    day = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return str(self.day)


class LateChange(models.Model):
    """Something that a source tells of a closed day has changed: totals from before this row are stale.

    Written by the watches' triggers, one row for each change, so that two late acts never wait for each other.
    """

    source = models.CharField(max_length=60)
    day = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["day", "source"], name="metrics_late")]

    def __str__(self) -> str:
        return f"{self.source} {self.day}"

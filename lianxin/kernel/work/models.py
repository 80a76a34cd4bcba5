"""A row for each piece of long work, written as it goes on."""

from django.db import models

from lianxin.kernel.people.models import Person
from lianxin.kernel.text import Text


class Work(models.Model):
    """One import, export, comparison: ``done`` of ``total`` pieces (0: not known yet).

    ``answer`` is what came of it, for the page that asked; it holds counts and ids, never facts about people.
    ``fault`` is the code of a refusal, or ``failed`` when something broke that nobody foresaw.
    """

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", Text("排队中", "waiting")
        RUNNING = "running", Text("进行中", "running")
        DONE = "done", Text("已完成", "done")
        FAILED = "failed", Text("未完成", "failed")

    kind = models.CharField(max_length=60)
    started_by = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="work")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    answer = models.JSONField(default=dict)
    fault = models.CharField(max_length=60, blank=True)
    fault_zh = models.CharField(max_length=400, blank=True)
    fault_en = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "failed"]) ^ models.Q(finished_at=None),
                name="work_finished_has_a_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(total=0) | models.Q(done__lte=models.F("total")),
                name="work_not_past_its_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def percent(self) -> int | None:
        """How far it is, in whole percent; ``None`` while the whole is not known."""
        return 100 * self.done // self.total if self.total else None

    @property
    def message(self) -> Text | None:
        """Why it failed, in words."""
        return Text(self.fault_zh, self.fault_en) if self.fault else None

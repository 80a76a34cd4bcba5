"""The accident register, second looks at closed reports, and reprisals against reporters."""

from django.db import models
from django.db.models import Q

from lianxin.kernel.cases.models import Case
from lianxin.kernel.orgs.models import Organization, PathField
from lianxin.safety.choices import AccidentGrade


class Accident(models.Model):
    """An accident that happened. "No accident this year" is the count of these rows, not a sentence."""

    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="accidents")
    enterprise_path = PathField()
    day = models.DateField()
    grade = models.CharField(max_length=10, choices=AccidentGrade)
    deaths = models.PositiveIntegerField(default=0)
    injured = models.PositiveIntegerField(default=0)
    loss_fen = models.BigIntegerField(default=0)
    accident_type = models.CharField(max_length=40, blank=True)
    summary = models.TextField(blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(loss_fen__gte=0), name="safety_loss_is_not_negative")
        ]
        indexes = [models.Index(fields=["enterprise_path", "day"], name="safety_accidents_by_place")]

    def __str__(self) -> str:
        return f"accident {self.pk}"


class Recheck(models.Model):
    """A second look at a closed report, drawn at random by ``seed``; ``held`` is what was seen."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="recheck")
    checked = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="rechecks")
    seed = models.CharField(max_length=40)
    held = models.BooleanField(null=True)
    seen = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["checked", "seed"], name="safety_drawn_once_per_seed"),
            models.CheckConstraint(
                condition=Q(held=None, published_at=None)
                | Q(held__isnull=False, published_at__isnull=False) & ~Q(seen=""),
                name="safety_recheck_is_published_with_its_result",
            ),
        ]

    def __str__(self) -> str:
        return f"recheck {self.case_id}"


class Reprisal(models.Model):
    """Somebody was made to suffer for a report. The case stands at the union above, not at the enterprise."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="reprisal")
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="reprisals"
    )
    what = models.TextField()
    finding = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    upheld = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"reprisal {self.case_id}"

"""Same-kind sweeps （举一反三）: one order, one check per matching site."""

from django.db import models
from django.db.models import Q

from lianxin.kernel.cases.models import Case
from lianxin.kernel.orgs.models import Organization, PathField, Site
from lianxin.safety.choices import CheckResult


class Sweep(models.Model):
    """An order to look for the same hazard elsewhere.

    Sites match when they fit every criterion given, under ``scope_path``. ``sample_percent`` of the answers
    "none found" are verified on site, drawn by ``seed``, so that the draw can be repeated by anyone.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="sweep")
    source = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="sweeps")
    what = models.TextField()
    equipment_kind = models.CharField(max_length=40, blank=True)
    industry = models.CharField(max_length=4, blank=True)
    process = models.CharField(max_length=40, blank=True)
    scope = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    due_on = models.DateField()
    sample_percent = models.PositiveSmallIntegerField(default=20)
    seed = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(equipment_kind="") | ~Q(industry="") | ~Q(process=""),
                name="safety_sweep_has_a_criterion",
            ),
            models.CheckConstraint(condition=Q(sample_percent__lte=100), name="safety_sample_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"sweep {self.case_id}"


class SweepCheck(models.Model):
    """What one site found. ``hazard`` is the report that a finding opened."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="sweep_check")
    sweep = models.ForeignKey(Sweep, on_delete=models.PROTECT, related_name="checks")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="sweep_checks")
    result = models.CharField(max_length=10, choices=CheckResult, blank=True)
    sampled = models.BooleanField(default=False)
    hazard = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="found_by_check"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sweep", "site"], name="safety_one_check_per_site"),
            models.CheckConstraint(
                condition=~Q(result__in=["found", "fixed"]) | Q(hazard__isnull=False),
                name="safety_finding_opens_a_report",
            ),
        ]

    def __str__(self) -> str:
        return f"check {self.case_id}"

"""Hazard reports and suggestions: the facts beside their cases."""

from django.db import models
from django.db.models import F, Q

from lianxin.kernel.cases.models import Case
from lianxin.kernel.orgs.models import Organization
from lianxin.safety.choices import LawGrade, MeasureClass, OwnDuty, RiskGrade, RiskMethod


class SafetyProfile(models.Model):
    """How an enterprise grades its risks; LEC where it has not chosen."""

    enterprise = models.OneToOneField(Organization, on_delete=models.PROTECT, related_name="safety_profile")
    method = models.CharField(max_length=8, choices=RiskMethod, default=RiskMethod.LEC)

    def __str__(self) -> str:
        return f"{self.method} at {self.enterprise_id}"


class HazardReport(models.Model):
    """What a hazard report says beyond its case; its hazards stand in their own table.

    ``law_grade`` and ``risk_grade`` repeat the worst of its hazards, each of its own kind. ``own_duty`` is
    judged by the expert and decides the reward. ``extension_days`` counts all extensions granted so far.
    """

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="hazard_report"
    )
    place_text = models.CharField(max_length=200, blank=True)
    supplement = models.TextField(blank=True)
    law_grade = models.CharField(max_length=10, choices=LawGrade, blank=True)
    risk_grade = models.CharField(max_length=10, choices=RiskGrade, blank=True)
    own_duty = models.CharField(max_length=10, choices=OwnDuty, blank=True)
    accident_averted = models.BooleanField(default=False)
    stop_work_advised = models.BooleanField(default=False)
    graded_at = models.DateTimeField(null=True, blank=True)
    rectified_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    extension_days = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(law_grade="major") | Q(stop_work_advised=True),
                name="safety_major_hazard_advises_to_stop",
            ),
            models.CheckConstraint(
                condition=Q(graded_at=None, law_grade="", risk_grade="")
                | Q(graded_at__isnull=False) & ~Q(law_grade="") & ~Q(risk_grade=""),
                name="safety_graded_in_both_scales",
            ),
        ]
        indexes = [models.Index(fields=["verified_at"], name="safety_hazard_verified")]

    def __str__(self) -> str:
        return f"hazard report {self.pk}"


class Hazard(models.Model):
    """One of the hazards in a report, with the two grades that the expert gave it.

    ``score`` is D = L × E × C, or R = L × S with ``consequence`` holding S and no ``exposure``.
    """

    report = models.ForeignKey(HazardReport, on_delete=models.PROTECT, related_name="hazards")
    position = models.PositiveSmallIntegerField()
    description = models.TextField(blank=True)
    unfounded = models.BooleanField(default=False)
    remark = models.TextField(blank=True)
    law_grade = models.CharField(max_length=10, choices=LawGrade, blank=True)
    clause = models.CharField(max_length=40, blank=True)
    method = models.CharField(max_length=8, choices=RiskMethod, blank=True)
    likelihood = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    exposure = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    consequence = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    score = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    risk_grade = models.CharField(max_length=10, choices=RiskGrade, blank=True)
    accident_type = models.CharField(max_length=40, blank=True)
    hazard_class = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="safety_one_hazard_per_position"),
            models.CheckConstraint(
                condition=~Q(law_grade="major") | ~Q(clause=""), name="safety_major_hazard_names_its_clause"
            ),
            models.CheckConstraint(
                condition=Q(score=None)
                | Q(method="lec", score=F("likelihood") * F("exposure") * F("consequence"))
                | Q(method__in=["ls_a", "ls_b"], exposure=None, score=F("likelihood") * F("consequence")),
                name="safety_score_is_the_product",
            ),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"hazard {self.position} of {self.report_id}"


class RectificationOrder(models.Model):
    """The order with its five elements, and for a major hazard the six-item plan.

    Five elements: responsible person, measures, money, time limit, contingency plan. The plan for a major
    hazard adds goals, materials, organization and the safety measures taken meanwhile.
    """

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="rectification_order"
    )
    responsible = models.CharField(max_length=120)
    measures = models.TextField()
    measure_class = models.CharField(max_length=15, choices=MeasureClass)
    money_fen = models.BigIntegerField()
    due_on = models.DateField()
    contingency = models.TextField()
    major = models.BooleanField(default=False)
    goals = models.TextField(blank=True)
    materials = models.TextField(blank=True)
    organization = models.TextField(blank=True)
    safety_measures = models.TextField(blank=True)
    ordered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(responsible="") & ~Q(measures="") & ~Q(contingency="") & Q(money_fen__gte=0),
                name="safety_order_has_five_elements",
            ),
            models.CheckConstraint(
                condition=Q(major=False)
                | ~Q(goals="") & ~Q(materials="") & ~Q(organization="") & ~Q(safety_measures=""),
                name="safety_major_order_has_six_items",
            ),
        ]

    def __str__(self) -> str:
        return f"order of {self.case_id}"


class Suggestion(models.Model):
    """What somebody suggests, the answer they got, and what became of it."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="suggestion")
    problem = models.TextField()
    proposal = models.TextField()
    place_text = models.CharField(max_length=200, blank=True)
    answer = models.TextField(blank=True)
    responsible = models.CharField(max_length=120, blank=True)
    adopted_at = models.DateTimeField(null=True, blank=True)
    carried_out_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(adopted_at=None) | ~Q(answer=""), name="safety_adopted_with_an_answer"
            ),
            models.CheckConstraint(
                condition=Q(verified_at=None) | Q(carried_out_at__isnull=False, adopted_at__isnull=False),
                name="safety_verified_after_carried_out",
            ),
        ]

    def __str__(self) -> str:
        return f"suggestion {self.case_id}"

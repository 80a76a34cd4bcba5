"""What a report earns: dated rules, and the awards that they gave."""

from django.db import models
from django.db.models import Q

from lianxin.kernel.cases.models import Case
from lianxin.kernel.ledger.models import BudgetLine
from lianxin.kernel.money import Money
from lianxin.kernel.orgs.models import Region
from lianxin.kernel.reference.models import Dated
from lianxin.safety.choices import AccidentGrade, Basis, OwnDuty, Regime, RiskGrade


class RewardRule(Dated):
    """A row of a reward scale. Either an ``amount_fen``, or ``percent`` of a fine between floor and cap.

    For a concealed accident ``amount_fen`` counts per concealed death, up to the cap. An empty ``own_duty``
    fits both.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True)
    regime = models.CharField(max_length=12, choices=Regime)
    basis = models.CharField(max_length=12, choices=Basis)
    risk_grade = models.CharField(max_length=10, choices=RiskGrade, blank=True)
    own_duty = models.CharField(max_length=10, choices=OwnDuty, blank=True)
    accident_grade = models.CharField(max_length=10, choices=AccidentGrade, blank=True)
    amount_fen = models.BigIntegerField(null=True, blank=True)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    floor_fen = models.BigIntegerField(null=True, blank=True)
    cap_fen = models.BigIntegerField(null=True, blank=True)

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=[
                    "region",
                    "regime",
                    "basis",
                    "risk_grade",
                    "own_duty",
                    "accident_grade",
                    "valid_from",
                ],
                name="safety_one_reward_rule_per_day",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, percent=None) | Q(amount_fen=None, percent__range=(1, 100)),
                name="safety_reward_is_amount_or_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.regime} {self.basis} {self.risk_grade}{self.own_duty}{self.accident_grade}"


class Award(models.Model):
    """What one reporter of a case is to get by one rule; ``payout`` is the case that pays it.

    ``position`` names the reporter of the case without saying who it is. Rule, amount and share are the facts
    of the day and stay as they are.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="awards")
    position = models.PositiveSmallIntegerField()
    regime = models.CharField(max_length=12, choices=Regime)
    rule = models.ForeignKey(RewardRule, on_delete=models.PROTECT, related_name="awards")
    amount_fen = models.BigIntegerField()
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    claim_until = models.DateField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    payout = models.OneToOneField(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="paid_award"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "regime", "position"], name="safety_one_award_per_reporter"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="safety_award_is_positive"),
        ]

    def __str__(self) -> str:
        return f"award {self.pk}"

    @property
    def amount(self) -> Money:
        """As money."""
        return Money(self.amount_fen)

"""Programmes: a special fund's year, a warmth campaign, a workforce reform."""

from typing import ClassVar

from django.db import models

from lianxin.kernel.cases.models import Case
from lianxin.kernel.orgs.models import Organization, PathField
from lianxin.kernel.text import Text


class Programme(models.Model):
    """Something that a body carries out from one day to another, for named groups, perhaps out of a fund.

    ``kind`` is the code of a kind that an app declares; ``groups`` lists codes of target groups.
    """

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    name_en = models.CharField(max_length=200, blank=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="programmes")
    organization_path = PathField(blank=True, default="")
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)
    fund = models.ForeignKey(
        "ledger.Fund", on_delete=models.PROTECT, null=True, blank=True, related_name="programmes"
    )
    groups = models.JSONField(default=list)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends=None) | models.Q(ends__gte=models.F("starts")),
                name="programmes_end_after_they_start",
            ),
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")),
                name="programmes_not_their_own_part",
            ),
            models.UniqueConstraint(
                fields=["organization", "kind", "name", "starts"], name="programmes_opened_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organization_path", "starts"], name="programmes_by_place")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its name in the reader's language, the Chinese one where no English is known."""
        return str(Text(self.name, self.name_en or self.name))


class ProgrammeCase(models.Model):
    """A case that belongs to a programme; to one at most."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="in_programme")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="cases")

    def __str__(self) -> str:
        return f"{self.case_id} in {self.programme_id}"

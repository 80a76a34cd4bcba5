"""Operating procedures: versions by clause, who must read them and who has."""

from django.db import models

from lianxin.kernel.cases.models import Case
from lianxin.kernel.orgs.models import Organization, PathField
from lianxin.kernel.people.models import Person


class Procedure(models.Model):
    """An operating procedure of an enterprise, whatever its version."""

    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="procedures")
    enterprise_path = PathField()
    title = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "title"], name="safety_one_procedure_per_title")
        ]

    def __str__(self) -> str:
        return self.title


class ProcedureVersion(models.Model):
    """One edition, never changed once published.

    ``clauses`` is a list of ``[number, text]`` in their order. ``source`` is the report or suggestion that led
    to it.
    """

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    clauses = models.JSONField()
    effective_on = models.DateField()
    note = models.TextField(blank=True)
    source = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="procedure_versions"
    )
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="safety_one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.procedure} v{self.number}"


class ReadDuty(models.Model):
    """Somebody has to read a version by a day."""

    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="read_duties")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="read_duties")
    due_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "person"], name="safety_one_read_duty_each")
        ]

    def __str__(self) -> str:
        return f"read duty {self.pk}"


class Reading(models.Model):
    """Somebody has read a version."""

    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="readings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="readings")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "person"], name="safety_read_once")]

    def __str__(self) -> str:
        return f"reading {self.pk}"

"""Dated data with sources: nothing that differs by place or year is a constant in code."""

from django.db import models

from lianxin.kernel.orgs.models import Region
from lianxin.kernel.text import Text


class Dated(models.Model):
    """Valid from a day, to a last day or until further notice, as a source says; unverified rows are marked.

    ``set_by`` is the label of whoever set the row by hand: files never change such a row.
    """

    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200)
    verified = models.BooleanField(default=False)
    set_by = models.CharField(max_length=80, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=~models.Q(source=""), name="reference_%(class)s_has_a_source"),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
                name="reference_%(class)s_ends_after_it_begins",
            ),
        ]


class Term(Dated):
    """An entry of a dictionary (accident types, industries, kinds of equipment) in one of its schemes."""

    dictionary = models.CharField(max_length=40)
    scheme = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    zh = models.CharField(max_length=120)
    en = models.CharField(max_length=160)
    parent_code = models.CharField(max_length=40, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["dictionary", "scheme", "code", "valid_from"],
                name="reference_one_term_per_code_and_day",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The term in the reader's language."""
        return str(Text(self.zh, self.en))


class Parameter(Dated):
    """A threshold, amount or time limit: the most specific region wins, then the latest ``valid_from``.

    ``value`` is JSON whose shape belongs to ``name``; a region of null is the whole country.
    """

    name = models.CharField(max_length=80)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True)
    value = models.JSONField()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["name", "region", "valid_from"],
                name="reference_one_parameter_per_day",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.name

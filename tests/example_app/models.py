"""What is known of a found thing beyond its case."""

from django.db import models

from lianxin.kernel.cases.models import Case


class FoundItem(models.Model):
    """A thing left behind at a station."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="found_item")
    what = models.CharField(max_length=200)
    shelf = models.CharField(max_length=20, blank=True)
    proof_of_ownership = models.TextField(blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.what

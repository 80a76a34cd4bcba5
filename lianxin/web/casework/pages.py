"""Steps that have a page of their own: the case page leads there instead of unfolding a form."""

from django.urls import NoReverseMatch, reverse

from lianxin.kernel.cases.models import Case

STEP_PAGES = {
    ("hazard", "merge"): "safety:merge",
    ("suggestion", "merge"): "safety:merge",
    ("hazard", "grade"): "safety:grade",
}


def page_of_step(case: Case, step: str) -> str:
    """The address of the step's own page; empty for most steps, whose form stands on the case page."""
    name = STEP_PAGES.get((case.kind, step))
    if name is None:
        return ""
    try:
        return reverse(name, args=[case.number])
    except NoReverseMatch:
        return ""

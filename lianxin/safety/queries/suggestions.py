"""Suggestions side by side: candidates are only offered, a person decides."""

from dataclasses import dataclass

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queries import cases_visible_to
from lianxin.kernel.cases.search import cutter
from lianxin.kernel.people.actors import Actor
from lianxin.safety.models import Suggestion

_NEWEST = 300
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier suggestion that says something like it; ``likeness`` is the shared part of the words, 0 to 1."""

    case: Case
    suggestion: Suggestion
    likeness: float
    shared: tuple[str, ...]


def words_of(text: str) -> frozenset[str]:
    """The words of a text that say something: two characters or more."""
    return frozenset(
        word.lower()
        for word in cutter().cut(text)
        if len(word.strip()) >= _SHORTEST and any(c.isalnum() for c in word)
    )


def similar_suggestions(viewer: Actor, case: Case, *, most: int = 5, least: float = 0.2) -> list[Candidate]:
    """Earlier open suggestions that the viewer may see, most alike first, from the newest 300 nearby.

    Nearby is under the same county, or the same body where there is none.
    """
    own = words_of(_text(case.suggestion))
    county = case.organization_path[: _county_width(case)]
    earlier = (
        cases_visible_to(viewer)
        .filter(kind="suggestion", closed_at=None, pk__lt=case.pk, organization_path__startswith=county)
        .select_related("suggestion", "organization")
        .order_by("-pk")[:_NEWEST]
    )
    found = [_compare(own, other) for other in earlier]
    alike = [candidate for candidate in found if candidate.likeness >= least]
    return sorted(alike, key=lambda candidate: (-candidate.likeness, -candidate.case.pk))[:most]


def _compare(own: frozenset[str], other: Case) -> Candidate:
    words = words_of(_text(other.suggestion))
    shared = own & words
    likeness = len(shared) / len(own | words) if own | words else 0.0
    return Candidate(other, other.suggestion, round(likeness, 3), tuple(sorted(shared)))


def _text(suggestion: Suggestion) -> str:
    return f"{suggestion.problem} {suggestion.proposal}"


def _county_width(case: Case) -> int:
    body = case.organization
    while body.parent is not None and body.level > body.Level.COUNTY:
        body = body.parent
    return len(body.path)


def unproven_adopted() -> list[str]:
    """Numbers of closed suggestions that were adopted without verified evidence: empty, or the register is false."""
    closed = Case.objects.filter(kind="suggestion", status="closed")
    proven = closed.filter(
        acts__step="verify", suggestion__verified_at__isnull=False, attachments__evidence="done"
    )
    return list(closed.exclude(pk__in=proven.values("pk")).order_by("pk").values_list("number", flat=True))

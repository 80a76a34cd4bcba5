"""Hazard reports as they are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queries import cases_visible_to
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.reference.queries import NoReference, term_label
from lianxin.kernel.statements import find, listed
from lianxin.kernel.text import Text
from lianxin.safety.choices import CRITERIA, RISK_TONES, RiskMethod
from lianxin.safety.models import Hazard, HazardReport, RectificationOrder, SafetyProfile
from lianxin.safety.rules import lec_action


@dataclass(frozen=True, slots=True)
class Graded:
    """One hazard with the words that a page shows beside it."""

    hazard: Hazard
    tone: str
    clause: str
    accident_type: str
    hazard_class: str
    action: Text | None


def method_of(enterprise: int) -> str:
    """The method by which the enterprise with this key grades its risks; LEC where it has not chosen."""
    profile = find(SafetyProfile, enterprise=enterprise)
    return profile.method if profile else RiskMethod.LEC


def hazards_of(case: Case) -> Sequence[Hazard]:
    """The hazards of a report in their order."""
    return listed(Hazard, "position", report=case.pk)


def order_of(case: Case) -> RectificationOrder | None:
    """The rectification order, once there is one."""
    return RectificationOrder.objects.filter(case=case).first()


def graded_hazards(report: HazardReport) -> list[Graded]:
    """The hazards with their words; a code out of force keeps its last words."""
    return [
        Graded(
            hazard=hazard,
            tone=RISK_TONES.get(hazard.risk_grade, ""),
            clause=_words(CRITERIA, hazard.clause),
            accident_type=_words("accident_type", hazard.accident_type),
            hazard_class=_words("hazard_class", hazard.hazard_class),
            action=lec_action(hazard.score) if hazard.method == RiskMethod.LEC and hazard.score else None,
        )
        for hazard in report.hazards.all()
    ]


def earlier_reports(viewer: Actor, case: Case, *, most: int = 20) -> list[Case]:
    """Open reports of the same kind at the same place, into which this one may be merged."""
    return list(
        cases_visible_to(viewer)
        .filter(kind=case.kind, organization=case.organization_id, closed_at=None, pk__lt=case.pk)
        .select_related("site")
        .order_by("-pk")[:most]
    )


def unproven_closed(*, until: date | None = None) -> list[str]:
    """Numbers of closed reports without verified evidence: empty, or the register is false.

    The auditor's own count beside the trigger of the database.
    """
    closed = Case.objects.filter(kind="hazard", status="closed")
    if until:
        closed = closed.filter(closed_at__date__lte=until)
    proven = (
        closed.filter(acts__step="verify", hazard_report__verified_at__isnull=False)
        .filter(attachments__evidence="before", attachments__act__step="rectify")
        .filter(attachments__evidence="after")
    )
    return list(closed.exclude(pk__in=proven.values("pk")).order_by("pk").values_list("number", flat=True))


def _words(dictionary: str, code: str) -> str:
    if not code:
        return ""
    try:
        return str(term_label(dictionary, code))
    except NoReference:
        return code

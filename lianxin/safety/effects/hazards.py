"""What opening and steps do to a hazard report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model

from lianxin.kernel.cases.attachments import Prepared
from lianxin.kernel.cases.deadlines import days, moment_after
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.routing import relocate
from lianxin.kernel.cases.workflow import Deed
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.refusals import Conflict, Refused
from lianxin.kernel.statements import fetch, insert, update
from lianxin.kernel.text import Text
from lianxin.safety import rules
from lianxin.safety.choices import LawGrade
from lianxin.safety.forms.grading import grades_in
from lianxin.safety.forms.hazards import PLACE_MISSING
from lianxin.safety.models import Hazard, HazardReport, RectificationOrder
from lianxin.safety.notices import tell_major
from lianxin.safety.queries.hazards import hazards_of, method_of

TITLE = 60


def create(case: Case, data: dict[str, Any]) -> Sequence[Model]:
    """The detail row and one row for each hazard; a photo alone makes one without words."""
    report = HazardReport(case=case, place_text=data.get("place_text") or "")
    texts = data.get("hazards") or [""]
    hazards = [
        Hazard(report=report, position=position, description=text)
        for position, text in enumerate(texts, start=1)
    ]
    return [report, *hazards]


def title(data: dict[str, Any]) -> str:
    """The first words of the first hazard, else the place."""
    texts = data.get("hazards") or []
    if texts:
        return str(texts[0]).splitlines()[0][:TITLE]
    return str(data.get("site") or data.get("place_text") or data.get("organization") or "")[:TITLE]


def check(data: dict[str, Any], files: Mapping[str, Sequence[Prepared]]) -> None:
    """A photo or a voice note and a place are enough; otherwise it takes words."""
    if data.get("hazards"):
        return
    if not any(files.values()):
        raise Refused(
            "nothing_told",
            Text("请拍照、录音或写一句话。", "Take a photo, record a voice note or write a sentence."),
            field="hazards",
        )
    if not (data.get("site") or data.get("place_text")):
        raise Refused("place_missing", PLACE_MISSING, field="place_text")


def complete(deed: Deed) -> None:
    """Keep what the reporter added."""
    added = deed.data.get("supplement") or ""
    deed.detail.supplement = f"{deed.detail.supplement}\n{added}".strip()


def merge(deed: Deed) -> None:
    """Bind the case to the earlier one; the lock keeps that one from closing in the same moment."""
    into = fetch(Case, pk=deed.data["into"].pk, lock=True)
    if into.closed_at is not None:
        raise Conflict(
            "merge_into_closed", Text("该办件刚刚办结。", "That case has just been closed."), field="into"
        )
    deed.case.merged_into = into


def reroute(deed: Deed) -> None:
    """Another place, or another body for the same place; the deadline of the whole case keeps running."""
    to: Organization = deed.data["to"]
    deed.due_at = deed.case.due_at
    if to.kind == Organization.Kind.ENTERPRISE:
        relocate(deed.case, to)
    else:
        deed.owner = to


def grade(deed: Deed) -> None:
    """Both grades for every hazard, never merged; a major one advises at once to stop work."""
    report: HazardReport = deed.detail
    method = method_of(deed.case.organization_id)
    hazards = hazards_of(deed.case)
    for hazard in hazards:
        grades = grades_in(deed.data, hazard.position, method)
        for name, value in grades.items():
            setattr(hazard, name, value)
        update(hazard, *grades)
    standing = [hazard for hazard in hazards if not hazard.unfounded]
    report.law_grade = rules.worst_law([hazard.law_grade for hazard in standing])
    report.risk_grade = rules.worst_risk([hazard.risk_grade for hazard in standing])
    report.own_duty = deed.data["own_duty"]
    report.accident_averted = deed.data["accident_averted"]
    report.graded_at = deed.at
    report.stop_work_advised = report.law_grade == LawGrade.MAJOR
    if report.stop_work_advised:
        # The enterprise must know at once, before any order is written.
        deed.case.disclosed_at = deed.case.disclosed_at or deed.at
        tell_major(deed.case, actor=deed.actor, at=deed.at)


def order(deed: Deed) -> None:
    """Write the order; its time limit is the deadline of the stage."""
    data = deed.data
    written = RectificationOrder(
        case=deed.case,
        major=deed.detail.law_grade == LawGrade.MAJOR,
        money_fen=data["money"].fen,
        ordered_at=deed.at,
        **{
            name: data[name] for name in ("responsible", "measures", "measure_class", "due_on", "contingency")
        },
        **{name: data.get(name) or "" for name in ("goals", "materials", "organization", "safety_measures")},
    )
    insert([written])
    deed.due_at = end_of(data["due_on"], deed.at)


def end_of(day: Any, at: datetime) -> datetime:
    """The last moment of a day in China."""
    return moment_after(at.combine(day, at.timetz()), days(0))


def ask_extension(deed: Deed) -> None:
    """Asking alone moves nothing."""
    deed.due_at, deed.owner = deed.case.due_at, deed.case.owner


def extend(deed: Deed) -> None:
    """A later deadline; the days add up against the regional rule."""
    deed.detail.extension_days += deed.data["days"]
    deed.due_at = moment_after(deed.case.due_at or deed.at, days(deed.data["days"]))
    deed.owner = deed.case.owner


def rectify(deed: Deed) -> None:
    """Note when the site says that it is done."""
    deed.detail.rectified_at = deed.at


def verify(deed: Deed) -> None:
    """Note when somebody else saw that it is done."""
    deed.detail.verified_at = deed.at


def back_to_work(deed: Deed) -> None:
    """Not fixed after all: the earlier proof no longer counts."""
    deed.detail.rectified_at = deed.detail.verified_at = None

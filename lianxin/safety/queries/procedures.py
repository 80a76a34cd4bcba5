"""Procedures: versions side by side, who has read them, and what hangs on the notice board."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from django.db.models import QuerySet

from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import NotAllowed
from lianxin.kernel.text import Text
from lianxin.safety.models import Procedure, ProcedureVersion, ReadDuty, Reading
from lianxin.safety.roles import SAFETY_OFFICE, SITE_MANAGER, UNION_OFFICER

Clause = tuple[str, str]
EMPTY: Clause = ("", "")


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a comparison: ``same``, ``moved`` (another number), ``changed``, ``added`` or ``removed``."""

    kind: str
    before: Clause
    after: Clause


@dataclass(frozen=True, slots=True)
class Board:
    """What is printed for the notice board: the clauses, each with whether it is new in this version."""

    version: ProcedureVersion
    enterprise: str
    clauses: tuple[tuple[str, str, bool], ...]
    from_a_worker: bool


def procedures_of(enterprise: Organization) -> QuerySet[Procedure]:
    """The procedures of an enterprise; they hang on its walls and are no secret."""
    return Procedure.objects.filter(enterprise=enterprise).order_by("title")


def current_version(procedure: Procedure) -> ProcedureVersion:
    """The newest version."""
    return ProcedureVersion.objects.filter(procedure=procedure).latest("number")


def version_before(version: ProcedureVersion) -> ProcedureVersion | None:
    """The version that this one replaced."""
    return ProcedureVersion.objects.filter(procedure=version.procedure_id, number=version.number - 1).first()


def clauses_of(version: ProcedureVersion | None) -> list[Clause]:
    """Number and text of each clause; none of no version."""
    return [(number, text) for number, text in version.clauses] if version else []


def compare_clauses(before: list[Clause], after: list[Clause]) -> list[Change]:
    """Two versions side by side, by the texts of the clauses; a replaced run is paired in its order."""
    changes: list[Change] = []
    matcher = SequenceMatcher(None, [text for _, text in before], [text for _, text in after], autojunk=False)
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        changes += [
            Change(_kind_of(old, new), old, new)
            for old, new in zip_longest(before[i1:i2], after[j1:j2], fillvalue=EMPTY)
        ]
    return changes


def _kind_of(old: Clause, new: Clause) -> str:
    if EMPTY in (old, new):
        return "added" if old == EMPTY else "removed"
    if old[1] != new[1]:
        return "changed"
    return "same" if old == new else "moved"


def side_by_side(version: ProcedureVersion) -> list[Change]:
    """What a version changed."""
    return compare_clauses(clauses_of(version_before(version)), clauses_of(version))


def board_of(version: ProcedureVersion) -> Board:
    """The print for the notice board. Whose report led to it is nobody's business there."""
    changes = [change for change in side_by_side(version) if change.kind != "removed"]
    first = version.number == 1
    return Board(
        version=version,
        enterprise=version.procedure.enterprise.name,
        clauses=tuple(
            (*change.after, not first and change.kind in {"added", "changed"}) for change in changes
        ),
        from_a_worker=version.source_id is not None,
    )


def to_read(viewer: Actor) -> list[ReadDuty]:
    """The versions that the viewer still has to read, soonest first."""
    if viewer.person is None:
        return []
    read = Reading.objects.filter(person=viewer.person).values("version")
    return list(
        ReadDuty.objects.filter(person=viewer.person)
        .exclude(version__in=read)
        .select_related("version__procedure__enterprise")
        .order_by("due_on", "pk")
    )


def read_state(viewer: Actor, version: ProcedureVersion) -> list[tuple[ReadDuty, Reading | None]]:
    """Who has to read a version and when they did; for the enterprise and the line above it."""
    kinds = (SITE_MANAGER, UNION_OFFICER, SAFETY_OFFICE)
    if viewer.role_for(kinds, version.procedure.enterprise_path) is None:
        raise NotAllowed(
            "wrong_role", Text("须由企业或其上级查看。", "This is for the enterprise and those above it.")
        )
    read = {reading.person_id: reading for reading in Reading.objects.filter(version=version)}
    duties = ReadDuty.objects.filter(version=version).select_related("person").order_by("due_on", "pk")
    return [(duty, read.get(duty.person_id)) for duty in duties]

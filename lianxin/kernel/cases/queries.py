"""Reading cases. Every query takes the viewer; row-level security stands behind each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from lianxin.kernel.cases.models import Act, Attachment, Case, ContentErasure, Reporter
from lianxin.kernel.cases.numbers import clean_number
from lianxin.kernel.cases.rules import can_perform, performs_as
from lianxin.kernel.cases.workflow import Party, Step, Verdict, workflow_for
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import NotFound
from lianxin.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that leads out of the case's status, and whether this viewer may take it."""

    step: Step
    verdict: Verdict


def under(path: str, column: str = "organization_path") -> Q:
    """Everything at or below a path, as one index range."""
    return Q(**{f"{column}__gte": path, f"{column}__lt": path + "~"})


def cases_visible_to(viewer: Actor) -> QuerySet[Case]:
    """The cases that the viewer may see: by role, as their reporter, or by receipt."""
    if viewer.scope.everything:
        return Case.objects.all()
    seen = Q(pk__in=[])
    for path in viewer.scope.wide:
        seen |= under(path)
    for path in viewer.scope.narrow:
        seen |= under(path) & Q(disclosed_at__isnull=False)
    if viewer.person:
        seen |= Q(pk__in=Reporter.objects.made_by(viewer).values("case_id"))
    if viewer.case_id:
        seen |= Q(pk=viewer.case_id)
    return Case.objects.filter(seen)


def case_for(viewer: Actor, number: str) -> Case:
    """The case with this number. Raises ``NotFound`` alike for none and for none of the viewer's."""
    cleaned = clean_number(number)
    case = (
        cases_visible_to(viewer)
        .filter(number=cleaned)
        .select_related("organization", "site", "owner", "supervisor", "parent", "merged_into")
        .first()
        if cleaned
        else None
    )
    if case is None:
        raise NotFound(
            "case_unknown",
            Text("没有这个办件，或您无权查看。", "There is no such case, or it is not yours to see."),
        )
    return case


def detail_of(case: Case) -> Any:
    """The kind's own row of a case."""
    return workflow_for(case.kind).model._default_manager.get(case=case)  # noqa: SLF001


def cases_of_reporter(viewer: Actor) -> QuerySet[Case]:
    """What the viewer raised, named or confidential, newest first."""
    if viewer.person is None:
        return Case.objects.none()
    own = Reporter.objects.made_by(viewer).values("case_id")
    return Case.objects.filter(pk__in=own).order_by("-opened_at").select_related("organization", "owner")


def offers(viewer: Actor, case: Case, *, at: datetime) -> list[Offer]:
    """The steps out of this status that concern the viewer, with the reason where one is barred."""
    result = []
    for step in workflow_for(case.kind).steps_from(case.status):
        if step.by == (Party.SYSTEM,) or not performs_as(viewer, case, step):
            continue
        result.append(Offer(step, can_perform(viewer, case, step, at)))
    return result


def history(case: Case) -> list[Act]:
    """What was done, oldest first, with the files that came with it."""
    return list(
        Act.objects.filter(case=case)
        .select_related("organization", "person")
        .prefetch_related("attachments")
        .order_by("id")
    )


def attachments_of(case: Case) -> list[Attachment]:
    """All files under a case, oldest first."""
    return list(Attachment.objects.filter(case=case).order_by("id"))


def erasures_of(files: Sequence[Attachment]) -> dict[bytes, ContentErasure]:
    """Those of some files whose content has been erased, by its hash; no statement when there are no files."""
    if not files:
        return {}
    done = ContentErasure.objects.filter(
        sha256__in=[file.sha256 for file in files], second_at__isnull=False
    ).select_related("first_body", "second_body")
    return {bytes(erasure.sha256): erasure for erasure in done}


def bodies_of(viewer: Actor) -> list[Organization]:
    """The organizations at which the viewer holds an office."""
    return list({role.organization_id: role.organization for role in viewer.roles}.values())

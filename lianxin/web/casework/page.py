"""All that the page of a case says, gathered for its template."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse

from lianxin.kernel import clock
from lianxin.kernel.cases import queries, reporters
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queries import Offer
from lianxin.kernel.cases.workflow import Step, workflow_for
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.text import Text
from lianxin.web.casework.listing import line, listed_line
from lianxin.web.casework.narrowing import Asked, going_on
from lianxin.web.casework.pages import page_of_step
from lianxin.web.casework.panels import CasePanel, panels_for
from lianxin.web.casework.telling import told_history, told_reporters
from lianxin.web.casework.uploads import evidence_form

TONES = ("primary", "secondary", "danger")


@dataclass(slots=True)
class StepPanel:
    """A step that can be taken: its form, its evidence, whether it stands open, whether it is the usual one."""

    step: Step
    form: forms.Form | None
    evidence: forms.Form
    action: str
    token: str
    page: str = ""
    open: bool = False
    usual: bool = False
    fault: Text | None = None

    @property
    def kind(self) -> str:
        """The button's kind: one primary on a page, for the step that is taken most."""
        if self.step.tone != "primary":
            return self.step.tone
        return "primary" if self.usual else "secondary"


def panel(case: Case, step: Step, *, actor: Actor, at: datetime, data: Any = None) -> StepPanel:
    """The panel of a step, empty or with what was sent."""
    form = step.form(data, actor=actor, at=at, case=case) if step.form else None
    return StepPanel(
        step=step,
        form=form,
        evidence=evidence_form(step.needs),
        action=reverse("cases:step", args=[case.number, step.name]),
        token=str(uuid.uuid4()),
        page=page_of_step(case, step.name),
        open=data is not None,
    )


def case_facts(
    viewer: Actor,
    case: Case,
    *,
    asked: Asked | None = None,
    faulty: StepPanel | None = None,
    extra: CasePanel | None = None,
) -> dict[str, Any]:
    """All that the page of a case says; ``faulty`` is a step that was sent with faults.

    ``asked`` is what of the queue the viewer goes through.

    ``extra`` stands in the place of the panel with its template: the same, with what was sent to it and the faults.
    """
    workflow, at = workflow_for(case.kind), clock.now()
    offers = queries.offers(viewer, case, at=at)
    following, asked = going_on(viewer, case, asked or Asked())
    return {
        "case": case,
        "workflow": workflow,
        "line": line(case),
        "detail": queries.detail_of(case),
        "history": told_history(case, queries.history(case)),
        "reporters": told_reporters(reporters.authors(case)),
        "panels": _panels(viewer, case, offers, faulty),
        "barred": [offer for offer in offers if not offer.verdict.allowed],
        "children": [line(child) for child in _children(viewer, case)],
        "parent": line(case.parent) if case.parent and _sees(viewer, case.parent) else None,
        "merged_into": line(case.merged_into)
        if case.merged_into and _sees(viewer, case.merged_into)
        else None,
        "extras": [
            extra if extra and extra.template == each.template else each for each in panels_for(viewer, case)
        ],
        "viewer": viewer,
        "following": listed_line(following, own=True) if following else None,
        "asked": asked,
        "is_reporter_page": not viewer.roles,
    }


def _panels(viewer: Actor, case: Case, offers: list[Offer], faulty: StepPanel | None) -> list[StepPanel]:
    found = [_panel(viewer, case, offer, faulty) for offer in offers if offer.verdict.allowed]
    # What is usually done comes first, what cannot be taken back last.
    found.sort(key=lambda each: TONES.index(each.step.tone))
    for usual in [each for each in found if each.step.tone == "primary"][:1]:
        usual.usual = True
    return found


def _panel(viewer: Actor, case: Case, offer: Offer, faulty: StepPanel | None) -> StepPanel:
    if faulty and faulty.step.name == offer.step.name:
        return faulty
    return panel(case, offer.step, actor=viewer, at=clock.now())


def _children(viewer: Actor, case: Case) -> list[Case]:
    found = queries.cases_visible_to(viewer).filter(Q(parent=case) | Q(merged_into=case))
    return list(found.select_related("organization", "owner").order_by("id")[:50])


def _sees(viewer: Actor, case: Case) -> bool:
    return queries.cases_visible_to(viewer).filter(pk=case.pk).exists()

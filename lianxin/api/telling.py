"""From rows to answers."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from lianxin.api.answers import (
    ActOut,
    CaseDetail,
    CaseOut,
    FieldOut,
    FigureOut,
    KindOut,
    OfferOut,
    StepOut,
    Words,
)
from lianxin.kernel.cases.models import Act, Case
from lianxin.kernel.cases.queries import Offer
from lianxin.kernel.cases.services import step_label
from lianxin.kernel.cases.workflow import Step, Workflow, workflow_for
from lianxin.kernel.clock import CHINA
from lianxin.kernel.metrics.queries import Shown
from lianxin.kernel.metrics.totals import Value


def case_out(case: Case) -> CaseOut:
    """One case."""
    return CaseOut(**_facts(case))


def case_detail(case: Case, acts: list[Act], offers: list[Offer]) -> CaseDetail:
    """One case with history and possible steps."""
    return CaseDetail(
        **_facts(case), history=[_act(case, act) for act in acts], offers=[_offer(offer) for offer in offers]
    )


def _facts(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "kind": case.kind,
        "title": case.title,
        "status": case.status,
        "status_label": Words.of(workflow_for(case.kind).status_label(case.status)),
        "organization": case.organization.name,
        "site": case.site.name if case.site else None,
        "owner": case.owner.name if case.owner else None,
        "owner_role": case.owner_role,
        "opened_at": _told(case.opened_at),
        "due_at": _told(case.due_at),
        "closed_at": _told(case.closed_at),
        "outcome": case.outcome,
        "escalation": case.escalation,
        "parent": case.parent.number if case.parent else None,
    }


def _told(moment: datetime | None) -> datetime | None:
    """One spelling for every moment: China's."""
    return moment.astimezone(CHINA) if moment else None


def _act(case: Case, act: Act) -> ActOut:
    return ActOut(
        step=act.step,
        label=Words.of(step_label(case.kind, act.step)),
        at=act.at.astimezone(CHINA),
        by=act.organization.name if act.organization else _party(act.actor),
        from_status=act.from_status,
        to_status=act.to_status,
        said=act.data,
        files=len(act.attachments.all()),
        entry=act.entry.seq,
    )


def _party(label: str) -> str:
    return "system" if label == "system" else "reporter"


def _offer(offer: Offer) -> OfferOut:
    verdict = offer.verdict
    return OfferOut(
        step=offer.step.name,
        label=Words.of(offer.step.label),
        allowed=verdict.allowed,
        code=verdict.code,
        reason=Words.of(verdict.reason) if verdict.reason else None,
    )


def kind_out(workflow: Workflow) -> KindOut:
    """A kind of case: what opens it and what can be done to it."""
    opening = workflow.opening
    return KindOut(
        kind=workflow.kind,
        label=Words.of(workflow.label),
        statuses={status: Words.of(workflow.status_label(status)) for status in workflow.statuses.values},
        modes=list(opening.modes) if opening else [],
        fields=fields_of(opening.form) if opening else [],
        evidence=[evidence.name for evidence in opening.evidence] if opening else [],
        steps=[_step(step) for step in workflow.steps.values()],
    )


def _step(step: Step) -> StepOut:
    return StepOut(
        step=step.name,
        label=Words.of(step.label),
        sources=sorted(step.move.sources),
        target=step.move.target or None,
        by=[str(getattr(party, "code", party)) for party in step.by],
        fields=fields_of(step.form) if step.form else [],
        evidence=[evidence.name for evidence in step.needs],
    )


def fields_of(form: type[forms.Form]) -> list[FieldOut]:
    """What a form asks for, as far as it can be said without a case."""
    return [
        FieldOut(
            name=name,
            label=Words.of(field.label or name),
            required=field.required,
            choices=_choices(field),
        )
        for name, field in form.base_fields.items()
    ]


def _choices(field: forms.Field) -> list[str] | None:
    if isinstance(field, forms.ModelChoiceField) or not isinstance(field, forms.ChoiceField):
        return None
    return [str(value) for value, _ in field.choices if not isinstance(value, list | tuple)]  # type: ignore[misc,union-attr]


def figure_out(shown: Shown) -> FigureOut:
    """One figure."""
    return FigureOut(
        id=shown.metric.id,
        label=Words.of(shown.metric.label),
        unit=Words.of(shown.metric.unit),
        first=shown.period.first,
        last=shown.period.last,
        value=_number(shown.number),
        hidden=shown.hidden,
        source=shown.query,
    )


def _number(value: Value) -> float | bool | str | None:
    """As JSON knows it: days and other words as text."""
    if value is None or isinstance(value, bool | str):
        return value
    return float(value) if isinstance(value, int | float | Decimal) else str(value)

"""The shapes of what the API answers."""

from datetime import date, datetime
from typing import Any

from ninja import Schema

from lianxin.kernel.text import Text


class Words(Schema):
    """A text in both languages."""

    zh: str
    en: str

    @staticmethod
    def of(text: object) -> "Words":
        """From a ``Text``, or from a plain string in whatever language it is."""
        if isinstance(text, Text):
            return Words(zh=text.zh, en=text.en)
        return Words(zh=str(text), en=str(text))


class Problem(Schema):
    """Why something was not done: ``code`` for programs, ``message`` for people, ``field`` at fault."""

    code: str
    message: Words
    field: str | None = None
    faults: dict[str, list[Words]] | None = None


class CaseOut(Schema):
    """Where a case stands. ``due_at`` is the deadline of whoever has it now."""

    number: str
    kind: str
    title: str
    status: str
    status_label: Words
    organization: str
    site: str | None
    owner: str | None
    owner_role: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    outcome: str
    escalation: int
    parent: str | None


class ActOut(Schema):
    """One line of a case's history; ``entry`` is its number in the case's log."""

    step: str
    label: Words
    at: datetime
    by: str
    from_status: str
    to_status: str
    said: dict[str, Any]
    files: int
    entry: int


class OfferOut(Schema):
    """A step out of the present status, and whether the caller may take it."""

    step: str
    label: Words
    allowed: bool
    code: str
    reason: Words | None


class CaseDetail(CaseOut):
    """A case with its history and the caller's possible steps."""

    history: list[ActOut]
    offers: list[OfferOut]


class OpenedOut(Schema):
    """What opening gives back. ``created`` is false for a repeated client token.

    ``receipt`` is the sender's own code, ``receipts`` all of them where several people raise it without a name. They
    are shown once.
    """

    case: CaseOut
    receipt: str | None
    receipts: list[str]
    created: bool


class QueueOut(Schema):
    """One page of a queue; ``next`` continues it."""

    cases: list[CaseOut]
    next: str | None


class FieldOut(Schema):
    """What a form asks for."""

    name: str
    label: Words
    required: bool
    choices: list[str] | None = None


class StepOut(Schema):
    """A step of a workflow: who may take it, what it asks for, which evidence it needs."""

    step: str
    label: Words
    sources: list[str]
    target: str | None
    by: list[str]
    fields: list[FieldOut]
    evidence: list[str]


class KindOut(Schema):
    """A kind of case."""

    kind: str
    label: Words
    statuses: dict[str, Words]
    modes: list[str]
    fields: list[FieldOut]
    evidence: list[str]
    steps: list[StepOut]


class FigureOut(Schema):
    """A figure with the query it comes from; ``value`` is null where a group is too small to publish."""

    id: str
    label: Words
    unit: Words
    first: date
    last: date
    value: float | bool | str | None
    hidden: bool
    source: str


class RecountOut(Schema):
    """A figure counted again from rows."""

    shown: FigureOut
    again: FigureOut
    agrees: bool


class ProofOut(Schema):
    """An inclusion proof; see the guide for checking one by hand."""

    proof: dict[str, Any]


class Verified(Schema):
    """Whether a proof holds, and whether it was signed by this installation's key."""

    holds: bool
    ours: bool

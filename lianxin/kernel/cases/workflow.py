"""Workflows as data: statuses, stages, steps. One file of an app reads like the rule it implements.

From the same data come the buttons, the queue, the deadlines, the permission table and the state diagram.
Nothing here touches the database; :mod:`lianxin.kernel.cases.services` performs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.expressions import Combinable

from lianxin.kernel.cases.deadlines import Duration
from lianxin.kernel.people.roles import RoleKind
from lianxin.kernel.text import Text

if TYPE_CHECKING:
    from lianxin.kernel.cases.forms import OpeningForm, StepForm
    from lianxin.kernel.cases.models import Case
    from lianxin.kernel.files.prepared import Prepared
    from lianxin.kernel.orgs.models import Organization
    from lianxin.kernel.people.actors import Actor


class Party(StrEnum):
    """Who may perform a step without holding a role."""

    REPORTER = "reporter"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Move:
    """From any of some statuses to one; an empty target leaves the case where it stands."""

    sources: frozenset[str]
    target: str


class Status(models.TextChoices):
    """Base for the statuses of a workflow: ``S.SUBMITTED >> S.ACCEPTED`` is a move."""

    def __rshift__(self, target: "Status") -> Move:
        return Move(frozenset({self.value}), target.value)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Several statuses from which the same step leads: ``any_of(S.A, S.B) >> S.C``."""

    sources: frozenset[str]

    def __rshift__(self, target: Status) -> Move:
        return Move(self.sources, target.value)


def any_of(*statuses: Status) -> AnyOf:
    """Sources for a step that can be taken from several statuses."""
    return AnyOf(frozenset(status.value for status in statuses))


def staying(*statuses: Status) -> Move:
    """A step that changes something else than the status (a longer deadline, another owner)."""
    return Move(frozenset(status.value for status in statuses), "")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Files that a step asks for; ``least`` of 0 makes them welcome but not required."""

    name: str
    label: Text
    kinds: frozenset[str] = frozenset({"photo"})
    least: int = 1
    most: int = 9


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something may be done, and if not why, in words that the page shows."""

    allowed: bool
    code: str = ""
    reason: Text | None = None


YES = Verdict(allowed=True)


def no(code: str, reason: Text) -> Verdict:
    """A refusal with its reason."""
    return Verdict(allowed=False, code=code, reason=reason)


@dataclass(slots=True)
class Deed:
    """A step in the middle of being performed; an effect reads it and may change what is marked so.

    ``detail`` (may be changed): the row of the kind; what an effect has set is written when it is done.
    ``target`` (may be changed): the status the case goes to. ``due_at`` (may be set): a deadline of its own
    instead of the stage's rule. ``owner`` (may be set): the body whose turn it is, instead of the nearest.
    ``outcome`` (may be set): the code kept with a closed case.
    """

    case: "Case"
    detail: Any
    actor: "Actor"
    at: datetime
    data: dict[str, Any]
    target: str
    due_at: datetime | None = None
    owner: "Organization | None" = None
    outcome: str = ""


Rule = Callable[["Actor", "Case"], Verdict]
Effect = Callable[[Deed], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that can be done to a case. See :meth:`Workflow.step` for the fields."""

    name: str
    label: Text
    move: Move
    by: tuple[RoleKind | Party, ...]
    form: "type[StepForm] | None" = None
    needs: tuple[Evidence, ...] = ()
    duties: Mapping[str, str] = field(default_factory=dict)
    rule: Rule | None = None
    effect: Effect | None = None
    within: Duration | None = None
    after: Duration | None = None
    outcome: str = ""
    tone: str = "primary"
    help: Text | None = None

    @property
    def roles(self) -> tuple[RoleKind, ...]:
        """The kinds of role that may perform it."""
        return tuple(party for party in self.by if isinstance(party, RoleKind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Who has to act while a case is in a status, and within what time (before regional rules)."""

    status: str
    owner: RoleKind | Party
    within: Duration | None = None
    discloses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a case of this kind comes about: the form, who may, in which ways, and what it becomes.

    ``create(case, data)`` gives the detail row and what belongs to it, unsaved, in their order.
    ``title(data)`` gives the case its title. ``check(data, files)``
    may refuse what form and evidence allow only apart (a text may be empty when there is a photo). ``help`` is what
    somebody has to know before they begin.
    """

    form: "type[OpeningForm]"
    create: Callable[["Case", dict[str, Any]], Sequence[models.Model]]
    title: Callable[[dict[str, Any]], str]
    by: tuple[RoleKind, ...] = ()
    modes: tuple[str, ...] = ("named",)
    evidence: tuple[Evidence, ...] = ()
    duties: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[dict[str, Any], Mapping[str, Sequence["Prepared"]]], None] | None = None
    after: Callable[["Case", dict[str, Any], "Actor", datetime], None] | None = None
    help: Text | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """How much depends on a case: ``value`` reads it from the case's row, a whole number, the more the heavier.

    ``known`` are the statuses in which there is one. ``words`` says what a weight means, and in which colour; a weight
    without words is not shown.
    """

    value: Combinable
    known: frozenset[str]
    words: Mapping[int, tuple[str, str]]


class Workflow:
    """All that can happen to one kind of case."""

    def __init__(  # noqa: PLR0913 - each is a line of the declaration
        self,
        kind: str,
        model: type[models.Model],
        statuses: type[Status],
        *,
        label: Text,
        prefix: str,
        initial: Status,
        final: set[Status],
        opening: Opening | None = None,
        facts_template: str = "",
        icon: str = "file",
        weight: Weight | None = None,
    ) -> None:
        """Declare a kind.

        ``prefix`` starts its case numbers; ``facts_template`` draws the detail row. ``weight`` says how much depends
        on a case, for whoever reads their queue so.
        """
        self.kind = kind
        self.model = model
        self.statuses = statuses
        self.label = label
        self.prefix = prefix
        self.initial = initial.value
        self.final = frozenset(status.value for status in final)
        self.opening = opening
        self.facts_template = facts_template
        self.icon = icon
        self.weight = weight
        self.steps: dict[str, Step] = {}
        self.stages: dict[str, Stage] = {}

    def stage(
        self,
        status: Status,
        *,
        owner: RoleKind | Party,
        within: Duration | None = None,
        discloses: bool = False,
    ) -> None:
        """Say who has to act in a status and by when; ``discloses`` opens the case to the place it concerns."""
        self.stages[status.value] = Stage(
            status=status.value, owner=owner, within=within, discloses=discloses
        )

    def step(  # noqa: PLR0913 - each is a line of the declaration
        self,
        name: str,
        label: Text,
        move: Move,
        *,
        by: RoleKind | Party | tuple[RoleKind | Party, ...],
        form: "type[StepForm] | None" = None,
        needs: tuple[Evidence, ...] = (),
        duties: Mapping[str, str] | None = None,
        rule: Rule | None = None,
        effect: Effect | None = None,
        within: Duration | None = None,
        after: Duration | None = None,
        outcome: str = "",
        tone: str = "primary",
        help: Text | None = None,  # noqa: A002 - the word of Django's own fields
    ) -> None:
        """Declare a step.

        ``duties`` maps a group to the duty taken in it: one person takes one duty of a group in a chain of
        cases (``{"repair": "rectify"}`` against ``{"repair": "verify"}``); a group ending in ``@body`` binds
        organizations instead of persons. ``within`` closes the step that long after its status was entered
        (a reporter's objection window). ``after`` lets the system perform it by itself after that time.
        """
        if name in self.steps:
            message = f"{self.kind} already has a step {name}"
            raise ValueError(message)
        self.steps[name] = Step(
            name=name,
            label=label,
            move=move,
            by=by if isinstance(by, tuple) else (by,),
            form=form,
            needs=needs,
            duties=duties or {},
            rule=rule,
            effect=effect,
            within=within,
            after=after,
            outcome=outcome,
            tone=tone,
            help=help,
        )

    def steps_from(self, status: str) -> list[Step]:
        """The steps that lead out of a status, in the order they were declared."""
        return [step for step in self.steps.values() if status in step.move.sources]

    def status_label(self, status: str) -> Text:
        """The word for a status."""
        label: Text = self.statuses(status).label  # type: ignore[assignment]
        return label


_workflows: dict[str, Workflow] = {}


def register(workflow: Workflow) -> Workflow:
    """Make a kind of case known to queue, pages, API, deadlines, log and figures."""
    if _workflows.setdefault(workflow.kind, workflow) is not workflow:
        message = f"kind {workflow.kind} is already registered"
        raise ValueError(message)
    return workflow


def workflow_for(kind: str) -> Workflow:
    """The workflow of a kind; raises ``KeyError`` for a kind that no app registers."""
    return _workflows[kind]


def workflows() -> list[Workflow]:
    """All kinds, in the order they were registered."""
    return list(_workflows.values())

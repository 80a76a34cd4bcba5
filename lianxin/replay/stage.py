"""What every story of the year stands on: places, people, pictures, and the way to act as somebody."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lianxin.kernel import scope
from lianxin.kernel.cases.history import Files
from lianxin.kernel.cases.intake import Uploads, submit
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.rules import can_perform
from lianxin.kernel.cases.services import Opened, perform, step_of
from lianxin.kernel.cases.workflow import Workflow, workflow_for
from lianxin.kernel.ledger.models import BudgetLine, Fund
from lianxin.kernel.people.actors import Actor
from lianxin.replay.agenda import Agenda
from lianxin.replay.people import Cast
from lianxin.replay.pictures import Pictures
from lianxin.replay.places import Places


@dataclass(slots=True)
class Stage:
    """The year under way. ``cases`` finds cases by the key that the script gives them.

    ``payouts`` says what is to go wrong with a case's payout, once: ``declined``, ``void`` or ``failed``.
    """

    year: int
    places: Places
    cast: Cast
    agenda: Agenda
    pictures: Pictures
    fund: Fund | None = None
    rewards: BudgetLine | None = None
    cases: dict[str, Case] = field(default_factory=dict)
    payouts: dict[int, str] = field(default_factory=dict)

    def officer_for(self, case: Case) -> Actor:
        """The union officer in whose queue the case lies."""
        return self.cast.officers[case.owner_id or self.places.city.pk]

    def manager_of(self, case: Case) -> Actor:
        """The site manager of the enterprise that the case is about."""
        return self.cast.managers[case.organization_id]

    def workers_at(self, place: str) -> list[Actor]:
        """The workers of the enterprise of a place."""
        return self.cast.workers[self.places.sites[place].organization_id]


def send(
    workflow: Workflow, *, actor: Actor, at: datetime, data: Mapping[str, Any], uploads: Uploads | None = None
) -> Opened:
    """Submit a form as the web does: under the sender's own scope, files decoded on the way."""
    _look_as(actor)
    return submit(workflow, actor=actor, at=at, data=dict(data), uploads=uploads or {})


def do(
    case: Case, step: str, *, actor: Actor, at: datetime, files: Files | None = None, **inputs: Any
) -> Case:
    """Take a step as the web does. Files are ready already, and what the actor may see plays no part in it."""
    return perform(case, step, actor=actor, at=at, files=files, inputs=inputs)


def under(actor: Actor, deed: Callable[[], Any]) -> Any:
    """Any other deed, under the actor's own scope."""
    _look_as(actor)
    return deed()


def _look_as(actor: Actor) -> None:
    """Put the connection under the actor's scope, as the first thing that their request would do."""
    if scope.current() != actor.scope:
        scope.enter(actor.scope)


def fresh(case: Case) -> Case:
    """The case as it stands now."""
    with scope.use(scope.EVERYTHING):
        return Case.objects.select_related("organization", "site", "owner").get(pk=case.pk)


def free_hand(actors: list[Actor], case: Case, step: str, at: datetime) -> Actor:
    """The first of these who may take the step: who has had another part in the case may not."""
    found, now = step_of(workflow_for(case.kind), step), fresh(case)
    with scope.use(scope.EVERYTHING):
        for actor in actors:
            if can_perform(actor, now, found, at).allowed:
                return actor
    message = f"nobody is free for the step {step} of {case.number}"
    raise LookupError(message)


def chance_of(*parts: object) -> random.Random:
    """A source of chance of one's own, the same in every replay."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - a script, not a secret

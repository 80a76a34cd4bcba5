"""Looking at a sealed value: who may, and the trace that its owner can read."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.services import record
from lianxin.kernel.clock import day_of
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.roles import FINANCE_OFFICER, UNION_OFFICER
from lianxin.kernel.people.sealed import Fact, open_fact
from lianxin.kernel.people.services import stream_of
from lianxin.kernel.people.throttles import throttle
from lianxin.kernel.reference.queries import parameter
from lianxin.kernel.refusals import NotAllowed, Refused
from lianxin.kernel.text import Text

ACTION = "person.reveal"
# Offices whose work needs the number itself: to call, to pay, to compare papers.
MAY_REVEAL = (UNION_OFFICER, FINANCE_OFFICER)
SHORTEST_REASON = 4
HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody saw a sealed value: when, which office of which body, what, and why."""

    at: datetime
    actor: str
    what: str
    organization: int | None
    reason: str


def reveal(person: Person, what: Fact, *, actor: Actor, reason: str, at: datetime) -> str:
    """The plain value. The trace is committed before it is handed out, so this may not run inside a transaction.

    A person sees their own without a trace. Raises ``NotAllowed("may_not_reveal")`` for anyone but an officer
    responsible for the person's place, ``Refused("reason_missing")``, and ``TooMany`` past the hourly limit.
    """
    if actor.person is not None and actor.person.pk == person.pk and actor.token_scopes is None:
        with scope.use(actor.scope):
            return open_fact(_fresh(person), what)
    role = actor.role_for(MAY_REVEAL, person.organization_path) if person.organization_path else None
    if role is None or actor.token_scopes is not None:
        raise NotAllowed(
            "may_not_reveal",
            Text(
                "只有负责此人所在单位的工会干部可以查看。",
                "Only an officer responsible for this person's place may look.",
            ),
        )
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(
            "reason_missing",
            Text("请写明查看理由，本人可以看到。", "Say why you need to look. The person can read it."),
            field="reason",
        )
    limit = int(parameter("people.reveals_per_hour", region=None, on=day_of(at), default=60))
    throttle(f"reveal:{actor.label}", limit=limit, window_seconds=HOUR, at=at)
    with transaction.atomic(durable=True), scope.act():
        value = open_fact(_fresh(person), what)
        record(
            ACTION,
            stream=stream_of(person),
            actor=actor.label,
            at=at,
            after={"what": what, "organization": role.organization_id, "role": role.kind},
            reason=reason,
            request_id=actor.request_id,
        )
    return value


def reveals_of(person: Person, *, viewer: Actor) -> list[Look]:
    """Who looked at this person's sealed values, newest first; for the person themselves, and nobody else.

    Raises ``NotAllowed``.
    """
    if viewer.person is None or viewer.person.pk != person.pk:
        raise NotAllowed("not_yours", Text("只能查看本人的记录。", "You can only see this for yourself."))
    entries = LogEntry.objects.filter(stream=stream_of(person), action=ACTION).order_by("-seq")
    return [_look(entry) for entry in entries]


def _look(entry: LogEntry) -> Look:
    body = entry.told
    after = body["after"]
    return Look(entry.at, entry.actor, after["what"], after["organization"], body["reason"])


def _fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)

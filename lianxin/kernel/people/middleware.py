"""Each request gets its actor, and the connection its scope, before anything is read."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from lianxin.kernel import clock, scope
from lianxin.kernel.people.actors import NOBODY, Actor, ActorKind
from lianxin.kernel.people.models import Person, Role
from lianxin.kernel.people.roles import role_kind
from lianxin.kernel.people.signin import has_second_factor
from lianxin.kernel.reference.queries import parameter

SEEN = "lianxin_seen"
# How exact the idle time is; a smaller step would write the session more often.
STEP = timedelta(minutes=1)


class ActorMiddleware:
    """Sets ``request.actor`` and ``request.has_office``, and puts the connection under the actor's scope.

    Somebody in an office whose session lacks the second factor acts as a worker: ``has_office`` is true and the
    actor holds no staff role; pages of the workbench send them to ``signin.second_factor_missing``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find out who acts, then answer."""
        request_id = secrets.token_hex(8)
        actor, has_office = _actor(request, request_id)
        if has_office and _idle_too_long(request, clock.now()):
            logout(request)
            actor, has_office = replace(NOBODY, request_id=request_id), False
        request.actor = actor  # type: ignore[attr-defined]
        request.has_office = has_office  # type: ignore[attr-defined]
        scope.enter(actor.scope)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


def _actor(request: HttpRequest, request_id: str) -> tuple[Actor, bool]:
    """The actor, and whether the person holds a staff office at all."""
    pk = getattr(request.user, "person_id", None)
    if pk is None:
        return replace(NOBODY, request_id=request_id), False
    # The person's own row is all that may be read before the scope is known.
    scope.enter(scope.Scope(me=pk))
    person = Person.objects.filter(pk=pk, erased_at=None).first()
    if person is None:
        return replace(NOBODY, request_id=request_id), False
    roles = tuple(Role.objects.filter(person_id=pk, ended_at=None).select_related("organization"))
    actor = Actor(ActorKind.PERSON, person=person, roles=roles, request_id=request_id)
    if actor.is_staff and not has_second_factor(request):
        return as_worker(actor), True
    return actor, actor.is_staff


def as_worker(actor: Actor) -> Actor:
    """The same person without the offices that ask for a second factor."""
    return replace(actor, roles=tuple(role for role in actor.roles if not role_kind(role.kind).staff))


def _idle_too_long(request: HttpRequest, now: datetime) -> bool:
    """Whether an office was left unattended; remembers that it was used."""
    minutes = int(parameter("people.idle_minutes", region=None, on=clock.day_of(now), default=30))
    seen = request.session.get(SEEN)
    last = datetime.fromisoformat(seen) if seen else now
    if now - last > timedelta(minutes=minutes):
        return True
    if not seen or now - last >= STEP:
        request.session[SEEN] = now.isoformat()
    return False

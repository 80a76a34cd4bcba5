"""Each request gets its actor, and the connection its scope, before anything is read."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.db import connection
from django.http import HttpRequest, HttpResponse

from lianxin.kernel import clock, scope
from lianxin.kernel.people.actors import NOBODY, Actor
from lianxin.kernel.people.entering import PERSON, enter_as, enter_by
from lianxin.kernel.people.roles import role_kind
from lianxin.kernel.people.signin import has_second_factor
from lianxin.kernel.reference.queries import parameter

SEEN = "lianxin_seen"
# How exact the idle time and the list of one's sessions are; a smaller step would write both more often.
STEP = timedelta(minutes=1)


class ActorMiddleware:
    """Sets ``request.actor`` and ``request.has_office``, and puts the connection under the actor's scope.

    Somebody in an office whose session lacks the second factor acts as a worker: ``has_office`` is true and the
    actor holds no staff role; pages of the workbench send them to ``signin.second_factor_missing``.

    ``settings.PAGES_WITHOUT_DATABASE`` are answered to nobody in particular, and cannot reach the database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find out who acts, then answer."""
        request_id = secrets.token_hex(8)
        if request.path in settings.PAGES_WITHOUT_DATABASE:
            response = self._answer_without_database(request, request_id)
        else:
            _find_actor(request, request_id)
            response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response

    def _answer_without_database(self, request: HttpRequest, request_id: str) -> HttpResponse:
        _put(request, replace(NOBODY, request_id=request_id), has_office=False)
        # The connection may still be under the scope of whoever was served before: nothing may be read.
        with connection.execute_wrapper(_refuse):
            return self.get_response(request)


def _find_actor(request: HttpRequest, request_id: str) -> None:
    actor, has_office = _actor(request, request_id)
    if actor.person is not None and _is_idle(request, actor.person.pk, clock.now(), has_office=has_office):
        logout(request)
        actor, has_office = replace(NOBODY, request_id=request_id), False
    _put(request, actor, has_office=has_office)
    if actor.person is None or actor.scope != scope.current():
        scope.enter(actor.scope)


def _put(request: HttpRequest, actor: Actor, *, has_office: bool) -> None:
    request.actor = actor  # type: ignore[attr-defined]
    request.has_office = has_office  # type: ignore[attr-defined]


def _actor(request: HttpRequest, request_id: str) -> tuple[Actor, bool]:
    """The actor, and whether the person holds a staff office at all."""
    actor = _signed_in(request, request_id)
    if actor is None:
        return replace(NOBODY, request_id=request_id), False
    if actor.is_staff and not has_second_factor(request):
        return as_worker(actor), True
    return actor, actor.is_staff


def _signed_in(request: HttpRequest, request_id: str) -> Actor | None:
    found = enter_by(request.session, request_id=request_id)
    if found is not None:
        # Where Django's own middleware looks before it asks the database.
        request._cached_user, actor = found  # type: ignore[attr-defined]  # noqa: SLF001
        return actor
    pk = getattr(request.user, "person_id", None)
    return enter_as(pk, request_id=request_id) if pk is not None else None


def as_worker(actor: Actor) -> Actor:
    """The same person without the offices that ask for a second factor."""
    return replace(actor, roles=tuple(role for role in actor.roles if not role_kind(role.kind).staff))


def _is_idle(request: HttpRequest, person: int, now: datetime, *, has_office: bool) -> bool:
    """Whether an office was left unattended; remembers, to the minute, that the session was used."""
    seen = request.session.get(SEEN)
    last = datetime.fromisoformat(seen) if seen else now
    if has_office and now - last > _longest_pause(now):
        return True
    if not seen or now - last >= STEP:
        request.session[SEEN] = now.isoformat()
        request.session[PERSON] = person
        UserSession.objects.create_from_request(request)
    return False


def _longest_pause(now: datetime) -> timedelta:
    minutes = int(parameter("people.idle_minutes", region=None, on=clock.day_of(now), default=30))
    return timedelta(minutes=minutes)


def _refuse(*_statement: Any) -> Any:
    message = "this page is answered without the database (settings.PAGES_WITHOUT_DATABASE)"
    raise RuntimeError(message)

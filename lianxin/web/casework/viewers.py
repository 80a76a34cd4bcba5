"""Who is looking at a case page: a person with their roles, or whoever has shown a receipt code."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.people.actors import NOBODY, Actor, receipt_holder
from lianxin.kernel.people.signin import second_factor_missing
from lianxin.kernel.refusals import NotAllowed
from lianxin.kernel.text import Text

COOKIE = "lianxin_receipt"
RECEIPT_LASTS = timedelta(minutes=30)
SECOND_FACTOR = Text(
    "您的岗位须有密码和第二步验证。请在这里设置或验证，完成后再打开工作台。",
    "Your office asks for a password and a second factor. Set it up or confirm it here, then open the workbench again.",
)
View = Callable[..., HttpResponse]


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware found behind the request."""
    actor: Actor = getattr(request, "actor", NOBODY)
    return actor


def remember_receipt(request: HttpRequest, response: HttpResponse, case: Case, *, position: int = 1) -> None:
    """Let this browser look at the case for half an hour without typing the code again.

    In a signed cookie: sending a report without a name leaves no session in the database, and costs it nothing.
    """
    until = clock.now() + RECEIPT_LASTS
    response.set_signed_cookie(
        COOKIE,
        f"{case.pk}/{position}/{case.number}/{until.isoformat()}",
        salt=session_of(request),
        max_age=RECEIPT_LASTS,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )


def viewer_of(request: HttpRequest, number: str) -> Actor:
    """The person signed in, or the holder of this case's receipt where one was shown a short while ago."""
    kept = str(request.get_signed_cookie(COOKIE, default="", salt=session_of(request)) or "")
    pk, position, of, until = (*kept.split("/"), "", "", "")[:4]
    if of == number and until and datetime.fromisoformat(until) > clock.now():
        return receipt_holder(int(pk), position=int(position), request_id=actor_of(request).request_id)
    return actor_of(request)


def session_of(request: HttpRequest) -> str:
    """Binds a cookie to a sign-in: signing out, or in as somebody else, forgets what was shown before it."""
    return f"receipt:{request.session.session_key or ''}"


@contextmanager
def looking(viewer: Actor) -> Iterator[None]:
    """Put the connection under the viewer's scope for as long as the page is made."""
    with scope.use(viewer.scope):
        yield


def signed_in(view: View) -> View:
    """Send whoever is not signed in to the sign-in page, and back here afterwards."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if actor_of(request).person is None:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


def officers_only(view: View) -> View:
    """Open the page to whoever holds a role."""

    @wraps(view)
    @signed_in
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not actor_of(request).roles:
            if missing := second_factor_missing(request):
                messages.warning(request, str(SECOND_FACTOR))
                return HttpResponseRedirect(f"{missing}?{urlencode({'next': request.get_full_path()})}")
            raise NotAllowed(
                "no_role",
                Text(
                    "这里是工作台，须有工会或企业岗位。",
                    "This is the workbench, for those who hold an office.",
                ),
            )
        return view(request, *args, **kwargs)

    return guarded

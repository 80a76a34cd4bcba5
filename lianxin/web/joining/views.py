"""Two pages: who you are, and the code that proves your number."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lianxin.kernel import clock
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.addresses import source_of
from lianxin.kernel.people.joining import WORDING, count_joining_try, join, send_joining_code
from lianxin.kernel.people.numbers import mask_phone
from lianxin.kernel.refusals import Refused, TooMany
from lianxin.kernel.text import Text
from lianxin.web.answers import UNPROCESSABLE, see_other
from lianxin.web.casework import places
from lianxin.web.casework.viewers import actor_of
from lianxin.web.joining.forms import CodeForm, JoinForm

# The session is sealed: number and code stand in it in plain until the code came back or its time ran out.
KEPT = "joining"
_WRONG = Text("验证码不对，请核对短信后再填。", "That is not the code. Compare it with the message.")
_ANEW = Text("验证码已失效，请重新获取。", "The code is no longer good. Ask for a new one.")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for name and number, and send a code there."""
    if request.user.is_authenticated:
        return see_other(reverse("web:home"))
    if request.method != "POST":
        return _ask_page(request, JoinForm())
    if "find_place" in request.POST:
        return _ask_page(request, JoinForm(initial=request.POST.dict()))
    form = JoinForm(request.POST)
    if not form.is_valid():
        return _ask_page(request, form, UNPROCESSABLE)
    employer: Organization | None = form.cleaned_data["chosen_place"]
    told = {
        "phone": form.cleaned_data["phone"],
        "name": form.cleaned_data["name"],
        "employer": employer and employer.pk,
        "wording": str(WORDING),
    }
    try:
        _send(request, told)
    except TooMany:
        raise
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
        return _ask_page(request, form, UNPROCESSABLE)
    return see_other(reverse("joining:code"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Take the code; the right one makes the account, or finds it, and signs in."""
    kept = request.session.get(KEPT)
    if kept is None:
        return see_other(reverse("joining:ask"))
    if request.method != "POST":
        return _code_page(request, CodeForm(), kept)
    if "again" in request.POST:
        _send(request, kept)
        return see_other(reverse("joining:code"))
    form = CodeForm(request.POST)
    if form.is_valid() and (fault := _fault(request, kept, form.cleaned_data["code"])):
        form.add_error("code", str(fault))
    if not form.is_valid():
        return _code_page(request, form, kept, UNPROCESSABLE)
    return _sign_in(request, kept)


def _send(request: HttpRequest, told: dict[str, Any]) -> None:
    at = clock.now()
    sent = send_joining_code(told["phone"], source=source_of(request), at=at)
    until = at + timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
    request.session[KEPT] = {**told, "code": sent, "until": until.isoformat(), "tries": 0}


def _fault(request: HttpRequest, kept: dict[str, Any], tried: str) -> Text | None:
    """What is wrong with the code, if anything; a right code after too many wrong ones is wrong too."""
    at = clock.now()
    count_joining_try(kept["phone"], at=at)
    if not kept["code"] or at > datetime.fromisoformat(kept["until"]):
        return _ANEW
    if secrets.compare_digest(kept["code"].encode(), tried.encode()):
        return None
    tries = kept["tries"] + 1
    spent = tries >= settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS
    request.session[KEPT] = {**kept, "tries": tries, "code": "" if spent else kept["code"]}
    return _ANEW if spent else _WRONG


def _sign_in(request: HttpRequest, kept: dict[str, Any]) -> HttpResponse:
    employer = (
        Organization.objects.filter(pk=kept["employer"], active=True).first() if kept["employer"] else None
    )
    account = join(
        kept["phone"],
        name=kept["name"],
        organization=employer,
        wording=kept["wording"],
        request_id=actor_of(request).request_id,
        at=clock.now(),
    )
    del request.session[KEPT]
    record_authentication(request, account, method="code")
    response: HttpResponse = perform_login(request, Login(user=account))
    return response


def _ask_page(request: HttpRequest, form: JoinForm, status: int = 200) -> HttpResponse:
    text = request.POST.get("place_search", "")
    facts = {
        "form": form,
        "place_search": text,
        "searched": bool(text.strip()),
        "places": places.offered(actor_of(request), text, request.POST.get("chosen_place", "")),
    }
    return render(request, "joining/ask.html", facts, status=status)


def _code_page(request: HttpRequest, form: CodeForm, kept: dict[str, Any], status: int = 200) -> HttpResponse:
    facts = {"form": form, "number": mask_phone(kept["phone"])}
    return render(request, "joining/code.html", facts, status=status)

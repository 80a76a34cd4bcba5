"""The thanks after something was sent, on a page of its own: reloading it sends nothing again.

What the page shows travels in a sealed cookie, to this browser and for ten minutes only, because receipt codes are
kept nowhere. Once the browser has been led here, a signal that breaks off costs nobody their code. An answer that never
came is lost with its code: sending again opens nothing, and says so.
"""

import json
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lianxin.kernel import clock, crypto, scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import Opened
from lianxin.web.casework.listing import line
from lianxin.web.casework.viewers import remember_receipt, session_of

COOKIE = "lianxin_sent"
LASTS = timedelta(minutes=10)
_PURPOSE = "sent"


def thank(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Lead the sender to the thanks; receipts go along, sealed."""
    address = reverse("cases:sent")
    response = HttpResponseRedirect(address, status=303)
    told = {
        "case": opened.case.pk,
        "receipts": opened.receipts,
        "created": opened.created,
        "until": (clock.now() + LASTS).timestamp(),
    }
    sealed = crypto.seal(json.dumps(told), purpose=_PURPOSE, aad=session_of(request))
    response.set_cookie(
        COOKIE,
        sealed.hex(),
        max_age=LASTS,
        path=address,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )
    if opened.receipt:
        remember_receipt(request, response, opened.case)
    return response


@require_safe
@never_cache
def sent(request: HttpRequest) -> HttpResponse:
    """Thank whoever has just sent something from this browser; anybody else is led home."""
    told = _told(request)
    if told is None:
        return HttpResponseRedirect(reverse("web:home"))
    pk, receipts, created = told
    with scope.use(scope.EVERYTHING):
        # Only this server can have sealed the key: whoever holds the cookie has sent this case.
        case = Case.objects.select_related("organization", "owner").get(pk=pk)
    address = request.build_absolute_uri(reverse("cases:receipt"))
    facts = {
        "line": line(case),
        "receipts": [(receipt, f"{address}#{receipt}") for receipt in receipts],
        "created": created,
    }
    return render(request, "cases/opened.html", facts)


def _told(request: HttpRequest) -> tuple[int, list[str], bool] | None:
    try:
        sealed = bytes.fromhex(request.COOKIES.get(COOKIE, ""))
        told = json.loads(crypto.unseal(sealed, purpose=_PURPOSE, aad=session_of(request)))
    except (crypto.CannotOpen, ValueError):
        return None
    if told["until"] < clock.now().timestamp():
        return None
    return int(told["case"]), list(told["receipts"]), bool(told["created"])

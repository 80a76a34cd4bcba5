"""Pages for what went wrong: what it is, and what to do now.

They touch neither the database nor the session, so that they can be shown when those are what failed.
"""

import logging
import sys
import traceback
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.urls import reverse

from lianxin.kernel.refusals import Refused, TooMany
from lianxin.kernel.text import Text
from lianxin.web import context, reader


@dataclass(frozen=True)
class Trouble:
    """What a page of this status says."""

    title: Text
    advice: Text
    icon: str = "alert-circle"
    retry: bool = False


TROUBLES = {
    400: Trouble(
        Text("请求有误", "This request is not in order"),
        Text("请返回上一页再试一次。", "Please go back and try again."),
    ),
    403: Trouble(
        Text("没有权限", "Not open to you"),
        Text(
            "这里不对您的账号开放。如果工作需要，请联系本单位工会管理员。",
            "Your account does not open this. If your work needs it, ask your union's administrator.",
        ),
        "lock",
    ),
    404: Trouble(
        Text("没有找到", "Not found"),
        Text(
            "地址可能写错了，或者这项内容不对您开放。请核对链接或办件编号。",
            "The address may be wrong, or this is not open to you. Please check the link or the case number.",
        ),
        "search",
    ),
    405: Trouble(
        Text("这一步要从页面上办", "This is done from a page"),
        Text(
            "这个地址不能直接打开或刷新。请回到办件或首页，按页面上的按钮办理。",
            "This address cannot be opened by itself. Go to the case or the home page and press its button.",
        ),
        "arrow-back-up",
    ),
    409: Trouble(
        Text("情况已经变了", "Things have changed"),
        Text("有人先您一步，请刷新后再看。", "Somebody was first. Please reload and look again."),
        "refresh",
        retry=True,
    ),
    413: Trouble(
        Text("内容太大", "Too large"),
        Text(
            "照片或文件太大，没有收到。请少选几张，或换小一点的文件再发。",
            "The photos or files are too large and were not received. Send fewer, or smaller ones.",
        ),
        "photo",
    ),
    422: Trouble(
        Text("没有办成", "This could not be done"),
        Text("请按提示修改后再试。", "Please correct it and try again."),
    ),
    429: Trouble(
        Text("太频繁了", "Too many tries"),
        Text("为了安全，请稍等再试。", "To keep this safe, please wait a little and try again."),
        "hourglass",
        retry=True,
    ),
    500: Trouble(
        Text("系统出了问题", "Something broke on our side"),
        Text(
            "不是您的错，系统已记下出了什么问题。请过几分钟再试；还不行，把下面的编号告诉单位的系统管理员。",
            "It is not your fault, and what went wrong has been written down. Please try again in a few minutes; if it"
            " happens again, tell your system administrator the reference below.",
        ),
        "tool",
        retry=True,
    ),
    503: Trouble(
        Text("正在维护", "Under maintenance"),
        Text(
            "系统暂时连不上数据库，通常几分钟就好。请稍后刷新。",
            "The system cannot reach its database for the moment, usually for a few minutes. Please reload then.",
        ),
        "tool",
        retry=True,
    ),
}
BROKEN = 500
MAINTENANCE_SECONDS = 120
# Long enough to be found, short enough to be read out over a telephone.
REFERENCE = 8
SIGNED_IN_SEE = {403, 404}
# An address that asks for something impossible is opened again without what it asks.
AFRESH = {400, 422}
logger = logging.getLogger(__name__)
# Whether it was lost on the way in or only its answer on the way out, nobody can tell while the database is away.
AWAY_WITH_TOKEN = replace(
    TROUBLES[503],
    advice=Text(
        "系统暂时连不上数据库，通常几分钟就好。刚才提交的内容可能已收到，也可能没有。过几分钟返回上一页，把同一张表"
        "再交一次就行：交几次都只算一次。也可以先到“我的办件”核对；拿到过回执码的，凭码查询。",
        "The system cannot reach its database for the moment, usually for a few minutes. What you sent just now may or"
        " may not have arrived. In a few minutes, go back and send the same form again: however often it is sent, it"
        " counts once. Or look first under “My cases”; with a receipt code, look it up by the code.",
    ),
)
AWAY_WITHOUT_TOKEN = replace(
    TROUBLES[503],
    advice=Text(
        "系统暂时连不上数据库，通常几分钟就好。刚才办的可能已办成，也可能没有。过几分钟重新打开原来的页面看一看，"
        "确实没有办成再办一次。",
        "The system cannot reach its database for the moment, usually for a few minutes. What you did just now may or"
        " may not have been done. In a few minutes, open the page again and look; do it again only if it was not.",
    ),
)
EXPIRED = Trouble(
    Text("页面放得太久了", "This page has been open too long"),
    Text(
        "为了安全，请返回上一页刷新，再提交一次。您填写的内容不会丢。",
        "To keep this safe, go back, reload and send it again. What you wrote is not lost.",
    ),
    "hourglass",
)


def trouble(request: HttpRequest | None, status: int, told: Trouble | None = None) -> HttpResponse:
    """A page for this status, or when htmx asked a partial for the page's notices.

    What was sent cannot be sent again by its address: the page leads back to the form, where it still stands.
    """
    partial = request is not None and request.headers.get("HX-Request") == "true"
    facts = {
        **context.plain(request),
        "status": status,
        "trouble": told or TROUBLES[status],
        **(_ways_on(request, status) if request else {}),
        "reference": _reference(request) if request and status == BROKEN else "",
    }
    body = render_to_string("web/_trouble.html" if partial else "web/trouble.html", facts)
    response = HttpResponse(body, status=status)
    if partial:
        response["HX-Retarget"], response["HX-Reswap"] = "#lx-notices", "innerHTML show:top"
    return response


def _ways_on(request: HttpRequest, status: int) -> dict[str, object]:
    """What can be done next, from what is known of the request without asking anything else."""
    sent = request.method == "POST"
    before = request.headers.get("Referer", "")
    return {
        "sent": sent,
        # What hides from a stranger may be open to the same person once they have said who they are.
        "sign_in": _sign_in(request) if not sent and status in SIGNED_IN_SEE else "",
        "came": not sent and urlsplit(before).netloc == request.META.get("HTTP_HOST", "-"),
        "afresh": ""
        if sent or status not in AFRESH or not request.META.get("QUERY_STRING")
        else request.path,
    }


def _sign_in(request: HttpRequest) -> str:
    """Where a stranger signs in and comes back from; nothing for whoever is known."""
    if not reader.is_signed_out(request):
        return ""
    return f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}"


def _reference(request: HttpRequest) -> str:
    """What the person reads out and the log holds: the beginning of the request's id."""
    actor = getattr(request, "actor", None)
    return str(actor.request_id)[:REFERENCE].upper() if actor else ""


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal's own sentence under its status's title. 403 and 404 say what their codes say, no more."""
    usual = TROUBLES.get(refused.status, TROUBLES[422])
    response = trouble(
        request, refused.status, Trouble(usual.title, refused.message, usual.icon, usual.retry)
    )
    response["X-Refused"] = refused.code
    if isinstance(refused, TooMany):
        response["Retry-After"] = str(refused.retry_after)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer ``handler400``."""
    return trouble(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer ``handler403``."""
    return trouble(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer ``handler404``."""
    return trouble(request, 404)


def too_large(request: HttpRequest) -> HttpResponse:
    """Answer more than the server accepts at once."""
    return trouble(request, 413)


def not_opened_directly(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A page in the place of Django's empty answer to an address that is only sent to, or only read."""
    page = trouble(request, 405)
    page["Allow"] = response["Allow"]
    return page


def broken(request: HttpRequest) -> HttpResponse:
    """Answer ``handler500``; a database that cannot be reached is maintenance, and says when to come back."""
    if _is_away(sys.exc_info()[1]):
        page = trouble(request, 503, _away(request))
        page["Retry-After"] = str(MAINTENANCE_SECONDS)
        return page
    _write_down(request, sys.exc_info()[1])
    return trouble(request, BROKEN)


def _write_down(request: HttpRequest, fault: BaseException | None) -> None:
    """One line that the reference leads to: which view, what kind of fault, where in the code; nobody's data.

    What the fault says of itself may hold what somebody wrote: no line of the log repeats it (``kernel.logs``).
    """
    frames = traceback.extract_tb(fault.__traceback__) if fault else []
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
    match = request.resolver_match
    logger.error(
        "Broken, reference %s: %s in %s, at %s",
        _reference(request) or "-",
        type(fault).__name__,
        match.view_name if match else "?",
        place,
    )


def _away(request: HttpRequest) -> Trouble:
    """What can truly be said of what was sent: it may have been written all the same."""
    if request.method != "POST":
        return TROUBLES[503]
    try:
        known = bool(request.POST.get("client_token"))
    except (OSError, MultiPartParserError, SuspiciousOperation):
        known = False
    return AWAY_WITH_TOKEN if known else AWAY_WITHOUT_TOKEN


def _is_away(fault: BaseException | None) -> bool:
    """Whether the database could not be reached, or was shutting down or starting up (class 08, 57P)."""
    if not isinstance(fault, OperationalError | InterfaceError):
        return False
    state = getattr(fault.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer ``CSRF_FAILURE_VIEW``."""
    return trouble(request, 403, EXPIRED)

"""What of the queue somebody has asked for, kept while they go through it from one case to the next.

In a signed cookie, bound to the sign-in: pages of their own for single steps lead on through it as well, and
nothing is written to the database for it.
"""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from lianxin.kernel import clock
from lianxin.kernel.cases import queues
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queues import Listed, Order, Wanted
from lianxin.kernel.cases.workflow import workflows
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text
from lianxin.web.casework.listing import matter
from lianxin.web.casework.viewers import session_of

COOKIE = "lianxin_queue"
# As long as a name that somebody looks for.
LONGEST = 60
TABS = {
    "mine": Text("我的待办", "Mine"),
    "today": Text("今日到期", "Due today"),
    "overdue": Text("已逾期", "Overdue"),
    "supervised": Text("督办", "Supervised"),
}
ORDERS = {
    Order.DUE: Text("按期限", "Deadline"),
    Order.WEIGHT: Text("按轻重", "Seriousness"),
    Order.NEWEST: Text("最新到", "Newest"),
    Order.OLDEST: Text("等最久", "Oldest"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A tab, a matter in it (``hazard.accepted``), words to look for, an order; ``past`` is where one stood."""

    tab: str = "mine"
    what: str = ""
    words: str = ""
    order: Order = Order.DUE
    past: str = ""

    def address(self, tab: str = "", order: Order | None = None) -> str:
        """The same as a query, perhaps in another tab or order."""
        chosen = order or self.order
        given = {
            "tab": tab or self.tab,
            "what": self.what,
            "q": self.words,
            "sort": "" if chosen is Order.DUE else chosen.value,
        }
        return f"?{urlencode({name: value for name, value in given.items() if value})}"

    @property
    def whole(self) -> str:
        """The tab without what narrows it, in the same order."""
        return Asked(self.tab, order=self.order).address()

    @property
    def narrow(self) -> bool:
        """Whether it is anything else than the queue as it opens."""
        return self != Asked(past=self.past)

    @property
    def wanted(self) -> Wanted:
        """What the query of the queue is asked for."""
        kind, _, status = self.what.partition(".")
        return Wanted(self.tab, kind, status, self.words, self.order)

    @property
    def said(self) -> str:
        """What of the queue this is, in words; nothing for the whole of it."""
        parts = [] if self.tab == "mine" else [str(TABS[self.tab])]
        kind, _, status = self.what.partition(".")
        parts += [str(matter(kind, status))] if status and _is_matter(kind, status) else []
        return " · ".join([*parts, *([f"“{self.words}”"] if self.words else [])])


def asked_in(given: QueryDict) -> Asked:
    """What an address asks for; what it cannot mean is left out."""
    tab, order = given.get("tab", ""), given.get("sort", "")
    return Asked(
        tab=tab if tab in TABS else "mine",
        what=given.get("what") or given.get("kind", ""),
        words=given.get("q", "").strip()[:LONGEST],
        order=Order(order) if order in set(Order) else Order.DUE,
    )


def recalled(request: HttpRequest) -> Asked:
    """What was asked for last at this sign-in."""
    kept = request.get_signed_cookie(COOKIE, default="", salt=session_of(request)) or ""
    given = QueryDict(kept)
    return replace(asked_in(given), past=given.get("past", ""))


def begin(request: HttpRequest, response: HttpResponse, asked: Asked) -> HttpResponse:
    """Begin with it afresh, which most pages need not say again; the response."""
    if asked != recalled(request):
        remember(request, response, asked)
    return response


def remember(request: HttpRequest, response: HttpResponse, asked: Asked) -> None:
    """Keep it until the browser is closed or somebody else signs in."""
    kept = asked.address().removeprefix("?")
    if asked.past:
        kept = f"{kept}&{urlencode({'past': asked.past})}"
    response.set_signed_cookie(
        COOKIE,
        kept,
        salt=session_of(request),
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )


def going_on(viewer: Actor, case: Case, asked: Asked) -> tuple[Listed | None, Asked]:
    """What comes after this case in what was asked for, and the same with the place that was looked at."""
    if not viewer.roles:
        return None, asked
    at = clock.now()
    try:
        found, past = queues.next_in_queue(viewer, case, asked.wanted, at=at, past=asked.past or None)
    except Refused:
        # A mark of an earlier release: begin where the queue begins.
        found, past = queues.next_in_queue(viewer, case, asked.wanted, at=at)
    return found, replace(asked, past=past or "")


def _is_matter(kind: str, status: str) -> bool:
    return any(workflow.kind == kind and status in workflow.stages for workflow in workflows())

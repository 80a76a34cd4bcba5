"""Two cases side by side, and the decision that they are one."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lianxin.kernel import clock
from lianxin.kernel.cases import intake, queries
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.numbers import clean_number
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Conflict, NotAllowed, NotFound, Refused, TooMany
from lianxin.kernel.text import Text
from lianxin.safety.queries.hazards import earlier_reports
from lianxin.safety.queries.suggestions import similar_suggestions
from lianxin.web.answers import CONFLICT, UNPROCESSABLE, see_other
from lianxin.web.casework.viewers import actor_of, officers_only
from lianxin.web.safetywork.telling import beside

KINDS = {"hazard", "suggestion"}


@dataclass(frozen=True, slots=True)
class Choice:
    """An earlier case that may be the same; ``percent`` is how much of the words they share, where it is known."""

    case: Case
    percent: int | None
    href: str
    active: bool
    shared: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """The likeness as a page shows it."""
        return "" if self.percent is None else f"{self.percent}%"


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def merge(request: HttpRequest, number: str) -> HttpResponse:
    """Lay an earlier case beside this one, and merge this one into it."""
    viewer = actor_of(request)
    case = queries.case_for(viewer, number)
    if case.kind not in KINDS:
        raise NotFound("case_unknown", Text("没有这个办件。", "There is no such case."))
    if request.method != "POST":
        return _page(request, viewer, case)
    try:
        intake.take_step(case, "merge", actor=viewer, at=clock.now(), data=request.POST, uploads={})
    except (NotFound, NotAllowed, TooMany):
        raise
    except Conflict as conflict:
        return _page(
            request, viewer, queries.case_for(viewer, number), fault=conflict.message, status=CONFLICT
        )
    except Refused as refused:
        return _page(request, viewer, case, fault=refused.message, status=UNPROCESSABLE)
    messages.success(request, str(Text("已合并。", "Merged.")))
    return see_other(reverse("cases:case", args=[case.number]))


def _page(
    request: HttpRequest, viewer: Actor, case: Case, *, fault: Text | None = None, status: int = 200
) -> HttpResponse:
    wanted = request.POST.get("into") or request.GET.get("with", "")
    choices, chosen = choices_for(viewer, case, clean_number(wanted) or wanted.strip())
    facts = {
        "case": case,
        "own": beside(case),
        "other": beside(chosen) if chosen else None,
        "choices": choices,
        "shared": next((choice.shared for choice in choices if choice.active), ()),
        "missed": bool(wanted.strip()) and chosen is None,
        "reason": request.POST.get("reason", ""),
        "fault": fault,
    }
    return render(request, "safetywork/merge.html", facts, status=status)


def choices_for(viewer: Actor, case: Case, wanted: str) -> tuple[list[Choice], Case | None]:
    """The candidates, and the one laid beside the case: the one asked for, else the likeliest."""
    found: list[tuple[Case, int | None, tuple[str, ...]]] = (
        [(each.case, round(each.likeness * 100), each.shared) for each in similar_suggestions(viewer, case)]
        if case.kind == "suggestion"
        else [(each, None, ()) for each in earlier_reports(viewer, case)]
    )
    if wanted and wanted not in {each.number for each, *_ in found}:
        asked = _earlier(viewer, case, wanted)
        found = [(asked, None, ()), *found] if asked else found
        if asked is None:
            return [_choice(*each, active=False) for each in found], None
    chosen = next((each for each, *_ in found if each.number == wanted), found[0][0] if found else None)
    return [_choice(*each, active=each[0] == chosen) for each in found], chosen


def _earlier(viewer: Actor, case: Case, number: str) -> Case | None:
    visible = queries.cases_visible_to(viewer).filter(number=number, kind=case.kind, pk__lt=case.pk)
    return visible.select_related("organization", "owner", "site").first()


def _choice(case: Case, percent: int | None, shared: tuple[str, ...], *, active: bool) -> Choice:
    return Choice(case, percent, f"?with={case.number}", active, shared)

"""Same-kind sweeps: the list, a new order with its preview, the board of one."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lianxin.kernel import clock
from lianxin.kernel.cases import intake, queries
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.workflow import workflow_for
from lianxin.kernel.orgs.models import Organization, Site
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.reference.queries import terms
from lianxin.kernel.refusals import NotAllowed, NotFound, Refused, TooMany
from lianxin.kernel.sheets.columns import Column
from lianxin.kernel.text import Text
from lianxin.safety.choices import EQUIPMENT_KINDS, PROCESSES
from lianxin.safety.forms import SweepOpening
from lianxin.safety.models import SweepCheck
from lianxin.safety.queries.sweeps import checks_of, matching_sites, progress, sweeps_visible_to
from lianxin.safety.roles import SAFETY_OFFICE, UNION_OFFICER
from lianxin.web.answers import UNPROCESSABLE, see_other, spreadsheet
from lianxin.web.casework.listing import Line, line
from lianxin.web.casework.panels import CasePanel, register_panel
from lianxin.web.casework.viewers import actor_of, officers_only

TABS = {
    "all": Text("全部", "All"),
    "checking": Text("待排查", "To be searched"),
    "fixing": Text("整改中", "Being fixed"),
    "verifying": Text("待抽验", "To be verified"),
    "overdue": Text("逾期", "Overdue"),
    "closed": Text("已完成", "Done"),
}
SHOWN = 200
# What a sweep can look for, and the dictionary that has its words.
CRITERIA = {"equipment_kind": EQUIPMENT_KINDS, "process": PROCESSES}
# From here on it is known what it was: others may have the same.
GRADED = {"graded", "rectifying", "verifying", "verified", "closed"}


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One site on the board."""

    check: SweepCheck
    line: Line
    overdue: bool


@require_safe
@officers_only
def sweeps(request: HttpRequest) -> HttpResponse:
    """List the sweeps with their closure rates."""
    viewer = actor_of(request)
    rows = [
        {"sweep": sweep, "line": line(sweep.case), "progress": done}
        for sweep, done in sweeps_visible_to(viewer, at=clock.now())
    ]
    return render(
        request, "safetywork/sweeps.html", {"rows": rows, "may_order": bool(bodies_to_order_from(viewer))}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def order(request: HttpRequest) -> HttpResponse:
    """Order a sweep: first the sites that would be asked, then the order itself."""
    viewer, at = actor_of(request), clock.now()
    if not bodies_to_order_from(viewer):
        raise NotAllowed(
            "wrong_role",
            Text("须由安委办或工会干部下达。", "A safety office or a union officer orders a sweep."),
        )
    if request.method != "POST":
        return _order_page(request, _form(None, viewer, at, initial=request.GET.dict()))
    form = _form(request.POST, viewer, at)
    if "preview" in request.POST:
        return _preview(request, form, viewer)
    try:
        opened = intake.submit(workflow_for("sweep"), actor=viewer, at=at, data=request.POST, uploads={})
    except (NotFound, NotAllowed, TooMany):
        raise
    except Refused as refused:
        form.is_valid()
        fault = None if form.errors else refused.message
        return _order_page(request, form, fault=fault, status=UNPROCESSABLE)
    messages.success(request, str(Text("已下达排查令。", "The sweep has been ordered.")))
    return see_other(reverse("safety:sweep", args=[opened.case.number]))


def _preview(request: HttpRequest, form: SweepOpening, viewer: Actor) -> HttpResponse:
    if not form.is_valid():
        return _order_page(request, form, status=UNPROCESSABLE)
    data = form.cleaned_data
    found = matching_sites(
        viewer,
        data["organization"],
        equipment_kind=data["equipment_kind"],
        industry=data["industry"],
        process=data["process"],
    )
    return _order_page(request, form, sites=found)


def _order_page(
    request: HttpRequest,
    form: SweepOpening,
    *,
    sites: list[Site] | None = None,
    fault: Text | None = None,
    status: int = 200,
) -> HttpResponse:
    facts = {
        "form": form,
        "previewed": sites is not None,
        "sites": (sites or [])[:SHOWN],
        "total": len(sites or []),
        "enterprises": len({site.organization_id for site in sites or []}),
        "fault": fault,
    }
    return render(request, "safetywork/order_sweep.html", facts, status=status)


def _form(data: Any, viewer: Actor, at: datetime, *, initial: dict[str, Any] | None = None) -> SweepOpening:
    """The opening form with the choices that a page offers: own bodies, known kinds of equipment."""
    form = SweepOpening(data, actor=viewer, at=at, initial=initial)
    bodies = bodies_to_order_from(viewer)
    body: Any = form.fields["organization"]
    body.queryset = Organization.objects.filter(pk__in=[each.pk for each in bodies]).order_by("path")
    body.empty_label = None
    body.required = True
    body.label = Text("排查范围", "Whose territory")
    for name, dictionary in CRITERIA.items():
        form.fields[name].widget = forms.Select(choices=[("", "—"), *_known(viewer, at, name, dictionary)])
    return form


def _known(viewer: Actor, at: datetime, name: str, dictionary: str) -> list[tuple[str, Text]]:
    """The codes that are listed, and those that stand on somebody's site without being listed."""
    listed = {term.code: Text(term.zh, term.en) for term in terms(dictionary, clock.day_of(at))}
    seen = Q(pk__in=[])
    for path in viewer.scope.wide:
        seen |= queries.under(path, "organization__path")
    there = Site.objects.filter(seen, active=True).exclude(**{name: ""}).order_by(name)
    found = there.values_list(name, flat=True).distinct()[:SHOWN]
    return [*listed.items(), *((code, Text(code, code)) for code in found if code not in listed)]


def bodies_to_order_from(viewer: Actor) -> list[Organization]:
    """The bodies in whose territory the viewer may order a sweep: those of their offices, and the unions below."""
    offices = {SAFETY_OFFICE.code, UNION_OFFICER.code}
    roles = [role for role in viewer.roles if role.kind in offices]
    found = {role.organization_id: role.organization for role in roles}
    for role in roles:
        below = Organization.objects.filter(
            queries.under(role.scope_path, "path"), kind=Organization.Kind.FEDERATION, active=True
        )
        found |= {body.pk: body for body in below.order_by("path")[:SHOWN]}
    return sorted(found.values(), key=lambda body: body.path)


@require_safe
@officers_only
def board(request: HttpRequest, number: str) -> HttpResponse:
    """Show every site of a sweep by where it stands and when it is due."""
    viewer, at = actor_of(request), clock.now()
    case = _sweep(viewer, number)
    every = _lines(viewer, case, at)
    tab = request.GET.get("tab", "all")
    tab = tab if tab in TABS else "all"
    counts = Counter(each.check.case.status for each in every)
    counts |= {"all": len(every), "overdue": sum(each.overdue for each in every)}
    facts = {
        "case": case,
        "sweep": case.sweep,
        "line": line(case),
        "progress": progress(case.sweep, at=at),
        "tabs": [(label, f"?tab={name}", name == tab, counts[name] or None) for name, label in TABS.items()],
        "lines": [each for each in every if _in_tab(each, tab)],
    }
    return render(request, "safetywork/sweep.html", facts)


COLUMNS = (
    Column("number", Text("编号", "Number")),
    Column("enterprise", Text("企业", "Enterprise"), width=28),
    Column("site", Text("场所", "Site"), width=24),
    Column("status", Text("状态", "Status")),
    Column("result", Text("结果", "Result")),
    Column("sampled", Text("抽中", "Drawn")),
    Column("due", Text("期限", "Deadline"), kind="moment"),
    Column("closed", Text("完成", "Done"), kind="moment"),
)


@require_safe
@officers_only
def export(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the board as a spreadsheet."""
    viewer = actor_of(request)
    case = _sweep(viewer, number)
    rows = (
        {
            "number": each.line.number,
            "enterprise": str(each.line.place),
            "site": str(each.check.site),
            "status": str(each.line.status.label),
            "result": str(each.check.get_result_display()),
            "sampled": each.check.sampled,
            "due": each.line.due_at,
            "closed": each.line.closed_at,
        }
        for each in _lines(viewer, case, clock.now())
    )
    return spreadsheet(f"sweep-{case.number}", COLUMNS, rows, kind=request.GET.get("kind", ""))


@register_panel
def sweep_panel(viewer: Actor, case: Case) -> CasePanel | None:
    """From a sweep to its board; from a graded report to an order that searches for the same elsewhere."""
    if case.kind == "sweep":
        return CasePanel("safetywork/_sweep.html", {"board": reverse("safety:sweep", args=[case.number])})
    if case.kind != "hazard" or case.status not in GRADED or not _may_order_for(viewer, case):
        return None
    query = {"source": case.number, "equipment_kind": case.site.equipment_kind if case.site else ""}
    return CasePanel(
        "safetywork/_sweep.html", {"order": f"{reverse('safety:order_sweep')}?{urlencode(query)}"}
    )


def _may_order_for(viewer: Actor, case: Case) -> bool:
    return viewer.role_for((SAFETY_OFFICE, UNION_OFFICER), case.organization_path) is not None


def _sweep(viewer: Actor, number: str) -> Case:
    case = queries.case_for(viewer, number)
    if case.kind != "sweep":
        raise NotFound("case_unknown", Text("没有这个排查令。", "There is no such sweep."))
    return case


def _lines(viewer: Actor, case: Case, at: datetime) -> list[CheckLine]:
    return [
        CheckLine(check, line(check.case), _overdue(check.case, at))
        for check in checks_of(viewer, case.sweep)
    ]


def _overdue(case: Case, at: datetime) -> bool:
    return case.closed_at is None and case.due_at is not None and case.due_at < at


def _in_tab(each: CheckLine, tab: str) -> bool:
    return tab == "all" or (each.overdue if tab == "overdue" else each.check.case.status == tab)

"""The tree of places within an officer's reach, new sites, labels to print, and what a scanned label opens."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from lianxin.kernel import clock
from lianxin.kernel.keys import key_in
from lianxin.kernel.orgs import queries
from lianxin.kernel.orgs.models import Organization, Site
from lianxin.kernel.orgs.qr import qr_svg, site_url
from lianxin.kernel.orgs.services import create_site
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.roles import ADMINISTRATOR, SITE_MANAGER, UNION_OFFICER
from lianxin.kernel.reference.queries import terms
from lianxin.kernel.refusals import NotAllowed, NotFound, Refused
from lianxin.kernel.text import Text
from lianxin.safety.choices import EQUIPMENT_KINDS, PROCESSES
from lianxin.safety.roles import SAFETY_OFFICE
from lianxin.web.answers import UNPROCESSABLE, see_other
from lianxin.web.casework.viewers import actor_of, officers_only

KEEPERS = (SITE_MANAGER, UNION_OFFICER, SAFETY_OFFICE, ADMINISTRATOR)
MOST, MOST_LABELS = 200, 120
SIZES = {"a4": Text("A4，每页多张", "A4, several a page"), "a6": Text("A6，每张一页", "A6, one a page")}


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site in the tree of its organization; ``depth`` is how far inside it stands."""

    site: Site
    depth: int


@dataclass(frozen=True, slots=True)
class Label:
    """A code to hang on a place."""

    site: Site
    svg: SafeString
    address: str


@require_safe
@officers_only
def places(request: HttpRequest) -> HttpResponse:
    """Walk the tree from one's own bodies down, or search in it."""
    viewer = actor_of(request)
    text = request.GET.get("q", "").strip()
    body = _body(viewer, request.GET.get("body", ""))
    tops = tops_of(viewer)
    facts: dict[str, Any] = {
        "q": text,
        "body": body,
        "tops": tops,
        "trail": trail_of(viewer, body) if body else [],
        "children": children_of(body) if body else [],
        "sites": sites_in(body) if body else [],
        "may_add": body is not None and may_keep(viewer, body),
        "found": search(viewer, text) if text else [],
        "found_sites": search_sites(viewer, text) if text else [],
    }
    return render(request, "places/places.html", facts)


def paths_of(viewer: Actor) -> tuple[str, ...]:
    """The paths that the viewer's offices open, none inside another."""
    return queries.outermost((*viewer.scope.wide, *viewer.scope.narrow))


def tops_of(viewer: Actor) -> list[Organization]:
    """Where the viewer's reach begins."""
    return list(Organization.objects.filter(path__in=paths_of(viewer)).order_by("path"))


def within(viewer: Actor, column: str = "path") -> Q:
    """Everything within the viewer's reach."""
    ranges = [Q(**{f"{column}__gte": path, f"{column}__lt": path + "~"}) for path in paths_of(viewer)]
    return reduce(or_, ranges, Q(pk__in=[]))


def _body(viewer: Actor, pk: str) -> Organization | None:
    key = key_in(pk)
    if key is None:
        tops = tops_of(viewer)
        return tops[0] if len(tops) == 1 else None
    return organization_for(viewer, key)


def organization_for(viewer: Actor, pk: int) -> Organization:
    """A body within the viewer's reach; raises ``NotFound`` alike for none and for one elsewhere."""
    found = Organization.objects.filter(within(viewer), pk=pk).first()
    if found is None:
        raise NotFound("organization_unknown", Text("没有这个单位。", "There is no such organization."))
    return found


def trail_of(viewer: Actor, body: Organization) -> list[Organization]:
    """The way down to a body, from where the viewer's reach begins."""
    opened = paths_of(viewer)
    return [each for each in queries.above(body) if any(each.path.startswith(path) for path in opened)]


def children_of(body: Organization) -> QuerySet[Organization]:
    """The active bodies directly below, each with how many sites of its own it has."""
    active = Count("sites", filter=Q(sites__active=True))
    return body.children.filter(active=True).annotate(places=active).order_by("kind", "path")[:MOST]


def sites_in(body: Organization) -> list[SiteLine]:
    """The sites of a body as a tree."""
    sites = list(queries.sites_of(body)[:MOST])
    depths: dict[int, int] = {}
    for site in sites:
        depths[site.pk] = depths.get(site.parent_id or 0, -1) + 1
    return [SiteLine(site, depths[site.pk]) for site in sites]


def search(viewer: Actor, text: str) -> list[Organization]:
    """Bodies within reach whose name holds the text."""
    named = Q(name__icontains=text) | Q(name_en__icontains=text) | Q(code=text.upper(), code__gt="")
    found = Organization.objects.filter(within(viewer), named, active=True)
    return list(found.select_related("parent").order_by("level", "path")[:50])


def search_sites(viewer: Actor, text: str) -> list[Site]:
    """Sites within reach whose name holds the text."""
    named = Q(name__icontains=text) | Q(name_en__icontains=text)
    found = Site.objects.filter(within(viewer, "organization__path"), named, active=True)
    return list(found.select_related("organization").order_by("path")[:50])


def may_keep(viewer: Actor, body: Organization) -> bool:
    """Whether the viewer keeps the register of a body's sites."""
    return viewer.role_for(KEEPERS, body.path) is not None


class SiteForm(forms.Form):
    """A new site, area or piece of equipment."""

    name = forms.CharField(label=Text("名称", "Name"), max_length=120)
    name_en = forms.CharField(label=Text("英文名称", "Name in English"), max_length=160, required=False)
    kind = forms.ChoiceField(label=Text("类别", "Kind"), choices=Site.Kind.choices)
    parent = forms.ModelChoiceField(
        Site.objects.none(), label=Text("设在哪里", "Stands in"), required=False, empty_label="—"
    )
    equipment_kind = forms.ChoiceField(label=Text("设备类别", "Kind of equipment"), required=False)
    process = forms.ChoiceField(label=Text("工艺", "Process"), required=False)

    def __init__(self, data: Any, *, organization: Organization) -> None:
        """It stands in a place of the same organization, and not in a piece of equipment."""
        super().__init__(data)
        parent: Any = self.fields["parent"]
        parent.queryset = queries.sites_of(organization).exclude(kind=Site.Kind.EQUIPMENT)
        today = clock.day_of(clock.now())
        for name, dictionary in (("equipment_kind", EQUIPMENT_KINDS), ("process", PROCESSES)):
            field: Any = self.fields[name]
            known = [(term.code, Text(term.zh, term.en)) for term in terms(dictionary, today)]
            field.choices = [("", "—"), *known]

    def clean(self) -> dict[str, Any]:
        """Only equipment has a kind of equipment."""
        data = super().clean() or self.cleaned_data
        if data.get("kind") != Site.Kind.EQUIPMENT and data.get("equipment_kind"):
            said = Text("只有设备才填设备类别。", "Only a piece of equipment has a kind of equipment.")
            self.add_error("equipment_kind", str(said))
        return data


@require_http_methods(["GET", "HEAD", "POST"])
@officers_only
def add_site(request: HttpRequest, pk: int) -> HttpResponse:
    """Set up a site; its code is ready to print at once."""
    viewer = actor_of(request)
    body = organization_for(viewer, pk)
    if not may_keep(viewer, body):
        raise NotAllowed(
            "not_keeper", Text("您不能维护这个单位的场所。", "You do not keep the sites of this body.")
        )
    form = SiteForm(request.POST if request.method == "POST" else None, organization=body)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                site = create_site(organization=body, actor=viewer, at=clock.now(), **form.cleaned_data)
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
            else:
                messages.success(
                    request, str(Text("已添加：{name}", "Added: {name}").format(name=site.label))
                )
                return see_other(f"{reverse('orgs:places')}?body={body.pk}")
    return render(request, "places/add_site.html", {"form": form, "body": body}, status=status)


@require_safe
@officers_only
def labels(request: HttpRequest) -> HttpResponse:
    """Draw the codes of the chosen places, ready for the printer."""
    viewer = actor_of(request)
    asked = map(key_in, request.GET.getlist("site"))
    chosen = [key for key in asked if key is not None][:MOST_LABELS]
    size = request.GET.get("size", "a4")
    sites = Site.objects.filter(within(viewer, "organization__path"), pk__in=chosen, active=True)
    base = request.build_absolute_uri("/")
    facts = {
        "labels": [_label(site, base) for site in sites.select_related("organization").order_by("path")],
        "size": size if size in SIZES else "a4",
        "sizes": [(name, label, _again(request, name)) for name, label in SIZES.items()],
    }
    return render(request, "places/labels.html", facts)


def _again(request: HttpRequest, size: str) -> str:
    query = request.GET.copy()
    query["size"] = size
    return f"?{query.urlencode()}"


def _label(site: Site, base: str) -> Label:
    # Drawn by ourselves from a token of letters, digits and strokes: nothing of a person's writing is in it.
    return Label(site, mark_safe(qr_svg(site, base)), site_url(site, base))  # noqa: S308


@require_safe
def scan(request: HttpRequest, token: str) -> HttpResponse:
    """Open the report form filled with the place on which the code hangs."""
    if queries.site_with_token(token) is None:
        gone = Text(
            "这个二维码已经停用，请在下面选择位置。", "This code is no longer in use: choose the place below."
        )
        messages.warning(request, str(gone))
        return HttpResponseRedirect(reverse("safety:report"))
    return HttpResponseRedirect(f"{reverse('safety:report')}?{urlencode({'place': token})}")

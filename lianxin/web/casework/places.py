"""Naming a place: by the QR code on it, by a search in words, or from the reporter's own enterprise."""

from dataclasses import dataclass, replace

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lianxin.kernel.keys import key_in
from lianxin.kernel.orgs.models import Organization, Site
from lianxin.kernel.people.actors import Actor
from lianxin.web.casework.viewers import actor_of

MOST = 12
KINDS = (Organization.Kind.ENTERPRISE, Organization.Kind.ENTERPRISE_UNION)


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A radio button: ``field`` is ``site`` or ``organization``, ``value`` its key."""

    field: str
    value: int
    label: str
    note: str
    chosen: bool = False

    @property
    def key(self) -> str:
        """What the radio button sends."""
        return f"{self.field}:{self.value}"


def offered(actor: Actor, text: str, chosen: str = "") -> list[PlaceChoice]:
    """The places that fit the text, and before them the one chosen earlier, which a new search must not take away.

    The page shows the first few of one's own and folds the rest away, so what was chosen has to stand in front.
    """
    found = places_matching(actor, text)
    kept = [] if any(place.key == chosen for place in found) else _chosen(chosen)
    marked = [replace(place, chosen=place.key == chosen) for place in [*kept, *found]]
    return sorted(marked, key=lambda place: not place.chosen)


def _chosen(key: str) -> list[PlaceChoice]:
    field, _, value = key.partition(":")
    pk = key_in(value)
    if pk is None:
        return []
    if field == "site":
        sites = Site.objects.filter(pk=pk, active=True).select_related("organization")
        return [_site(site) for site in sites]
    bodies = Organization.objects.filter(pk=pk, active=True, kind=Organization.Kind.ENTERPRISE)
    return [_organization(body) for body in bodies.select_related("parent")]


def place_of_code(token: str) -> Site | None:
    """The place on which a QR code stands."""
    return (
        Site.objects.filter(token=token, active=True).select_related("organization").first()
        if token
        else None
    )


def places_matching(actor: Actor, text: str) -> list[PlaceChoice]:
    """Places and enterprises whose name holds the text; without text, those of the reader's own enterprise."""
    text = text.strip()
    if not text:
        return _own_places(actor)
    sites = Site.objects.filter(active=True).filter(Q(name__icontains=text) | Q(name_en__icontains=text))
    found = [_site(site) for site in sites.select_related("organization").order_by("path")[:MOST]]
    named = Organization.objects.filter(active=True, kind=Organization.Kind.ENTERPRISE).filter(
        Q(name__icontains=text) | Q(name_en__icontains=text)
    )
    return [_organization(o) for o in named.select_related("parent").order_by("path")[:MOST]] + found


def _own_places(actor: Actor) -> list[PlaceChoice]:
    own = actor.person.organization if actor.person else None
    if own is None:
        return []
    sites = Site.objects.filter(organization=own, active=True).select_related("organization").order_by("path")
    return [_organization(own), *[_site(site) for site in sites[:MOST]]]


def _site(site: Site) -> PlaceChoice:
    return PlaceChoice("site", site.pk, site.label, site.organization.label)


def _organization(organization: Organization) -> PlaceChoice:
    above = organization.parent.label if organization.parent else ""
    return PlaceChoice("organization", organization.pk, organization.label, above)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Answer the place search of the report form with radio buttons."""
    text = request.GET.get("place_search", "")
    chosen = request.GET.get("chosen_place", "")
    facts = {"places": offered(actor_of(request), text, chosen), "searched": bool(text.strip())}
    return render(request, "cases/_places.html", facts)

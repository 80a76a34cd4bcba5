"""Finding regions, bodies and places. The tree itself is public; what happens in it is not."""

from collections.abc import Iterable
from datetime import date
from functools import cache, reduce
from operator import and_, or_
from typing import Any, Protocol

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from lianxin.kernel.orgs.models import PATH_WIDTH, Organization, Region, Site, Superior
from lianxin.kernel.orgs.paths import SITE_ROOT_WIDTH, ancestors_of, end_of
from lianxin.kernel.prepared import run
from lianxin.kernel.scope import Scope
from lianxin.kernel.statements import columns_of, instance, width_of

MOST = 20
_LONGEST_CHAIN = 10


class Viewing(Protocol):
    """Somebody who looks, with the paths their roles open."""

    @property
    def scope(self) -> Scope:
        """What row-level security lets them see."""


def region_on(code: str, day: date) -> Region | None:
    """The region that stood, on a day, for the place which ever had this code.

    A retired code leads on to its successors; a code not yet in force on that day answers as it is, because
    yearly editions lag behind. ``None`` for an unknown code, and for one retired without a known successor.
    """
    found = Region.objects.filter(pk=code).first()
    for _ in range(_LONGEST_CHAIN):
        if found is None or found.valid_to is None or day <= found.valid_to:
            return found
        found = found.successor
    return None


def regions_named(text: str, *, on: date, within: str = "") -> QuerySet[Region]:
    """Regions whose whole name, with or without its last character （市, 县, 区）, is the text.

    Never by part of a name: 荆州 is not 荆门. ``within`` is the code of a region above.
    """
    suffixed = [text + suffix for suffix in ("省", "市", "县", "区", "旗", "盟", "自治区", "地区")]
    named = Region.objects.filter(Q(name=text) | Q(name__in=suffixed), valid_from__lte=on).filter(
        Q(valid_to=None) | Q(valid_to__gte=on)
    )
    return named.filter(pk__startswith=within.rstrip("0")).order_by("level", "code")


def under(path: str) -> QuerySet[Organization]:
    """The body at a path and everything below it, in the order of the tree."""
    return Organization.objects.filter(path__gte=path, path__lt=end_of(path)).order_by("path")


def above(organization: Organization) -> QuerySet[Organization]:
    """The bodies from the top of the tree down to this one, itself included."""
    return Organization.objects.filter(path__in=ancestors_of(organization.path)).order_by("path")


def paths_opened_by(organization: Organization) -> tuple[str, ...]:
    """The paths that a role at this body opens, none inside another.

    Its jurisdiction; for an industry union also the jurisdictions of the bodies whose second superior it is, or an
    industry union below it is (that of an enterprise union is its enterprise).
    """
    opened = {organization.jurisdiction_path}
    if organization.kind == Organization.Kind.INDUSTRY:
        opened |= set(
            Superior.objects.filter(
                line=Superior.Line.INDUSTRY,
                superior__path__gte=organization.path,
                superior__path__lt=end_of(organization.path),
            ).values_list("organization__jurisdiction_path", flat=True)
        )
    return outermost(opened)


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Those paths that lie under none of the others, in order."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return tuple(kept)


def organizations_matching(
    text: str, *, kinds: Iterable[str] = (), under_path: str = ""
) -> QuerySet[Organization]:
    """At most 20 active bodies whose name holds every word, or whose code is the text; nearest to the top first."""
    found = Organization.objects.filter(active=True).filter(
        _every_word(text, "name", "name_en") | Q(code=text.strip().upper(), code__gt="")
    )
    if kinds:
        found = found.filter(kind__in=list(kinds))
    if under_path:
        found = found.filter(path__gte=under_path, path__lt=end_of(under_path))
    return found.select_related("parent").order_by("level", "name", "id")[:MOST]


def sites_matching(
    viewer: Viewing, text: str, organization: Organization | None = None, *, near: str = ""
) -> QuerySet[Site]:
    """At most 20 active places that fit the words, for the report form; anybody may name any place.

    Words may be spread over the place and its organization (东港 2号吊车). Places under ``near``, the path of the
    reporter's own organization, come first, then those in the viewer's scope.
    """
    found = Site.objects.filter(active=True, organization__active=True)
    if organization is not None:
        found = found.filter(organization=organization)
    found = found.filter(_every_word(text, "name", "name_en", "organization__name", "organization__name_en"))
    mine = _within(viewer.scope.wide + viewer.scope.narrow)
    rank = Case(
        When(_within((near,) if near else ()), then=Value(0)),
        When(mine, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    ordered = found.annotate(rank=rank).order_by("rank", "path")
    return ordered.select_related("organization", "parent")[:MOST]


def sites_of(organization: Organization) -> QuerySet[Site]:
    """Its active places as a tree: each after the one it stands in."""
    return Site.objects.filter(organization=organization, active=True).order_by("path")


def site_with_token(token: str) -> Site | None:
    """The active place that a QR code leads to, with its organization."""
    return _site(run(_active_site("s.token = $1 AND o.active"), [token])) if token else None


def places_above(site: Site) -> QuerySet[Site]:
    """The places from the outermost down to this one, itself included."""
    prefixes = [site.path[:length] for length in range(SITE_ROOT_WIDTH, len(site.path) + 1, PATH_WIDTH)]
    return Site.objects.filter(path__in=prefixes).order_by("path")


def _every_word(text: str, *fields: str) -> Q:
    words = text.split() or [""]
    return reduce(
        and_, (reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields)) for word in words)
    )


def _within(paths: tuple[str, ...]) -> Q:
    ranges = [Q(organization__path__gte=path, organization__path__lt=end_of(path)) for path in paths]
    return reduce(or_, ranges) if ranges else Q(pk__in=[])


def active_site(pk: int) -> Site | None:
    """An active place with its enterprise, in one prepared statement: every report asks for one."""
    return _site(run(_active_site("s.id = $1"), [pk]))


def _site(found: list[tuple[Any, ...]]) -> Site | None:
    if not found:
        return None
    width = width_of(Site)
    site = instance(Site, found[0][:width])
    site.organization = instance(Organization, found[0][width:])
    return site


@cache
def _active_site(chosen: str) -> str:
    return f"""SELECT {columns_of(Site, "s")}, {columns_of(Organization, "o")}
FROM orgs_site s JOIN orgs_organization o ON o.id = s.organization_id WHERE {chosen} AND s.active"""  # noqa: S608 - the models' own names

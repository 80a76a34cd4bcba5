"""What a reader of figures asks for: which years, and which body's territory."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.metrics import periods
from lianxin.kernel.metrics.periods import Period
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.text import Text
from lianxin.web.casework.viewers import actor_of

EVER = "ever"
YEARS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A period, a body or none for everywhere, and the same as a query string for links."""

    viewer: Actor
    period: Period
    year: str
    organization: Organization | None
    query: str


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of the filter."""

    value: str
    label: Text | str
    chosen: bool


def asked(request: HttpRequest) -> Asked:
    """From the address, also of a recount; whatever makes no sense asks for the last year with cases, everywhere."""
    given = request.GET
    today = clock.day_of(clock.now())
    year = given.get("year", "")
    year = year if year == EVER or year in _years(today) else _last_busy_year(today)
    viewer = actor_of(request)
    organization = _body(viewer, given.get("body", ""))
    query = {"year": year, **({"body": organization.pk} if organization else {})}
    return Asked(viewer, _period(year, today), year, organization, urlencode(query))


def year_options(wanted: Asked) -> list[Option]:
    """The years to choose from, the newest first, and all of them."""
    years = [Option(year, year, wanted.year == year) for year in _years(clock.day_of(clock.now()))]
    return [*years, Option(EVER, Text("全部年份", "All years"), wanted.year == EVER)]


def body_options(wanted: Asked) -> list[Option]:
    """Everywhere, and the bodies at which an officer holds an office; nothing to choose for anybody else."""
    bodies = bodies_of(wanted.viewer)
    if not bodies:
        return []
    chosen = wanted.organization.pk if wanted.organization else None
    own = [Option(str(body.pk), body.label, body.pk == chosen) for body in bodies]
    return [Option("", Text("公开口径（全域）", "As published, everywhere"), chosen is None), *own]


def bodies_of(viewer: Actor) -> list[Organization]:
    """The bodies whose territory the viewer's wide offices open, nearest to the top first."""
    wide = {
        role.organization_id: role.organization
        for role in viewer.roles
        if role.scope_path in viewer.scope.wide
    }
    return sorted(wide.values(), key=lambda body: body.path)


def _body(viewer: Actor, pk: str) -> Organization | None:
    """One of the viewer's own bodies; figures belong to a territory, so an office's are those it acts on."""
    found = next((body for body in bodies_of(viewer) if str(body.pk) == pk), None)
    if found is None or found.jurisdiction_path == found.path:
        return found
    return Organization.objects.filter(path=found.jurisdiction_path).first()


def _last_busy_year(today: date) -> str:
    """This year, or while nothing has been raised in it yet the one before that is worth showing."""
    with scope.use(scope.EVERYTHING):
        last = Case.objects.order_by("-pk").values_list("opened_at", flat=True).first()
    year = str(clock.day_of(last).year) if last else ""
    return year if year in _years(today) else str(today.year)


def _years(today: date) -> list[str]:
    return [str(today.year - back) for back in range(YEARS_SHOWN)]


def _period(year: str, today: date) -> Period:
    if year == EVER:
        return periods.ever(today)
    return periods.year_to(today) if int(year) == today.year else periods.year(int(year))

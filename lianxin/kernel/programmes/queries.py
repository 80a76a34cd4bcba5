"""Reading programmes: that one runs is public; the cases in it are seen by whoever sees the cases."""

from datetime import date

from django.db.models import Q, QuerySet

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queries import cases_visible_to, under
from lianxin.kernel.orgs.models import PATH_WIDTH, Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.programmes.models import Programme
from lianxin.kernel.refusals import NotFound
from lianxin.kernel.text import Text


def programmes_under(organization: Organization, *, kind: str = "") -> QuerySet[Programme]:
    """The programmes of a body and of those below it, newest first."""
    chosen = Programme.objects.filter(under(organization.path)).select_related("organization", "fund")
    return (chosen.filter(kind=kind) if kind else chosen).order_by("-starts", "id")


def programmes_running(path: str, *, on: date, kind: str = "") -> QuerySet[Programme]:
    """What runs on a day for somebody at this path: programmes of the bodies on the way up, the nearest first."""
    above = [path[:end] for end in range(PATH_WIDTH, len(path) + 1, PATH_WIDTH)]
    chosen = Programme.objects.filter(organization_path__in=above, starts__lte=on).filter(
        Q(ends=None) | Q(ends__gte=on)
    )
    return (chosen.filter(kind=kind) if kind else chosen).order_by("-organization_path", "-starts", "id")


def programme_for(pk: int) -> Programme:
    """The programme of this primary key; raises ``NotFound``."""
    programme = Programme.objects.select_related("organization", "fund", "parent").filter(pk=pk).first()
    if programme is None:
        raise NotFound("programme_unknown", Text("没有这个活动。", "There is no such programme."))
    return programme


def cases_of(viewer: Actor, programme: Programme) -> QuerySet[Case]:
    """The programme's cases that the viewer may see, newest first."""
    return cases_visible_to(viewer).filter(in_programme__programme=programme).order_by("-opened_at", "-id")

"""Sweeps as they are read, and which sites an order would reach."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from lianxin.kernel.cases.queries import cases_visible_to, under
from lianxin.kernel.orgs.models import Organization, Site
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import NotAllowed
from lianxin.kernel.text import Text
from lianxin.safety.models import Sweep, SweepCheck
from lianxin.safety.roles import SAFETY_OFFICE, UNION_OFFICER


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep has come; ``rate`` is the closed share in percent, to one decimal."""

    total: int
    none: int
    found: int
    fixed: int
    overdue: int
    closed: int

    @property
    def rate(self) -> float:
        """The closure rate in percent."""
        return round(100 * self.closed / self.total, 1) if self.total else 0.0


def matching_sites(
    viewer: Actor,
    organization: Organization,
    *,
    equipment_kind: str = "",
    industry: str = "",
    process: str = "",
) -> list[Site]:
    """The preview of an order: every site that would be asked. Raises ``NotAllowed`` beyond one's own territory."""
    if viewer.role_for((SAFETY_OFFICE, UNION_OFFICER), organization.path) is None:
        raise NotAllowed(
            "wrong_role",
            Text(
                "须由该辖区的安委办或工会干部查看。",
                "This is for the safety office or a union officer of that territory.",
            ),
        )
    return matching_sites_under(
        organization.jurisdiction_path, equipment_kind=equipment_kind, industry=industry, process=process
    )


def matching_sites_under(path: str, *, equipment_kind: str, industry: str, process: str) -> list[Site]:
    """Active sites under a path that fit every criterion given, in the order of their places.

    By industry alone an enterprise is asked once per plant, not once per piece of equipment. Without any
    criterion nothing matches.
    """
    if not (equipment_kind or industry or process):
        return []
    sites: QuerySet[Site] = Site.objects.filter(
        under(path, "organization__path"), active=True, organization__active=True
    )
    if equipment_kind:
        sites = sites.filter(equipment_kind=equipment_kind)
    if process:
        sites = sites.filter(process=process)
    if industry:
        sites = sites.filter(organization__enterprise__industry__startswith=industry)
        if not (equipment_kind or process):
            sites = sites.filter(kind=Site.Kind.SITE)
    return list(sites.select_related("organization").order_by("path"))


def progress(sweep: Sweep, *, at: datetime) -> Progress:
    """One statement over the checks of a sweep."""
    row = SweepCheck.objects.filter(sweep=sweep).aggregate(
        total=Count("pk"),
        none=Count("pk", filter=Q(result="none")),
        found=Count("pk", filter=Q(result="found")),
        fixed=Count("pk", filter=Q(result="fixed")),
        overdue=Count("pk", filter=Q(case__closed_at=None, case__due_at__lt=at)),
        closed=Count("pk", filter=Q(case__closed_at__isnull=False)),
    )
    return Progress(**row)


def checks_of(viewer: Actor, sweep: Sweep) -> list[SweepCheck]:
    """The checks that the viewer may see, by place."""
    return list(
        SweepCheck.objects.filter(sweep=sweep, case__in=cases_visible_to(viewer))
        .select_related("case__organization", "case__owner", "site__organization", "hazard")
        .order_by("site__path")
    )


def sweeps_visible_to(viewer: Actor, *, at: datetime, size: int = 100) -> list[tuple[Sweep, Progress]]:
    """The newest sweeps that the viewer may see, each with how far it has come: one statement."""
    sweeps = (
        Sweep.objects.filter(case__in=cases_visible_to(viewer))
        .select_related("case__organization", "case__owner", "scope")
        .annotate(
            total=Count("checks"),
            none=Count("checks", filter=Q(checks__result="none")),
            found=Count("checks", filter=Q(checks__result="found")),
            fixed=Count("checks", filter=Q(checks__result="fixed")),
            overdue=Count("checks", filter=Q(checks__case__closed_at=None, checks__case__due_at__lt=at)),
            done=Count("checks", filter=Q(checks__case__closed_at__isnull=False)),
        )
        .order_by("-pk")[:size]
    )
    return [(sweep, _progress_of(sweep)) for sweep in sweeps]


def _progress_of(row: Any) -> Progress:
    return Progress(row.total, row.none, row.found, row.fixed, row.overdue, row.done)

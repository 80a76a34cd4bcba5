"""Figures and proofs: what anybody may check."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Body, Router

from lianxin.api.answers import FigureOut, Problem, RecountOut, Verified
from lianxin.api.callers import caller
from lianxin.api.telling import figure_out
from lianxin.kernel import clock
from lianxin.kernel.audit import signing
from lianxin.kernel.audit.proofs import verify_proof
from lianxin.kernel.metrics import queries
from lianxin.kernel.metrics.periods import Period
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.addresses import source_of
from lianxin.kernel.people.throttles import throttle
from lianxin.kernel.refusals import NotFound, Refused
from lianxin.kernel.text import Text

router = Router(tags=["public"])
NO = {404: Problem, 422: Problem, 429: Problem}
RECOUNTS_A_MINUTE = 30


@router.get("/figures", response={200: list[FigureOut], **NO}, summary="Figures of a period")
def figures(
    request: HttpRequest,
    first: date,
    last: date,
    figure: str | None = None,
    organization: int | None = None,
) -> list[FigureOut]:
    """The figures that the caller may see, all or one; each names its query."""
    viewer = caller(request, "figures:read")
    shown = queries.figures_for(
        viewer,
        period=_period(first, last),
        ids=[figure] if figure else None,
        organization=_organization(organization),
    )
    return [figure_out(one) for one in shown]


@router.get(
    "/figures/{figure}/recount", response={200: RecountOut, **NO}, summary="Count a figure again from rows"
)
def recount(
    request: HttpRequest,
    figure: str,
    first: date,
    last: date,
    organization: int | None = None,
) -> RecountOut:
    """The figure as shown and as counted again; thirty a minute from one address."""
    viewer = caller(request, "figures:read")
    throttle(f"recount:{source_of(request)}", limit=RECOUNTS_A_MINUTE, window_seconds=60, at=clock.now())
    found = queries.recounted(
        viewer, figure, period=_period(first, last), organization=_organization(organization)
    )
    return RecountOut(shown=figure_out(found.shown), again=figure_out(found.again), agrees=found.agrees)


@router.post("/proofs/verify", response={200: Verified, **NO}, summary="Check an inclusion proof")
def verify(request: HttpRequest, proof: Body[dict[str, Any]]) -> Verified:
    """Whether the proof holds in itself, and whether it was signed here. Nothing is looked up."""
    caller(request, "figures:read")
    return Verified(
        holds=verify_proof(proof), ours=verify_proof(proof, public_key=signing.own_public_key().hex())
    )


def _period(first: date, last: date) -> Period:
    if last < first:
        raise Refused(
            "period_invalid",
            Text("结束日期早于开始日期。", "The period ends before it begins."),
            field="last",
        )
    return Period(first, last)


def _organization(pk: int | None) -> Organization | None:
    if pk is None:
        return None
    found = Organization.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(
            "organization_unknown",
            Text("没有这个单位。", "There is no such organization."),
            field="organization",
        )
    return found

"""Opening and ending programmes; putting cases into them."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases.history import stream_of
from lianxin.kernel.cases.models import Case
from lianxin.kernel.clock import day_of
from lianxin.kernel.ledger.models import Fund
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.roles import UNION_OFFICER
from lianxin.kernel.programmes.kinds import programme_kind
from lianxin.kernel.programmes.models import Programme, ProgrammeCase
from lianxin.kernel.refusals import Conflict, NotAllowed, Refused
from lianxin.kernel.statements import fetch
from lianxin.kernel.text import Text


def open_programme(  # noqa: PLR0913 - every fact of a programme, by name
    organization: Organization,
    *,
    kind: str,
    name: str,
    starts: date,
    actor: Actor,
    at: datetime,
    ends: date | None = None,
    name_en: str = "",
    fund: Fund | None = None,
    groups: Sequence[str] = (),
    parent: Programme | None = None,
) -> Programme:
    """Open a programme of a body; with ``parent`` as its part (a county's share of a city's campaign).

    Raises ``NotAllowed`` for anyone but a union officer of the place, ``Refused`` for dates the wrong way round,
    ``Conflict`` for the same programme a second time.
    """
    programme_kind(kind)
    _may_run(actor, organization)
    _check_dates(starts, ends)
    with scope.act():
        try:
            with transaction.atomic():
                programme = Programme.objects.create(
                    kind=kind,
                    name=" ".join(name.split()),
                    name_en=name_en.strip(),
                    organization=organization,
                    organization_path=organization.path,
                    starts=starts,
                    ends=ends,
                    fund=fund,
                    groups=list(groups),
                    parent=parent,
                )
        except IntegrityError as fault:
            raise Conflict(
                "programme_exists", Text("该活动已经建立。", "This programme is open already."), field="name"
            ) from fault
        _log(programme, "open", actor, at)
    return programme


def end_programme(programme: Programme, *, ends: date, actor: Actor, at: datetime) -> Programme:
    """Set or change the last day; raises like :func:`open_programme`."""
    _may_run(actor, programme.organization)
    with scope.act():
        fresh = fetch(Programme, pk=programme.pk, lock=True)
        _check_dates(fresh.starts, ends)
        before, fresh.ends = fresh.ends, ends
        fresh.save(update_fields=["ends"])
        _log(fresh, "end", actor, at, before=before)
    return fresh


def attach_case(programme: Programme, case: Case, *, actor: Actor, at: datetime) -> ProgrammeCase:
    """Put a case into a programme; a second time into the same one changes nothing.

    Raises ``Refused`` for a case of another place or another time, ``Conflict`` for one that is in another
    programme already. Apps call this inside the deed that opens the case; who may is decided there.
    """
    if not case.organization_path.startswith(programme.organization_path):
        raise Refused(
            "case_elsewhere",
            Text("该办件不属于本活动的地域。", "The case is not of this programme's territory."),
        )
    opened = day_of(case.opened_at)
    if opened < programme.starts or (programme.ends is not None and opened > programme.ends):
        raise Refused(
            "out_of_season", Text("该办件不在活动期间。", "The case was not opened while this programme ran.")
        )
    with scope.act():
        link, fresh = ProgrammeCase.objects.get_or_create(case=case, defaults={"programme": programme})
        if link.programme_id != programme.pk:
            raise Conflict(
                "in_another_programme",
                Text("该办件已归入“{name}”。", "The case belongs to “{name}” already.").format(
                    name=Text(link.programme.name, link.programme.name_en or link.programme.name)
                ),
            )
        if fresh:
            record(
                f"{case.kind}.attach",
                stream=stream_of(case),
                actor=actor.label,
                at=at,
                after={"programme": programme.pk, "status": case.status},
                request_id=actor.request_id,
            )
    return link


def _may_run(actor: Actor, organization: Organization) -> None:
    if actor.role_for((UNION_OFFICER,), organization.path) is None and not actor.scope.everything:
        raise NotAllowed(
            "wrong_role", Text("须由该单位的工会干部办理。", "Only a union officer of the place may do this.")
        )


def _check_dates(starts: date, ends: date | None) -> None:
    if ends is not None and ends < starts:
        raise Refused(
            "dates_reversed",
            Text("结束日期不能早于开始日期。", "It cannot end before it starts."),
            field="ends",
        )


def _log(programme: Programme, deed: str, actor: Actor, at: datetime, *, before: date | None = None) -> None:
    record(
        f"programme.{deed}",
        stream=f"organization:{programme.organization_id}",
        actor=actor.label,
        at=at,
        before={"ends": before} if before else None,
        after={
            "programme": programme.pk,
            "kind": programme.kind,
            "name": programme.name,
            "starts": programme.starts,
            "ends": programme.ends,
            "fund": programme.fund_id,
        },
        request_id=actor.request_id,
    )

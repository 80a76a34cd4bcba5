"""Many bodies at once: a city's tree from a register, or a nation's for a bench."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.acting import Acting
from lianxin.kernel.audit.services import record
from lianxin.kernel.clock import day_of
from lianxin.kernel.orgs import paths, rules
from lianxin.kernel.orgs.codes import clean_uscc
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.orgs.services import check_parent, named

_COLUMNS = (
    "id",
    "kind",
    "level",
    "name",
    "name_en",
    "code",
    "region_id",
    "parent_id",
    "path",
    "jurisdiction_path",
    "next_child",
    "active",
    "valid_from",
)


@dataclass(slots=True)
class NewOrganization:
    """A body to be founded, with those to be founded under it; level and region are the usual ones unless given."""

    name: str
    kind: str
    level: int | None = None
    region_id: str | None = None
    code: str = ""
    name_en: str = ""
    children: Sequence["NewOrganization"] = field(default_factory=list)


def create_organizations(
    parent: Organization | None, rows: Sequence[NewOrganization], *, actor: Acting, at: datetime
) -> list[Organization]:
    """Found whole subtrees under a parent in one ``COPY``; returns every body made, parents before children.

    Raises ``Refused`` for a place where a body cannot stand; nothing is made then. One log entry tells of all.
    """
    made: list[Organization] = []
    with scope.act():
        paths_given = paths.next_organization_paths(parent, len(rows))
        for row, path in zip(rows, paths_given, strict=True):
            _plan(row, path, parent, at, made)
        _number(made)
        _copy(made)
        record(
            "organization.import",
            stream=f"organization:{parent.pk}" if parent else "organizations",
            actor=actor.label,
            at=at,
            after={"count": len(made)},
            request_id=actor.request_id,
        )
    return made


def _plan(
    row: NewOrganization, path: str, parent: Organization | None, at: datetime, made: list[Organization]
) -> None:
    level = rules.usual_level(row.kind, parent) if row.level is None else row.level
    check_parent(row.kind, level, parent)
    organization = Organization(
        name=named(row.name),
        name_en=row.name_en,
        kind=row.kind,
        level=level,
        code=clean_uscc(row.code) if row.code else "",
        region_id=row.region_id or (parent.region_id if parent else None),
        parent=parent,
        path=path,
        jurisdiction_path=rules.jurisdiction_of(row.kind, path, parent),
        next_child=len(row.children),
        valid_from=day_of(at),
    )
    made.append(organization)
    for number, child in enumerate(row.children):
        _plan(child, path + paths.segment(number), organization, at, made)


def _number(made: list[Organization]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('orgs_organization', 'id')) FROM generate_series(1, %s)",
            [len(made)],
        )
        for organization, (number,) in zip(made, cursor.fetchall(), strict=True):
            organization.pk = number
            state = organization._state  # noqa: SLF001 - what bulk_create marks, COPY has to mark too
            state.adding, state.db = False, connection.alias


def _copy(made: list[Organization]) -> None:
    for organization in made:
        organization.parent_id = organization.parent.pk if organization.parent else None
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY orgs_organization ({', '.join(_COLUMNS)}) FROM STDIN") as copy,
    ):
        for organization in made:
            copy.write_row([getattr(organization, column) for column in _COLUMNS])

"""Founding, moving, renaming and dissolving bodies; setting up places and the codes on them."""

import secrets
from datetime import date, datetime
from typing import Any

from lianxin.kernel import scope
from lianxin.kernel.acting import Acting
from lianxin.kernel.audit.services import record
from lianxin.kernel.clock import day_of
from lianxin.kernel.orgs import paths, rules
from lianxin.kernel.orgs.models import Enterprise, Organization, Region, Site
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text

_TOKEN_BYTES = 15


def create_organization(
    name: str,
    *,
    kind: str,
    parent: Organization | None,
    actor: Acting,
    at: datetime,
    level: int | None = None,
    region: Region | None = None,
    name_en: str = "",
    code: str = "",
    valid_from: date | None = None,
) -> Organization:
    """Found a body under a parent (``None``: the top of a tree).

    Level and region are those usual under the parent unless given. Raises ``Refused`` for an empty name or a
    place where such a body cannot stand.
    """
    level = rules.usual_level(kind, parent) if level is None else level
    rules.check_place(kind, level, parent)
    region_id = region.pk if region else parent.region_id if parent else None
    with scope.act():
        (path,) = paths.next_organization_paths(parent)
        organization = Organization.objects.create(
            name=_named(name),
            name_en=name_en.strip(),
            kind=kind,
            level=level,
            code=code,
            region_id=region_id,
            parent=parent,
            path=path,
            jurisdiction_path=rules.jurisdiction_of(kind, path, parent),
            valid_from=valid_from or day_of(at),
        )
        after = {"name": organization.name, "kind": kind, "parent": parent and parent.pk}
        _log(organization, "organization.create", actor, at, after=after)
    return organization


def create_enterprise(
    name: str,
    *,
    parent: Organization,
    actor: Acting,
    at: datetime,
    industry: str = "",
    headcount: int | None = None,
    **details: Any,
) -> Organization:
    """Enter an employer under the union that looks after it; ``details`` as for any organization."""
    with scope.act():
        organization = create_organization(
            name, kind=Organization.Kind.ENTERPRISE, parent=parent, actor=actor, at=at, **details
        )
        Enterprise.objects.create(organization=organization, industry=industry, headcount=headcount)
    return organization


def create_site(
    name: str,
    *,
    organization: Organization,
    actor: Acting,
    at: datetime,
    parent: Site | None = None,
    kind: str = Site.Kind.SITE,
    name_en: str = "",
    equipment_kind: str = "",
    process: str = "",
) -> Site:
    """Set up a place of an organization, with the token for its QR code.

    Raises ``Refused`` for an empty name, a parent elsewhere, or anything under a piece of equipment.
    """
    _check_site_parent(parent, organization)
    with scope.act():
        (path,) = paths.next_site_paths(parent)
        site = Site.objects.create(
            organization=organization,
            parent=parent,
            path=path,
            kind=kind,
            name=_named(name),
            name_en=name_en.strip(),
            equipment_kind=equipment_kind,
            process=process,
            token=secrets.token_urlsafe(_TOKEN_BYTES),
        )
        _log(organization, "site.create", actor, at, after={"site": site.pk, "name": site.name})
    return site


def _check_site_parent(parent: Site | None, organization: Organization) -> None:
    if parent is None:
        return
    if parent.organization_id != organization.pk:
        raise Refused(
            "site_elsewhere",
            Text("上级位置不属于该单位。", "The place above belongs to another organization."),
            field="parent",
        )
    if parent.kind == Site.Kind.EQUIPMENT:
        raise Refused(
            "equipment_is_a_leaf",
            Text("设备之下不能再设位置。", "No place can stand under a piece of equipment."),
            field="parent",
        )


def _named(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise Refused("name_missing", Text("请填写名称。", "Enter a name."), field="name")
    return cleaned


def _log(
    organization: Organization,
    action: str,
    actor: Acting,
    at: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    record(
        action,
        stream=f"organization:{organization.pk}",
        actor=actor.label,
        at=at,
        before=before,
        after=after,
        reason=reason,
        request_id=actor.request_id,
    )

"""Founding, moving, renaming and dissolving bodies; setting up places and the codes on them."""

import secrets
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, Case, F, Max, Value, When
from django.db.models.functions import Concat, Length, Substr

from lianxin.kernel import scope
from lianxin.kernel.acting import Acting
from lianxin.kernel.audit.services import record
from lianxin.kernel.clock import day_of
from lianxin.kernel.orgs import paths, rules
from lianxin.kernel.orgs.codes import clean_uscc
from lianxin.kernel.orgs.columns import bring_along
from lianxin.kernel.orgs.models import PATH_MAX, PATH_WIDTH, Enterprise, Organization, Region, Site, Superior
from lianxin.kernel.refusals import Conflict, Refused
from lianxin.kernel.statements import insert
from lianxin.kernel.text import Text

_TOKEN_BYTES = 15


def create_organization(  # noqa: PLR0913 - what a register says of a body
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

    Level and region are those usual under the parent unless given. Raises ``Refused`` for an empty name, a wrong
    code, a place where such a body cannot stand or a parent that is dissolved.
    """
    level = rules.usual_level(kind, parent) if level is None else level
    check_parent(kind, level, parent)
    region_id = region.pk if region else parent.region_id if parent else None
    with scope.act():
        (path,) = paths.next_organization_paths(parent)
        organization = Organization(
            name=named(name),
            name_en=name_en.strip(),
            kind=kind,
            level=level,
            code=_free_code(code),
            region_id=region_id,
            parent=parent,
            path=path,
            jurisdiction_path=rules.jurisdiction_of(kind, path, parent),
            valid_from=valid_from or day_of(at),
        )
        insert([organization])
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


def move_organization(
    organization: Organization, *, parent: Organization | None, actor: Acting, at: datetime, reason: str = ""
) -> Organization:
    """Put a body, with everything under it, under another parent.

    Paths in the tree and in every registered column follow in the same transaction; a body that is added under
    the subtree meanwhile waits. Raises ``Refused`` for a place where it cannot stand, its own subtree included.
    """
    with scope.act():
        paths.lock_tree(exclusive=True)
        organization.refresh_from_db()
        if parent is not None:
            parent.refresh_from_db()
        _check_move(organization, parent)
        (path,) = paths.next_organization_paths(parent)
        before, organization.path = organization.path, path
        parent_before, organization.parent = organization.parent_id, parent
        organization.jurisdiction_path = rules.jurisdiction_of(organization.kind, path, parent)
        _repath(organization, before)
        bring_along(path)
        _log(
            organization,
            "organization.move",
            actor,
            at,
            before={"parent": parent_before},
            after={"parent": parent and parent.pk},
            reason=reason,
        )
    return organization


def rename_organization(
    organization: Organization, name: str, *, actor: Acting, at: datetime, name_en: str | None = None
) -> Organization:
    """Give a body a new name; the English one stays unless given. What it was called stays in the log."""
    before = {"name": organization.name, "name_en": organization.name_en}
    organization.name = named(name)
    organization.name_en = organization.name_en if name_en is None else name_en.strip()
    after = {"name": organization.name, "name_en": organization.name_en}
    with scope.act():
        organization.save(update_fields=["name", "name_en"])
        _log(organization, "organization.rename", actor, at, before=before, after=after)
    return organization


def dissolve_organization(
    organization: Organization, *, last_day: date, actor: Acting, at: datetime, reason: str = ""
) -> Organization:
    """End a body, and retire its places; its cases and figures stay where they are.

    Raises ``Refused`` while anything active stands under it, or when it is dissolved already.
    """
    with scope.act():
        locked = Organization.objects.select_for_update().get(pk=organization.pk)
        _check_dissolve(locked, last_day)
        organization.active, organization.valid_to = False, last_day
        organization.save(update_fields=["active", "valid_to"])
        Site.objects.filter(organization=organization, active=True).update(active=False)
        after = {"valid_to": last_day.isoformat()}
        _log(organization, "organization.dissolve", actor, at, after=after, reason=reason)
    return organization


def set_superior(
    organization: Organization, *, superior: Organization | None, line: str, actor: Acting, at: datetime
) -> Superior | None:
    """Name a body's second superior in a line, or end that line with ``None``.

    Raises ``Refused`` when the superior in the industry line is no industry union.
    """
    if superior and line == Superior.Line.INDUSTRY and superior.kind != Organization.Kind.INDUSTRY:
        raise Refused(
            "not_an_industry_union",
            Text("产业系统的上级须为产业工会。", "In the industry line the superior is an industry union."),
            field="superior",
        )
    with scope.act():
        seconded = Superior.objects.filter(organization=organization, line=line)
        before = seconded.values_list("superior_id", flat=True).first()
        second = None
        if superior is None:
            seconded.delete()
        else:
            second, _ = Superior.objects.update_or_create(
                organization=organization, line=line, defaults={"superior": superior}
            )
        told = {"line": line, "superior": superior and superior.pk}
        _log(organization, "organization.second", actor, at, before={"superior": before}, after=told)
    return second


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
        site = Site(
            organization=organization,
            parent=parent,
            path=path,
            kind=kind,
            name=named(name),
            name_en=name_en.strip(),
            equipment_kind=equipment_kind,
            process=process,
            token=secrets.token_urlsafe(_TOKEN_BYTES),
        )
        insert([site])
        _log(organization, "site.create", actor, at, after={"site": site.pk, "name": site.name})
    return site


def move_site(site: Site, *, parent: Site | None, actor: Acting, at: datetime) -> Site:
    """Put a place, with what stands in it, elsewhere in the same organization; the codes on it stay good."""
    with scope.act():
        paths.lock_tree(exclusive=True)
        site.refresh_from_db()
        if parent is not None:
            parent.refresh_from_db()
            _check_outside(site.path, parent.path)
        _check_site_parent(parent, site.organization)
        (path,) = paths.next_site_paths(parent)
        before, parent_before = site.path, site.parent_id
        Site.objects.filter(path__gte=before, path__lt=paths.end_of(before)).update(
            path=_swapped("path", before, path),
            parent_id=_parent_instead(site.pk, parent.pk if parent else None),
        )
        site.path, site.parent = path, parent
        told = {"site": site.pk, "parent": parent and parent.pk}
        _log(site.organization, "site.move", actor, at, before={"parent": parent_before}, after=told)
    return site


def retire_site(site: Site, *, actor: Acting, at: datetime, reason: str = "") -> Site:
    """Take a place and what stands in it out of use; codes on them lead nowhere from now on."""
    with scope.act():
        inside = Site.objects.filter(path__gte=site.path, path__lt=paths.end_of(site.path), active=True)
        retired = inside.update(active=False)
        site.active = False
        told = {"site": site.pk, "places": retired}
        _log(site.organization, "site.retire", actor, at, after=told, reason=reason)
    return site


def replace_site_token(site: Site, *, actor: Acting, at: datetime, reason: str = "") -> Site:
    """Give a place a new code: the old one, lost or copied, leads nowhere."""
    with scope.act():
        site.token = secrets.token_urlsafe(_TOKEN_BYTES)
        site.save(update_fields=["token"])
        _log(site.organization, "site.replace_token", actor, at, after={"site": site.pk}, reason=reason)
    return site


def check_parent(kind: str, level: int, parent: Organization | None) -> None:
    """Raise ``Refused`` unless a body of this kind and level may be put under this parent now."""
    rules.check_place(kind, level, parent)
    if parent is not None and not parent.active:
        raise Refused(
            "parent_dissolved",
            Text("上级组织已撤销。", "The superior has been dissolved."),
            field="parent",
        )
    if parent is not None and len(parent.path) >= PATH_MAX:
        raise _too_deep()


def _check_move(organization: Organization, parent: Organization | None) -> None:
    if parent is not None:
        _check_outside(organization.path, parent.path)
    check_parent(organization.kind, organization.level, parent)
    subtree = Organization.objects.filter(
        path__gte=organization.path, path__lt=paths.end_of(organization.path)
    )
    deepest = subtree.aggregate(deepest=Max(Length("path")))["deepest"]
    top = len(parent.path) if parent else 0
    if top + PATH_WIDTH + deepest - len(organization.path) > PATH_MAX:
        raise _too_deep()


def _check_outside(path: str, parent_path: str) -> None:
    if parent_path.startswith(path):
        raise Refused(
            "inside_itself",
            Text("不能移到自身或其下级之下。", "It cannot be moved under itself."),
            field="parent",
        )


def _check_dissolve(organization: Organization, last_day: date) -> None:
    if not organization.active:
        raise Conflict("already_dissolved", Text("该组织已撤销。", "It has been dissolved already."))
    if organization.valid_from and last_day < organization.valid_from:
        raise Refused(
            "dissolved_before_founding",
            Text("撤销日期不能早于成立日期。", "It cannot end before it began."),
            field="last_day",
        )
    if organization.children.filter(active=True).exists():
        raise Refused(
            "has_children",
            Text("其下还有组织，请先移出或撤销。", "Move or dissolve what stands under it first."),
        )


def _repath(organization: Organization, before: str) -> None:
    """Write the moved body and its subtree, which still stands at ``before``."""
    Organization.objects.filter(path__gte=before, path__lt=paths.end_of(before)).update(
        path=_swapped("path", before, organization.path),
        jurisdiction_path=Case(
            When(pk=organization.pk, then=Value(organization.jurisdiction_path)),
            default=_swapped("jurisdiction_path", before, organization.path),
        ),
        parent_id=_parent_instead(organization.pk, organization.parent_id),
    )


def _swapped(column: str, before: str, after: str) -> Concat:
    return Concat(Value(after), Substr(column, len(before) + 1))


def _parent_instead(moved: int, parent: int | None) -> Case:
    return Case(
        When(pk=moved, then=Value(parent)), default=F("parent_id"), output_field=BigIntegerField(null=True)
    )


def _too_deep() -> Refused:
    return Refused("too_deep", Text("组织层级过深。", "The tree would grow too deep."), field="parent")


def _check_site_parent(parent: Site | None, organization: Organization) -> None:
    if parent is None:
        return
    if parent.organization_id != organization.pk:
        raise Refused(
            "site_elsewhere",
            Text("上级位置不属于该单位。", "The place above belongs to another organization."),
            field="parent",
        )
    if len(parent.path) >= PATH_MAX:
        raise _too_deep()
    if parent.kind == Site.Kind.EQUIPMENT:
        raise Refused(
            "equipment_is_a_leaf",
            Text("设备之下不能再设位置。", "No place can stand under a piece of equipment."),
            field="parent",
        )


def named(name: str) -> str:
    """A name without stray spaces; raises ``Refused("name_missing")`` when nothing is left."""
    cleaned = " ".join(name.split())
    if not cleaned:
        raise Refused("name_missing", Text("请填写名称。", "Enter a name."), field="name")
    return cleaned


def _free_code(text: str) -> str:
    """The code, when nobody has it yet; of two who enter it at one moment the constraint stops one."""
    code = clean_uscc(text) if text else ""
    if code and Organization.objects.filter(code=code).exists():
        raise Conflict(
            "code_taken",
            Text("该统一社会信用代码已登记。", "An organization with this code is registered already."),
            field="code",
        )
    return code


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

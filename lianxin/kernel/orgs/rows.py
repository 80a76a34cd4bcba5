"""One row of a spreadsheet of organizations, enterprises or places: checked first, applied later.

A row is a mapping from field to text, as the spreadsheet reader hands it over; cells that are empty are "" or
missing. ``check_…_row`` names every fault by field and writes nothing; ``apply_…_row`` assumes a row without
faults and calls the same services as a page.
"""

from collections.abc import Mapping
from datetime import datetime

from lianxin.kernel.acting import Acting
from lianxin.kernel.orgs.codes import clean_uscc
from lianxin.kernel.orgs.models import INDUSTRY_MAX, Enterprise, Organization, Region, Site
from lianxin.kernel.orgs.rules import check_place, usual_level
from lianxin.kernel.orgs.services import create_enterprise, create_organization, create_site
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text

Row = Mapping[str, str]
Faults = dict[str, Text]

ORGANIZATION_FIELDS = {
    "name": Text("名称", "Name"),
    "kind": Text("类别", "Kind"),
    "parent": Text("上级（名称或代码）", "Superior (name or code)"),
    "code": Text("统一社会信用代码", "Unified social credit code"),
    "region": Text("行政区划代码", "Region code"),
}
ENTERPRISE_FIELDS = {
    "name": Text("企业名称", "Enterprise"),
    "parent": Text("所属工会（名称或代码）", "Union it belongs to (name or code)"),
    "code": Text("统一社会信用代码", "Unified social credit code"),
    "region": Text("行政区划代码", "Region code"),
    "industry": Text("行业门类", "Industry section"),
    "headcount": Text("职工人数", "Headcount"),
}
SITE_FIELDS = {
    "organization": Text("企业（名称或代码）", "Enterprise (name or code)"),
    "parent": Text("上级位置", "Place it stands in"),
    "name": Text("位置或设备名称", "Place or equipment"),
    "kind": Text("类别", "Kind"),
    "equipment_kind": Text("设备类别", "Kind of equipment"),
    "process": Text("工序", "Process"),
}


def check_organization_row(row: Row, *, under: Organization) -> Faults:
    """Faults of a row that founds a body somewhere under ``under``."""
    faults = _common(row, under)
    kind = _choice(row.get("kind", ""), Organization.Kind)
    parent = organization_named(row.get("parent", ""), under=under)
    if kind is None:
        faults["kind"] = Text("类别不在可选范围内。", "There is no such kind.")
    elif parent is not None:
        try:
            check_place(kind, usual_level(kind, parent), parent)
        except Refused as refusal:
            faults[refusal.field or "parent"] = refusal.message
    return faults


def apply_organization_row(row: Row, *, under: Organization, actor: Acting, at: datetime) -> Organization:
    """Found the body, or return the one that has its code already."""
    present = _present(row)
    return present or create_organization(
        row["name"],
        kind=_choice(row["kind"], Organization.Kind) or "",
        parent=organization_named(row["parent"], under=under),
        code=row.get("code", ""),
        region=_region(row),
        actor=actor,
        at=at,
    )


def check_enterprise_row(row: Row, *, under: Organization) -> Faults:
    """Faults of a row that enters an employer under a union somewhere under ``under``."""
    faults = _common(row, under)
    headcount = row.get("headcount", "")
    if headcount and not headcount.isdecimal():
        faults["headcount"] = Text("职工人数须为整数。", "Write the headcount as a whole number.")
    if len(row.get("industry", "")) > INDUSTRY_MAX:
        faults["industry"] = Text("请填行业代码。", "Write the code of the industry.")
    return faults


def apply_enterprise_row(row: Row, *, under: Organization, actor: Acting, at: datetime) -> Organization:
    """Enter the employer, or bring what is known of the one with this code up to date."""
    industry, headcount = row.get("industry", ""), row.get("headcount", "")
    present = _present(row)
    if present is not None:
        known = {"industry": industry, "headcount": int(headcount) if headcount else None}
        Enterprise.objects.update_or_create(
            organization=present, defaults={key: value for key, value in known.items() if value}
        )
        return present
    parent = organization_named(row["parent"], under=under)
    return create_enterprise(
        row["name"],
        parent=parent or under,
        industry=industry,
        headcount=int(headcount) if headcount else None,
        code=row.get("code", ""),
        region=_region(row),
        actor=actor,
        at=at,
    )


def check_site_row(row: Row, *, under: Organization) -> Faults:
    """Faults of a row that sets up a place; the place it stands in must be there, or come in an earlier row."""
    faults: Faults = {}
    if not row.get("name", "").strip():
        faults["name"] = Text("请填写名称。", "Enter a name.")
    if organization_named(row.get("organization", ""), under=under) is None:
        faults["organization"] = _unknown()
    kind = _choice(row.get("kind", "") or Site.Kind.SITE, Site.Kind)
    if kind is None:
        faults["kind"] = Text("类别不在可选范围内。", "There is no such kind.")
    if row.get("equipment_kind") and kind != Site.Kind.EQUIPMENT:
        faults["equipment_kind"] = Text("只有设备才填设备类别。", "Only equipment has a kind of equipment.")
    return faults


def apply_site_row(row: Row, *, under: Organization, actor: Acting, at: datetime) -> Site:
    """Set up the place, or return the one of this name that stands there; raises ``Refused`` without its parent."""
    organization = organization_named(row["organization"], under=under)
    if organization is None:
        raise Refused("organization_unknown", _unknown(), field="organization")
    parent = _site_named(row.get("parent", ""), organization)
    present = Site.objects.filter(
        organization=organization, parent=parent, name=row["name"].strip(), active=True
    ).first()
    return present or create_site(
        row["name"],
        organization=organization,
        parent=parent,
        kind=_choice(row.get("kind", "") or Site.Kind.SITE, Site.Kind) or Site.Kind.SITE,
        equipment_kind=row.get("equipment_kind", ""),
        process=row.get("process", ""),
        actor=actor,
        at=at,
    )


def organization_named(text: str, *, under: Organization) -> Organization | None:
    """The one active body under (or at) ``under`` with exactly this name or code; ``None`` for none or several."""
    wanted = text.strip()
    inside = Organization.objects.filter(path__startswith=under.path, active=True)
    found = list(inside.filter(code=wanted.upper())[:1]) if wanted else []
    found = found or list(inside.filter(name=wanted)[:2])
    return found[0] if len(found) == 1 else None


def _common(row: Row, under: Organization) -> Faults:
    faults: Faults = {}
    if not row.get("name", "").strip():
        faults["name"] = Text("请填写名称。", "Enter a name.")
    if organization_named(row.get("parent", ""), under=under) is None:
        faults["parent"] = _unknown()
    if row.get("code"):
        try:
            clean_uscc(row["code"])
        except Refused as refusal:
            faults["code"] = refusal.message
    if row.get("region") and _region(row) is None:
        faults["region"] = Text("行政区划代码不在名录内。", "The region code is not in the national list.")
    return faults


def _present(row: Row) -> Organization | None:
    code = clean_uscc(row["code"]) if row.get("code") else ""
    return Organization.objects.filter(code=code).first() if code else None


def _region(row: Row) -> Region | None:
    return Region.objects.filter(pk=row.get("region", "").strip()).first()


def _site_named(text: str, organization: Organization) -> Site | None:
    if not text.strip():
        return None
    found = list(Site.objects.filter(organization=organization, name=text.strip(), active=True)[:2])
    if len(found) != 1:
        raise Refused(
            "site_unknown",
            Text("上级位置不存在或有重名。", "There is no such place, or several."),
            field="parent",
        )
    return found[0]


def _choice(text: str, choices: type[Organization.Kind] | type[Site.Kind]) -> str | None:
    """The value for what somebody wrote: the value itself, or its label in either language."""
    wanted = text.strip().casefold()
    for choice in choices:
        label = choice.label
        names = (choice.value, label.zh, label.en) if isinstance(label, Text) else (choice.value, str(label))
        if wanted in {name.casefold() for name in names}:
            return str(choice.value)
    return None


def _unknown() -> Text:
    return Text(
        "没有找到这个组织，或有重名：请填统一社会信用代码。",
        "No organization of that name, or several: give its code.",
    )

"""The bodies and places of the replayed year, set up through the same services as everybody's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lianxin.kernel.orgs.models import Organization, Region, Site
from lianxin.kernel.orgs.services import create_enterprise, create_organization, create_site
from lianxin.kernel.people.actors import SYSTEM
from lianxin.replay.script import read

CITY = "营口市总工会"
Kind = Organization.Kind


@dataclass(frozen=True, slots=True)
class Places:
    """Bodies by what they are; enterprises by key, sites by ``enterprise.site`` as in the script."""

    city: Organization
    office: Organization
    authority: Organization
    counties: list[Organization]
    towns: list[Organization]
    enterprises: dict[str, Organization]
    unions: dict[str, Organization]
    sites: dict[str, Site]


def build_places(at: datetime) -> Places:
    """The nation down to each piece of equipment. The region codes must be there."""
    nation = _federation("中华全国总工会", "All-China Federation of Trade Unions", None, at)
    province = _federation("辽宁省总工会", "Liaoning Provincial Federation", nation, at, "210000")
    city = _federation(CITY, "Yingkou Federation of Trade Unions", province, at, "210800")
    script = read("places")
    counties, towns = _build_counties(script["county"], city, at)
    enterprises, unions, sites = _build_enterprises(script["enterprise"], towns, at)
    return Places(
        city=city,
        office=_beside(
            city, "营口市安全生产委员会办公室", "Yingkou Safety Committee Office", Kind.SAFETY_OFFICE, at
        ),
        authority=_beside(
            city, "营口市应急管理局", "Yingkou Emergency Management Bureau", Kind.AUTHORITY, at
        ),
        counties=counties,
        towns=list(towns.values()),
        enterprises=enterprises,
        unions=unions,
        sites=sites,
    )


def _build_counties(
    rows: list[dict[str, Any]], city: Organization, at: datetime
) -> tuple[list[Organization], dict[str, Organization]]:
    counties: list[Organization] = []
    towns: dict[str, Organization] = {}
    for row in rows:
        county = _federation(row["name"], row["name_en"], city, at, row["region"])
        counties.append(county)
        towns |= {name: _federation(name, name_en, county, at) for name, name_en in row["towns"]}
    return counties, towns


def _build_enterprises(
    rows: list[dict[str, Any]], towns: dict[str, Organization], at: datetime
) -> tuple[dict[str, Organization], dict[str, Organization], dict[str, Site]]:
    enterprises: dict[str, Organization] = {}
    unions: dict[str, Organization] = {}
    sites: dict[str, Site] = {}
    for row in rows:
        enterprise = create_enterprise(
            row["name"],
            name_en=row["name_en"],
            parent=towns[row["town"]],
            industry=row["industry"],
            headcount=row["headcount"],
            actor=SYSTEM,
            at=at,
        )
        enterprises[row["key"]] = enterprise
        if row.get("union"):
            unions[row["key"]] = create_organization(
                f"{row['name']}工会",
                name_en=f"{row['name_en']} union",
                kind=Kind.ENTERPRISE_UNION,
                parent=enterprise,
                actor=SYSTEM,
                at=at,
            )
        for site in row["sites"]:
            sites[f"{row['key']}.{site[0]}"] = _build_site(row["key"], site, enterprise, sites, at)
    return enterprises, unions, sites


def _build_site(
    enterprise: str, row: list[str], organization: Organization, known: dict[str, Site], at: datetime
) -> Site:
    key, name, name_en, equipment, process = [*row, "", ""][:5]
    above = key.rpartition(".")[0]
    kind = Site.Kind.EQUIPMENT if equipment else Site.Kind.AREA if above else Site.Kind.SITE
    return create_site(
        name,
        name_en=name_en,
        organization=organization,
        parent=known[f"{enterprise}.{above}"] if above else None,
        kind=kind,
        equipment_kind=equipment,
        process=process,
        actor=SYSTEM,
        at=at,
    )


def _federation(
    name: str, name_en: str, parent: Organization | None, at: datetime, region: str = ""
) -> Organization:
    return create_organization(
        name,
        name_en=name_en,
        kind=Kind.FEDERATION,
        parent=parent,
        region=Region.objects.get(pk=region) if region else None,
        actor=SYSTEM,
        at=at,
    )


def _beside(city: Organization, name: str, name_en: str, kind: str, at: datetime) -> Organization:
    return create_organization(name, name_en=name_en, kind=kind, parent=city, actor=SYSTEM, at=at)

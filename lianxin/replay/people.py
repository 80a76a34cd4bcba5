"""Everybody in the replayed year. Nobody here exists: names are a surname, a heavenly stem and a numeral."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

from lianxin.kernel import scope
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import SYSTEM, Actor, in_office
from lianxin.kernel.people.roles import (
    ADMINISTRATOR,
    AUDITOR,
    CUSTODIAN,
    FINANCE_OFFICER,
    PARTNER_KEY,
    UNION_KEY,
    RoleKind,
)
from lianxin.kernel.people.services import enrol_person, grant_role
from lianxin.replay.places import Places
from lianxin.safety.roles import AUTHORITY, SAFETY_EXPERT, SAFETY_OFFICE, SITE_MANAGER, UNION_OFFICER

WORKERS = 5
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_NUMERALS = "一二三四五六七八九"
# A block of numbers that no operator gives out; nothing is ever sent there, a demonstration has no gateway.
_PHONES = 19900000000


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in their office. ``officers`` are found by the body in whose queue a case lies."""

    city_officer: Actor
    finance: Actor
    union_key: Actor
    partner_key: Actor
    auditor: Actor
    administrator: Actor
    authority: Actor
    safety_officers: list[Actor]
    experts: list[Actor]
    custodians: tuple[Actor, Actor]
    officers: dict[int, Actor]
    managers: dict[int, Actor]
    workers: dict[int, list[Actor]]

    def in_office(self) -> list[Actor]:
        """All who hold an office."""
        named = [self.city_officer, self.finance, self.union_key, self.partner_key, self.auditor]
        named += [self.administrator, self.authority, *self.safety_officers, *self.experts, *self.custodians]
        rest = [*self.officers.values(), *self.managers.values()]
        return list({actor.label: actor for actor in [*named, *rest]}.values())


def invented_names() -> Iterator[str]:
    """赵甲一, 钱甲一, …: 1,800 names that read as names and are plainly made up."""
    return (f"{name}{stem}{number}" for number, stem, name in product(_NUMERALS, _STEMS, _SURNAMES))


@dataclass(slots=True)
class _Enrolling:
    at: datetime
    names: Iterator[str] = field(default_factory=invented_names)
    phones: Iterator[int] = field(default_factory=lambda: iter(range(_PHONES + 1, _PHONES + 9999)))

    def somebody(self, organization: Organization, *offices: tuple[RoleKind, Organization]) -> Actor:
        person = enrol_person(
            next(self.names),
            organization=organization,
            phone=str(next(self.phones)),
            actor=SYSTEM,
            at=self.at,
        )
        roles = [grant_role(person, kind, where, actor=SYSTEM, at=self.at) for kind, where in offices]
        return in_office(person, tuple(roles))


def enrol_cast(places: Places, at: datetime) -> Cast:
    """Enrol everybody and put them into their offices."""
    new = _Enrolling(at)
    city, office = places.city, places.office
    with scope.act():
        city_officer = new.somebody(city, (UNION_OFFICER, city))
        return Cast(
            city_officer=city_officer,
            finance=new.somebody(city, (FINANCE_OFFICER, city)),
            union_key=new.somebody(city, (UNION_KEY, city)),
            partner_key=new.somebody(office, (PARTNER_KEY, office)),
            auditor=new.somebody(city, (AUDITOR, city)),
            administrator=new.somebody(city, (ADMINISTRATOR, city)),
            authority=new.somebody(places.authority, (AUTHORITY, places.authority)),
            safety_officers=[new.somebody(office, (SAFETY_OFFICE, office)) for _ in range(2)],
            experts=[new.somebody(office, (SAFETY_EXPERT, office)) for _ in range(5)],
            custodians=(new.somebody(city, (CUSTODIAN, city)), new.somebody(office, (CUSTODIAN, office))),
            officers={city.pk: city_officer} | _line_officers(new, places),
            managers={e.pk: new.somebody(e, (SITE_MANAGER, e)) for e in places.enterprises.values()},
            workers={e.pk: [new.somebody(e) for _ in range(WORKERS)] for e in places.enterprises.values()},
        )


def _line_officers(new: _Enrolling, places: Places) -> dict[int, Actor]:
    """Counties, the first town of each pair, and enterprise unions have an officer; elsewhere the county acts."""
    bodies = [*places.counties, *places.towns[::2], *places.unions.values()]
    return {body.pk: new.somebody(body, (UNION_OFFICER, body)) for body in bodies}

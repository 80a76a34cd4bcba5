"""A station, its keepers and a finder: the cases of the example app, and nothing of safety."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from lianxin.kernel import scope
from lianxin.kernel.cases.attachments import Prepared
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.reporters import Reporting
from lianxin.kernel.cases.services import Opened, open_case
from lianxin.kernel.clock import CHINA
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.orgs.services import create_enterprise, create_organization
from lianxin.kernel.people.actors import SYSTEM, Actor, actor_for
from lianxin.kernel.people.models import Person, Role
from lianxin.kernel.people.roles import CUSTODIAN, SITE_MANAGER, UNION_OFFICER, RoleKind
from tests.example_app.workflow import STATION_KEEPER, workflow
from tests.keeping import kept

NOON = datetime(2026, 2, 12, 12, tzinfo=CHINA)
PICTURE = Prepared("photo", "image/jpeg", b"picture", hashlib.sha256(b"picture").digest(), 8, 8)


def make_person(name: str) -> Person:
    """A synthetic person without phone or number."""
    with scope.act():
        return Person.objects.create(name=name, created_at=NOON)


def holder(name: str, kind: RoleKind, organization: Organization) -> Actor:
    """Somebody new in an office."""
    person = make_person(name)
    Role.objects.create(
        person=person,
        kind=kind.code,
        organization=organization,
        scope_path=organization.jurisdiction_path,
        granted_at=NOON,
    )
    return actor_for(person)


@dataclass(frozen=True)
class Town:
    """The tree and the people of these tests."""

    city: Organization
    county: Organization
    elsewhere: Organization
    market: Organization
    finder: Actor
    stranger: Actor
    keeper: Actor
    other_keeper: Actor
    foreign_keeper: Actor
    county_officer: Actor
    city_officer: Actor
    manager: Actor
    custodians: tuple[Actor, Actor]


@kept
def build_town() -> Town:
    """City, two counties, a market with a station, and everybody in their office."""
    with scope.act():
        kinds = Organization.Kind
        nation = create_organization("全国", kind=kinds.FEDERATION, parent=None, actor=SYSTEM, at=NOON)
        province = create_organization("某省", kind=kinds.FEDERATION, parent=nation, actor=SYSTEM, at=NOON)
        city = create_organization("某市", kind=kinds.FEDERATION, parent=province, actor=SYSTEM, at=NOON)
        county = create_organization("甲县", kind=kinds.FEDERATION, parent=city, actor=SYSTEM, at=NOON)
        elsewhere = create_organization("乙县", kind=kinds.FEDERATION, parent=city, actor=SYSTEM, at=NOON)
        office = create_organization("安委办", kind=kinds.SAFETY_OFFICE, parent=city, actor=SYSTEM, at=NOON)
        market = create_enterprise("零工市场", parent=county, actor=SYSTEM, at=NOON)
        return Town(
            city=city,
            county=county,
            elsewhere=elsewhere,
            market=market,
            finder=actor_for(make_person("拾者")),
            stranger=actor_for(make_person("路人")),
            keeper=holder("管理员甲", STATION_KEEPER, county),
            other_keeper=holder("管理员乙", STATION_KEEPER, county),
            foreign_keeper=holder("外县管理员", STATION_KEEPER, elsewhere),
            county_officer=holder("县干部", UNION_OFFICER, county),
            city_officer=holder("市干部", UNION_OFFICER, city),
            manager=holder("市场经理", SITE_MANAGER, market),
            custodians=(holder("保管甲", CUSTODIAN, city), holder("保管乙", CUSTODIAN, office)),
        )


@pytest.fixture
def town(db: None) -> Town:
    """The town, inside the test's transaction."""
    return build_town()


def found(
    town: Town, actor: Actor | None = None, mode: str = "named", at: datetime = NOON, **options: Any
) -> Opened:
    """Open a case: somebody found an umbrella."""
    return open_case(
        workflow,
        actor=actor or town.finder,
        at=at,
        organization=town.market,
        title="雨伞",
        data={"what": "雨伞", "spoken": {"what": "雨伞"}},
        reporting=Reporting(mode=mode),
        **options,
    )


@pytest.fixture
def case(town: Town) -> Case:
    """A named case, just opened."""
    return found(town).case

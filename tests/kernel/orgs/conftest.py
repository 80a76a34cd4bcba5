"""A small nation: a province with two cities, one of them with a county, a town and two enterprises."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest

from lianxin.kernel import scope
from lianxin.kernel.clock import CHINA
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.orgs.regions import load_regions
from lianxin.kernel.orgs.services import create_enterprise, create_organization
from lianxin.kernel.people.actors import SYSTEM
from tests.keeping import kept

AT = datetime(2026, 3, 2, 9, tzinfo=CHINA)
Kind = Organization.Kind


@dataclass(frozen=True)
class Nation:
    """The bodies by the names the tests use."""

    province: Organization
    city: Organization
    county: Organization
    town: Organization
    harbour: Organization
    foundry: Organization
    industry: Organization
    office: Organization
    other_city: Organization


@kept
def grow() -> Nation:
    """Found every body of the small nation."""

    def found(name: str, kind: str, parent: Organization | None, level: int | None = None) -> Organization:
        return create_organization(name, kind=kind, parent=parent, level=level, actor=SYSTEM, at=AT)

    with scope.act():
        province = found("北方省总工会", Kind.FEDERATION, None, level=1)
        city = found("海州市总工会", Kind.FEDERATION, province)
        county = found("东港区总工会", Kind.FEDERATION, city)
        town = found("望海街道总工会", Kind.FEDERATION, county)
        return Nation(
            province=province,
            city=city,
            county=county,
            town=town,
            harbour=create_enterprise("东港码头公司", parent=town, actor=SYSTEM, at=AT, industry="G"),
            foundry=create_enterprise("红星铸造厂", parent=town, actor=SYSTEM, at=AT, headcount=180),
            industry=found("海州市机械工会", Kind.INDUSTRY, city),
            office=found("海州市安委办", Kind.SAFETY_OFFICE, city),
            other_city=found("山阳市总工会", Kind.FEDERATION, province),
        )


@pytest.fixture
def nation(db: None) -> Iterator[Nation]:
    """The small nation, under the widest scope."""
    with scope.use(scope.EVERYTHING):
        yield grow()


@pytest.fixture
def region_codes(db: None) -> None:
    """The national list."""
    load_regions()

"""The standing cast: a small union tree and everybody who plays a part, all synthetic.

Plain functions, so that scripts and other fixtures can use them; the fixture ``cast`` gives them to a test.
"""

from dataclasses import dataclass
from datetime import datetime

import pytest
from stdnum.cn import ric

from lianxin.kernel import scope
from lianxin.kernel.clock import CHINA
from lianxin.kernel.orgs.models import Organization, Site
from lianxin.kernel.orgs.services import create_enterprise, create_organization, create_site
from lianxin.kernel.people.actors import SYSTEM, Actor, actor_for
from lianxin.kernel.people.roles import (
    ADMINISTRATOR,
    AUDITOR,
    CUSTODIAN,
    FINANCE_OFFICER,
    PARTNER_KEY,
    SITE_MANAGER,
    UNION_KEY,
    UNION_OFFICER,
    RoleKind,
    declare,
)
from lianxin.kernel.people.services import enrol_person, grant_role
from lianxin.kernel.text import Text
from tests.keeping import kept

AT = datetime(2025, 6, 9, 9, tzinfo=CHINA)
# The safety app declares the same; declaring it twice changes nothing, and the kernel's tests need no safety.
SAFETY_EXPERT = declare("safety_expert", Text("安全专家", "safety expert"))
Kind = Organization.Kind


@dataclass(frozen=True)
class Tree:
    """Nation → province → city → two counties → town → enterprise with its union; the office beside the city."""

    nation: Organization
    province: Organization
    city: Organization
    county: Organization
    other_county: Organization
    town: Organization
    office: Organization
    enterprise: Organization
    enterprise_union: Organization
    plant: Site
    workshop: Site
    crane: Site


@dataclass(frozen=True)
class Cast:
    """Everybody, each as the actor of a fully signed-in session."""

    tree: Tree
    worker: Actor
    colleague: Actor
    site_manager: Actor
    town_officer: Actor
    county_officer: Actor
    city_officer: Actor
    other_county_officer: Actor
    safety_expert: Actor
    union_key: Actor
    partner_key: Actor
    finance: Actor
    auditor: Actor
    administrator: Actor
    custodians: tuple[Actor, Actor]


def build_tree() -> Tree:
    """The bodies and places."""
    nation = _federation("全国总工会", None)
    province = _federation("辽宁省总工会", nation)
    city = _federation("营口市总工会", province)
    county = _federation("鲅鱼圈区总工会", city)
    town = _federation("红海街道总工会", county)
    office = create_organization("营口市安委办", kind=Kind.SAFETY_OFFICE, parent=city, actor=SYSTEM, at=AT)
    enterprise = create_enterprise("示例重工", parent=town, actor=SYSTEM, at=AT)
    plant = create_site("一厂", organization=enterprise, actor=SYSTEM, at=AT)
    workshop = create_site(
        "吊装车间", organization=enterprise, parent=plant, kind=Site.Kind.AREA, actor=SYSTEM, at=AT
    )
    return Tree(
        nation=nation,
        province=province,
        city=city,
        county=county,
        other_county=_federation("盖州市总工会", city),
        town=town,
        office=office,
        enterprise=enterprise,
        enterprise_union=create_organization(
            "示例重工工会", kind=Kind.ENTERPRISE_UNION, parent=enterprise, actor=SYSTEM, at=AT
        ),
        plant=plant,
        workshop=workshop,
        crane=create_site(
            "3号吊车",
            organization=enterprise,
            parent=workshop,
            kind=Site.Kind.EQUIPMENT,
            equipment_kind="crane",
            actor=SYSTEM,
            at=AT,
        ),
    )


def somebody(name: str, organization: Organization | None = None) -> Actor:
    """A person without an office."""
    return actor_for(enrol_person(name, organization=organization, actor=SYSTEM, at=AT))


def holder(name: str, kind: RoleKind, organization: Organization) -> Actor:
    """A person in an office at an organization."""
    person = enrol_person(name, organization=organization, actor=SYSTEM, at=AT)
    grant_role(person, kind, organization, actor=SYSTEM, at=AT)
    return actor_for(person)


@kept
def build_cast() -> Cast:
    """The tree and everybody in their office; run it inside a test's database."""
    with scope.act():
        tree = build_tree()
        return Cast(
            tree=tree,
            worker=somebody("王工", tree.enterprise),
            colleague=somebody("李工", tree.enterprise),
            site_manager=holder("赵主任", SITE_MANAGER, tree.enterprise),
            town_officer=holder("镇干部", UNION_OFFICER, tree.town),
            county_officer=holder("区干部", UNION_OFFICER, tree.county),
            city_officer=holder("市干部", UNION_OFFICER, tree.city),
            other_county_officer=holder("外区干部", UNION_OFFICER, tree.other_county),
            safety_expert=holder("安全专家", SAFETY_EXPERT, tree.office),
            union_key=holder("工会审批人", UNION_KEY, tree.city),
            partner_key=holder("安委办放款人", PARTNER_KEY, tree.office),
            finance=holder("财务", FINANCE_OFFICER, tree.city),
            auditor=holder("经审", AUDITOR, tree.city),
            administrator=holder("管理员", ADMINISTRATOR, tree.city),
            custodians=(
                holder("工会保管人", CUSTODIAN, tree.city),
                holder("安委办保管人", CUSTODIAN, tree.office),
            ),
        )


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, inside the test's transaction."""
    return build_cast()


def _federation(name: str, parent: Organization | None) -> Organization:
    return create_organization(name, kind=Kind.FEDERATION, parent=parent, actor=SYSTEM, at=AT)


# Numbers that pass every check and belong to nobody: an unassigned region, 990000.
def identity_number(order: int = 1, born: str = "19900307") -> str:
    """A synthetic identity number with a right check character."""
    front = f"990000{born}{order:03d}"
    return front + ric.calc_check_digit(front + "0")


def phone_number(order: int = 1) -> str:
    """A synthetic mobile number."""
    return f"199{order:08d}"

"""Rows of spreadsheets: faults by field first, then the same services as a page."""

import pytest

from lianxin.kernel.orgs.models import Enterprise, Organization, Site
from lianxin.kernel.orgs.rows import (
    apply_enterprise_row,
    apply_organization_row,
    apply_site_row,
    check_enterprise_row,
    check_organization_row,
    check_site_row,
)
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.refusals import Refused
from tests.kernel.orgs.conftest import AT, Nation

UNION = {"name": "新港街道总工会", "kind": "总工会", "parent": "东港区总工会"}
EMPLOYER = {
    "name": "新厂",
    "parent": "望海街道总工会",
    "code": "91110000600037341L",
    "industry": "C",
    "headcount": "80",
}
CRANE = {"organization": "东港码头公司", "name": "3号门机", "kind": "equipment", "equipment_kind": "crane"}


def test_an_organization_row_without_fault_founds_it(nation: Nation) -> None:
    assert check_organization_row(UNION, under=nation.city) == {}
    made = apply_organization_row(UNION, under=nation.city, actor=SYSTEM, at=AT)
    assert (made.parent_id, made.kind, made.level) == (nation.county.pk, "federation", 4)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": " "}, {"name"}),
        ({"kind": "俱乐部"}, {"kind"}),
        ({"kind": "Federation"}, set()),
        ({"parent": "山阳市总工会"}, {"parent"}),
        ({"parent": "东港码头公司"}, {"parent"}),
        ({"code": "123", "region": "999999"}, {"code", "region"}),
    ],
)
def test_an_organization_row_names_its_faults(
    nation: Nation, changes: dict[str, str], fields: set[str]
) -> None:
    assert set(check_organization_row(UNION | changes, under=nation.city)) == fields


def test_an_enterprise_row_enters_it_once(nation: Nation) -> None:
    assert check_enterprise_row(EMPLOYER, under=nation.city) == {}
    made = apply_enterprise_row(EMPLOYER, under=nation.city, actor=SYSTEM, at=AT)
    again = apply_enterprise_row(
        EMPLOYER | {"headcount": "95", "industry": ""}, under=nation.city, actor=SYSTEM, at=AT
    )
    assert made == again
    known = Enterprise.objects.get(organization=made)
    assert (known.industry, known.headcount, made.parent_id) == ("C", 95, nation.town.pk)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"headcount": "约80"}, {"headcount"}),
        ({"industry": "制造业企业"}, {"industry"}),
        ({"parent": ""}, {"parent"}),
    ],
)
def test_an_enterprise_row_names_its_faults(
    nation: Nation, changes: dict[str, str], fields: set[str]
) -> None:
    assert set(check_enterprise_row(EMPLOYER | changes, under=nation.city)) == fields


def test_a_name_borne_by_two_is_refused_and_a_code_is_not(nation: Nation) -> None:
    Organization.objects.filter(pk=nation.foundry.pk).update(name="东港码头公司", code="91110000600037341L")
    assert set(check_site_row(CRANE, under=nation.city)) == {"organization"}
    coded = CRANE | {"organization": "91110000600037341L"}
    assert check_site_row(coded, under=nation.city) == {}
    assert apply_site_row(coded, under=nation.city, actor=SYSTEM, at=AT).organization == nation.foundry


def test_a_site_row_finds_the_place_of_an_earlier_row(nation: Nation) -> None:
    dock = apply_site_row(
        {"organization": "东港码头公司", "name": "一号泊位"}, under=nation.city, actor=SYSTEM, at=AT
    )
    inside = CRANE | {"parent": "一号泊位"}
    crane = apply_site_row(inside, under=nation.city, actor=SYSTEM, at=AT)
    assert crane.parent == dock
    assert apply_site_row(inside, under=nation.city, actor=SYSTEM, at=AT) == crane
    assert Site.objects.count() == 2
    with pytest.raises(Refused) as refusal:
        apply_site_row(CRANE | {"parent": "二号泊位"}, under=nation.city, actor=SYSTEM, at=AT)
    assert refusal.value.code == "site_unknown"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": ""}, {"name"}),
        ({"organization": "没有的厂"}, {"organization"}),
        ({"kind": "车"}, {"kind", "equipment_kind"}),
        ({"kind": ""}, {"equipment_kind"}),
        ({"kind": "设备"}, set()),
    ],
)
def test_a_site_row_names_its_faults(nation: Nation, changes: dict[str, str], fields: set[str]) -> None:
    assert set(check_site_row(CRANE | changes, under=nation.city)) == fields

"""Whole subtrees in one go."""

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.orgs.bulk import NewOrganization, create_organizations
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.orgs.services import create_organization
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.refusals import Refused
from tests.kernel.orgs.conftest import AT, Kind, Nation


def _county(number: int, towns: int, enterprises: int) -> NewOrganization:
    return NewOrganization(
        f"{number}县总工会",
        Kind.FEDERATION,
        children=[
            NewOrganization(
                f"{number}-{town}镇总工会",
                Kind.FEDERATION,
                children=[
                    NewOrganization(f"{number}-{town}-{n}厂", Kind.ENTERPRISE) for n in range(enterprises)
                ],
            )
            for town in range(towns)
        ],
    )


def test_create_organizations_makes_two_thousand_at_once(nation: Nation) -> None:
    made = create_organizations(
        nation.other_city, [_county(n, 9, 21) for n in range(10)], actor=SYSTEM, at=AT
    )
    assert len(made) == 10 * (1 + 9 * 22) == 1990
    assert Organization.objects.count() == 9 + 1990
    assert Organization.objects.filter(path__startswith=nation.other_city.path).count() == 1991
    assert LogEntry.objects.filter(action="organization.import").count() == 1


def test_create_organizations_costs_the_same_statements_for_one_and_for_many(
    nation: Nation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for counties in (1, 5):
        with django_assert_max_num_queries(12):
            create_organizations(
                nation.other_city, [_county(n, 2, 3) for n in range(counties)], actor=SYSTEM, at=AT
            )


def test_create_organizations_leaves_the_counters_right(nation: Nation) -> None:
    county, town, *_ = create_organizations(nation.other_city, [_county(1, 1, 3)], actor=SYSTEM, at=AT)
    for parent, number in ((nation.other_city, "0001"), (county, "0001"), (town, "0003")):
        kind = Kind.ENTERPRISE if parent == town else Kind.FEDERATION
        later = create_organization(
            "后来", kind=kind, parent=Organization.objects.get(pk=parent.pk), actor=SYSTEM, at=AT
        )
        assert later.path == parent.path + number


def test_create_organizations_returns_what_stands_in_the_table(nation: Nation) -> None:
    made = create_organizations(nation.other_city, [_county(1, 2, 2)], actor=SYSTEM, at=AT)
    for organization in made:
        stored = Organization.objects.get(pk=organization.pk)
        for name in (
            "name",
            "kind",
            "level",
            "path",
            "jurisdiction_path",
            "parent_id",
            "next_child",
            "valid_from",
        ):
            assert getattr(stored, name) == getattr(organization, name)


def test_create_organizations_makes_roots(db: None) -> None:
    (root,) = create_organizations(None, [NewOrganization("全国", Kind.FEDERATION)], actor=SYSTEM, at=AT)
    assert (len(root.path), root.level) == (4, 0)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (
            [NewOrganization("企业", Kind.ENTERPRISE, children=[NewOrganization("县", Kind.FEDERATION)])],
            "parent_kind_wrong",
        ),
        ([NewOrganization(" ", Kind.ENTERPRISE)], "name_missing"),
        ([NewOrganization("企业", Kind.ENTERPRISE, code="12")], "code_invalid"),
    ],
)
def test_create_organizations_refuses_and_makes_nothing(
    nation: Nation, rows: list[NewOrganization], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        create_organizations(
            nation.town, [NewOrganization("好", Kind.ENTERPRISE), *rows], actor=SYSTEM, at=AT
        )
    assert refusal.value.code == code
    assert Organization.objects.count() == 9


def test_create_organizations_refuses_one_code_twice(nation: Nation) -> None:
    row = NewOrganization("甲", Kind.ENTERPRISE, code="91110000600037341L")
    with pytest.raises(IntegrityError), transaction.atomic():
        create_organizations(nation.town, [row, row], actor=SYSTEM, at=AT)

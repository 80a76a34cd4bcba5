"""What the database refuses of a tree, whoever writes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.orgs.models import Organization, Region, Site, Superior
from lianxin.kernel.orgs.services import create_organization, create_site, dissolve_organization
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.refusals import Refused
from tests.kernel.orgs.conftest import AT, Kind, Nation, grow


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ("county", {"path": "0000zzzz0000"}),
        ("county", {"path": "zzzz"}),
        ("province", {"path": "zzzz"}),
        ("county", {"parent_id": None}),
        ("county", {"jurisdiction_path": "0000"}),
        ("office", {"jurisdiction_path": "0000"}),
        ("county", {"level": 2}),
        ("city", {"level": 3}),
        ("harbour", {"level": 5}),
        ("town", {"kind": "partner"}),
        ("county", {"kind": "industry"}),
        ("harbour", {"kind": "safety_office"}),
        ("county", {"active": False, "valid_to": date(2026, 12, 31)}),
        ("harbour", {"active": False}),
        ("harbour", {"valid_to": date(2026, 12, 31)}),
        ("harbour", {"active": False, "valid_to": date(2020, 1, 1)}),
        ("harbour", {"next_child": 36**4 + 1}),
    ],
)
def test_the_tree_refuses(nation: Nation, body: str, changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Organization.objects.filter(pk=getattr(nation, body).pk).update(**changes)


def test_the_tree_accepts_the_same_changes_where_they_fit(nation: Nation) -> None:
    free = nation.harbour
    assert Organization.objects.filter(pk=free.pk).update(active=False, valid_to=date(2026, 12, 31)) == 1
    assert Organization.objects.filter(pk=nation.industry.pk).update(level=3) == 1
    assert Organization.objects.filter(pk=nation.town.pk).update(level=5) == 1


def test_one_code_names_one_organization(nation: Nation) -> None:
    code = "91110000600037341L"
    Organization.objects.filter(pk=nation.harbour.pk).update(code=code)
    with pytest.raises(IntegrityError), transaction.atomic():
        Organization.objects.filter(pk=nation.foundry.pk).update(code=code)


def test_a_second_superior_is_one_per_line_and_never_itself(nation: Nation) -> None:
    Superior.objects.create(organization=nation.harbour, superior=nation.industry, line="industry")
    with pytest.raises(IntegrityError), transaction.atomic():
        Superior.objects.create(organization=nation.harbour, superior=nation.city, line="industry")
    with pytest.raises(IntegrityError), transaction.atomic():
        Superior.objects.create(organization=nation.harbour, superior=nation.harbour, line="funding")


@pytest.mark.parametrize(
    "changes",
    [{"path": "0000000z"}, {"parent_id": None}, {"organization": "foundry"}, {"equipment_kind": "crane"}],
)
def test_the_places_refuse(nation: Nation, changes: dict[str, Any]) -> None:
    dock = create_site("泊位", organization=nation.harbour, actor=SYSTEM, at=AT)
    area = create_site("堆场", organization=nation.harbour, parent=dock, kind="area", actor=SYSTEM, at=AT)
    if "organization" in changes:
        changes = {"organization": getattr(nation, changes["organization"])}
    with pytest.raises(IntegrityError), transaction.atomic():
        Site.objects.filter(pk=area.pk).update(**changes)


def test_a_place_with_others_in_it_stays_where_and_what_it_is(nation: Nation) -> None:
    dock = create_site("泊位", organization=nation.harbour, actor=SYSTEM, at=AT)
    create_site("堆场", organization=nation.harbour, parent=dock, kind="area", actor=SYSTEM, at=AT)
    changes: list[dict[str, Any]] = [
        {"kind": "equipment"},
        {"organization": nation.foundry},
        {"path": "zzzzzzzz"},
    ]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            Site.objects.filter(pk=dock.pk).update(**change)


def test_labels_follow_the_language(nation: Nation, settings: Any) -> None:
    nation.harbour.name_en = "Donggang Terminal"
    assert str(nation.harbour) == "东港码头公司"
    settings.LANGUAGE_CODE = "en"
    assert (nation.harbour.label, nation.foundry.label) == ("Donggang Terminal", "红星铸造厂")


def test_region_is_called_what_it_was_called_then() -> None:
    region = Region(code="420600", name="襄阳市", former_names=[["襄樊市", "2009-12-31"]])
    assert [region.name_on(date(year, 6, 1)) for year in (2005, 2010)] == ["襄樊市", "襄阳市"]


def _both(first: Callable[[], object], second: Callable[[], object]) -> list[bool]:
    barrier = Barrier(2)

    def run(deed: Callable[[], object]) -> bool:
        try:
            barrier.wait(10)
            with scope.use(scope.EVERYTHING):
                deed()
        except (IntegrityError, Refused):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, (first, second)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(3))
def test_of_dissolving_and_founding_under_it_at_once_one_wins(_: int) -> None:
    nation = grow()
    with scope.use(scope.EVERYTHING):
        parent = Organization.objects.get(pk=nation.other_city.pk)
    ended, founded = _both(
        lambda: dissolve_organization(
            Organization.objects.get(pk=parent.pk), last_day=date(2026, 12, 31), actor=SYSTEM, at=AT
        ),
        lambda: create_organization("新县", kind=Kind.FEDERATION, parent=parent, actor=SYSTEM, at=AT),
    )
    assert ended != founded
    assert Organization.objects.get(pk=parent.pk).active is founded

"""Paths: base 36, fixed width, never given out twice, whichever threads ask."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel import scope
from lianxin.kernel.orgs.models import Organization, Site
from lianxin.kernel.orgs.paths import ancestors_of, end_of, next_site_paths, segment
from lianxin.kernel.orgs.services import create_organization, create_site, move_organization
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.refusals import Refused
from tests.kernel.orgs.conftest import AT, Kind, Nation, grow


@given(st.integers(0, 36**4 - 1))
def test_segment_counts_in_base_36(number: int) -> None:
    text = segment(number)
    assert len(text) == 4
    assert int(text, 36) == number


@given(st.integers(0, 36**4 - 2))
def test_segment_keeps_the_order(number: int) -> None:
    assert segment(number) < segment(number + 1) < end_of("")


@pytest.mark.parametrize("number", [-1, 36**4])
def test_segment_refuses_what_does_not_fit(number: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        segment(number)


def test_ancestors_of_a_path_are_its_beginnings() -> None:
    assert ancestors_of("0001000200zz") == ["0001", "00010002", "0001000200zz"]


def test_next_site_paths_of_roots_are_wide(db: None) -> None:
    first, second = next_site_paths(None, 2)
    assert len(first) == len(second) == 8
    assert first < second


def _at_once(deeds: Sequence[Callable[[], object]]) -> list[object]:
    """Run the deeds in threads that start together; returns what each gave, or its exception."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> object:
        try:
            barrier.wait(10)
            with scope.use(scope.EVERYTHING):
                return deed()
        except Exception as fault:  # noqa: BLE001 - whatever a thread meets is shown by the test
            return fault
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def _found(parent: Organization | None) -> Organization:
    return create_organization("新", kind=Kind.FEDERATION, parent=parent, actor=SYSTEM, at=AT)


@pytest.mark.django_db(transaction=True)
def test_threads_never_get_one_path() -> None:
    nation = grow()
    made = _at_once(
        [lambda: _found(nation.county) for _ in range(8)] + [lambda: _found(None) for _ in range(4)]
    )
    paths = {organization.path for organization in made if isinstance(organization, Organization)}
    assert len(paths) == 12
    assert Organization.objects.get(pk=nation.county.pk).next_child == 9


@pytest.mark.django_db(transaction=True)
def test_threads_never_get_one_path_for_sites() -> None:
    nation = grow()
    hall = create_site("车间", organization=nation.foundry, actor=SYSTEM, at=AT)
    _at_once(
        [
            lambda: create_site("机床", organization=nation.foundry, parent=hall, actor=SYSTEM, at=AT)
            for _ in range(8)
        ]
    )
    assert sorted(Site.objects.filter(parent=hall).values_list("path", flat=True)) == [
        hall.path + segment(number) for number in range(8)
    ]


def _misplaced() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM orgs_organization c JOIN orgs_organization p ON p.id = c.parent_id
            WHERE left(c.path, length(c.path) - 4) <> p.path"""
        )
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_founding_while_its_county_moves_lands_under_the_moved_county() -> None:
    nation = grow()
    deeds: list[Callable[[], object]] = [lambda: _found(nation.county) for _ in range(5)]

    def move() -> object:
        county = Organization.objects.get(pk=nation.county.pk)
        return move_organization(county, parent=nation.other_city, actor=SYSTEM, at=AT)

    assert not [
        result for result in _at_once([*deeds[:3], move, *deeds[3:]]) if isinstance(result, Exception)
    ]
    assert _misplaced() == 0
    moved = Organization.objects.get(pk=nation.county.pk)
    assert moved.parent_id == nation.other_city.pk
    assert moved.children.count() == 6


@pytest.mark.django_db(transaction=True)
def test_two_bodies_moved_under_each_other_do_not_make_a_ring() -> None:
    nation = grow()
    harbours = create_organization(
        "海州市港口工会", kind=Kind.INDUSTRY, parent=nation.city, actor=SYSTEM, at=AT
    )
    machines = nation.industry

    def mover(body: Organization, parent: Organization) -> Callable[[], object]:
        return lambda: move_organization(
            Organization.objects.get(pk=body.pk),
            parent=Organization.objects.get(pk=parent.pk),
            actor=SYSTEM,
            at=AT,
        )

    results = _at_once([mover(machines, harbours), mover(harbours, machines)])
    assert [result.code for result in results if isinstance(result, Refused)] == ["inside_itself"]
    assert _misplaced() == 0


def test_a_founding_rolled_back_leaves_no_gap(nation: Nation) -> None:
    with transaction.atomic():
        _found(nation.county)
        transaction.set_rollback(True)
    assert _found(nation.county).path == nation.county.path + "0001"

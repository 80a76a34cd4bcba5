"""Columns that repeat a path stay true: on writing, on moving, and when both happen at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.apps import apps
from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.orgs.columns import PathColumn, follows_organization, path_columns, register_path_column
from lianxin.kernel.orgs.models import Organization, PathField
from lianxin.kernel.orgs.services import move_organization
from lianxin.kernel.people.actors import SYSTEM
from tests.kernel.orgs.conftest import AT, Nation, grow

TABLE = "orgs_test_parcel"


def _run(sql: str, *values: str | int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)


def _parcels() -> list[tuple[int, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT organization_id, path, acts_on FROM {TABLE} ORDER BY id")
        return list(cursor.fetchall())


def _make_table(monkeypatch: pytest.MonkeyPatch) -> None:
    _run(
        f"""CREATE TABLE {TABLE} (id serial, organization_id bigint REFERENCES orgs_organization (id),
        path text COLLATE "C", acts_on text COLLATE "C")"""
    )
    monkeypatch.setattr("lianxin.kernel.orgs.columns._columns", [])
    for column, source in (("path", "path"), ("acts_on", "jurisdiction_path")):
        _run(str(follows_organization(TABLE, column, source=source).sql))  # type: ignore[arg-type]
        register_path_column(TABLE, column, source=source)  # type: ignore[arg-type]


def _put(organization: Organization | None, path: str = "made up") -> None:
    _run(
        f"INSERT INTO {TABLE} (organization_id, path, acts_on) VALUES (%s, %s, '')",
        organization.pk if organization else None,
        path,
    )


def test_register_path_column_twice_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lianxin.kernel.orgs.columns._columns", [])
    register_path_column("a", "path")
    register_path_column("a", "path")
    assert path_columns() == [PathColumn("a", "path", "organization_id", "path")]


def test_every_repeated_path_is_registered_and_moves_along() -> None:
    # A roll-up keeps the path of its day, and the trees are the source.
    own = {"orgs_organization", "orgs_site", "metrics_metricday"}
    repeated = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, PathField) and model._meta.db_table not in own
    }
    assert repeated == {(column.table, column.column) for column in path_columns()}


def test_a_row_gets_its_path_from_its_organization(nation: Nation, monkeypatch: pytest.MonkeyPatch) -> None:
    _make_table(monkeypatch)
    _put(nation.office)
    _run(f"UPDATE {TABLE} SET path = 'wrong'")
    assert _parcels() == [(nation.office.pk, nation.office.path, nation.city.path)]


def test_a_row_of_no_organization_keeps_what_it_says(nation: Nation, monkeypatch: pytest.MonkeyPatch) -> None:
    _make_table(monkeypatch)
    _put(None)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT path FROM {TABLE}")
        assert cursor.fetchone() == ("made up",)


def test_move_organization_brings_the_columns_along(nation: Nation, monkeypatch: pytest.MonkeyPatch) -> None:
    _make_table(monkeypatch)
    for body in (nation.harbour, nation.office, nation.province):
        _put(body)
    move_organization(nation.county, parent=nation.other_city, actor=SYSTEM, at=AT)
    move_organization(nation.office, parent=nation.other_city, actor=SYSTEM, at=AT)
    for body in (nation.harbour, nation.office):
        body.refresh_from_db()
    assert _parcels() == [
        (nation.harbour.pk, nation.harbour.path, nation.harbour.path),
        (nation.office.pk, nation.office.path, nation.other_city.path),
        (nation.province.pk, nation.province.path, nation.province.path),
    ]


@pytest.mark.django_db(transaction=True)
def test_rows_written_while_their_enterprise_moves_have_its_new_path(monkeypatch: pytest.MonkeyPatch) -> None:
    nation = grow()
    _make_table(monkeypatch)
    barrier = Barrier(5)

    def run(deed: Callable[[], object]) -> None:
        barrier.wait(10)
        with scope.act():
            deed()
        connection.close()

    deeds: list[Callable[[], object]] = [lambda: _put(nation.harbour) for _ in range(4)]
    deeds.append(lambda: move_organization(nation.county, parent=nation.other_city, actor=SYSTEM, at=AT))
    try:
        with ThreadPoolExecutor(5) as pool:
            list(pool.map(run, deeds))
        nation.harbour.refresh_from_db()
        assert {path for _, path, _ in _parcels()} == {nation.harbour.path}
    finally:
        _run(f"DROP TABLE {TABLE}")
        for column in ("path", "acts_on"):
            _run(f"DROP FUNCTION {TABLE}_{column}_follows()")

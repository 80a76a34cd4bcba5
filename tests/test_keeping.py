"""Rows that are put back: the same as were built, past the same triggers, and never beside others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.verify import verify
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.orgs.services import create_organization
from lianxin.kernel.people.actors import SYSTEM
from tests.cast import AT, Kind
from tests.keeping import all_rows, empty_tables, kept

Plant = Callable[[], Organization]


def planting() -> tuple[Plant, list[str]]:
    """A kept build, and how often it was really built."""
    told: list[str] = []

    @kept
    def plant() -> Organization:
        told.append("built")
        return create_organization("全国总工会", kind=Kind.FEDERATION, parent=None, actor=SYSTEM, at=AT)

    return plant, told


@contextmanager
def undone() -> Iterator[None]:
    """What one test does, under the widest scope, before the next begins."""
    with transaction.atomic(), scope.use(scope.EVERYTHING):
        yield
        transaction.set_rollback(True)


def test_kept_gives_the_same_rows_again_and_other_objects(db: None) -> None:
    plant, told = planting()
    with undone():
        first, rows = plant(), all_rows()
    assert set(rows) >= {"orgs_organization", "audit_logentry", "audit_streamhead"}
    with undone():
        again = plant()
        assert all_rows() == rows
        assert verify() == []
    assert told == ["built"]
    assert (again, again is first) == (first, False)


def test_kept_builds_beside_rows_that_stand(db: None) -> None:
    plant, told = planting()
    with undone():
        plant()
    with undone():
        create_organization("另一总工会", kind=Kind.FEDERATION, parent=None, actor=SYSTEM, at=AT)
        plant()
        assert Organization.objects.count() == 2
    assert told == ["built", "built"]


def test_kept_builds_under_another_key_ring(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, told = planting()
    with undone():
        plant()
    monkeypatch.setenv("LIANXIN_HOME", str(tmp_path))
    for _ in range(2):
        with undone():
            plant()
    assert told == ["built", "built"]


@pytest.mark.django_db(transaction=True)
def test_empty_tables_leaves_no_row_and_every_guard() -> None:
    plant, _ = planting()
    plant()
    empty_tables()
    with scope.use(scope.EVERYTHING):
        assert all_rows() == {}
        plant()
        with pytest.raises(IntegrityError), transaction.atomic():
            LogEntry.objects.all().delete()
        assert LogEntry.objects.count() == 1

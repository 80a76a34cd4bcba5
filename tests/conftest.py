"""What every test stands on: a database of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import HealthCheck
from hypothesis import settings as property_settings
from pytest_django import Settings

from lianxin import database
from lianxin.kernel.reference import cache

# How long a draw takes says how busy the machine is; tests assert no times.
property_settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
property_settings.load_profile("busy")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Start the database before pytest-django connects to it."""
    database.ensure()


@pytest.fixture(autouse=True, scope="session")
def tables_can_be_emptied_between_tests() -> Iterator[None]:
    """Lift the refusal to truncate for the moment in which Django empties the tables after a test with threads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", _sql_flush_unguarded)
        yield


@pytest.fixture(autouse=True)
def anchors(settings: Settings, tmp_path: Path) -> Path:
    """Give each test anchors of its own: those of another test's database would tell of a roll-back."""
    root = tmp_path / "anchors"
    settings.ANCHORS_ROOT = root
    return root / "checkpoints.jsonl"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Forget the dated tables: one test's rules are no business of the next."""
    cache.forget_all()
    yield
    cache.forget_all()


_sql_flush = DatabaseOperations.sql_flush
_GUARDED = """SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
WHERE NOT tgisinternal AND tgtype & 32 > 0 AND tgrelid::regclass::text = ANY (%s)"""


def _sql_flush_unguarded(
    operations: DatabaseOperations, style: Any, tables: list[str], **options: Any
) -> list[str]:
    with operations.connection.cursor() as cursor:
        cursor.execute(_GUARDED, [list(tables)])
        guarded = [name for (name,) in cursor.fetchall()]
    return [
        *(f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in guarded),
        *_sql_flush(operations, style, tables, **options),
        *(f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in guarded),
    ]

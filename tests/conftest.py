"""What every test stands on: a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache as counted
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as property_settings
from pytest_django import DjangoDbBlocker, Settings

from lianxin import database
from lianxin.kernel.reference import cache
from tests import template
from tests.keeping import empty_tables

# The longest by far. Begun last, one of them would keep one process busy while the other has nothing left.
LONG = (
    "matching/engines/test_cluster.py",
    "replay/test_year.py",
    "bench/test_bench.py",
    "test_commands.py",
    "test_database.py",
)

# How long a draw takes says how busy the machine is; tests assert no times.
property_settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
property_settings.load_profile("busy")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files; the others keep their order."""
    root = Path(__file__).parent
    places = {root / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path, len(LONG)))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Start the database before pytest-django connects to it."""
    database.ensure()
    with django_db_blocker.unblock():
        template.use()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_keepdb: bool, django_db_blocker: DjangoDbBlocker
) -> None:
    """Keep what the migrations have made; a database that was used before may hold more."""
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            template.keep()


@pytest.fixture(autouse=True, scope="session")
def tables_can_be_emptied_between_tests() -> Iterator[None]:
    """Empty what a test with threads has filled, past the triggers that refuse it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty_tables())
        yield


@pytest.fixture(autouse=True)
def anchors(settings: Settings, tmp_path: Path) -> Path:
    """Give each test anchors of its own: those of another test's database would tell of a roll-back."""
    root = tmp_path / "anchors"
    settings.ANCHORS_ROOT = root
    return root / "checkpoints.jsonl"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Forget the dated tables and what was counted: one test's rules and tries are no business of the next."""
    cache.forget_all()
    counted.clear()
    yield
    cache.forget_all()

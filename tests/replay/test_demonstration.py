"""Which home may become a demonstration, and which may be emptied."""

from datetime import datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.services import record
from lianxin.kernel.clock import CHINA
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.orgs.services import create_organization
from lianxin.kernel.people.actors import SYSTEM
from lianxin.replay import demonstration
from lianxin.replay.demonstration import NotADemonstration, is_complete, make_room

AT = datetime(2025, 6, 9, 9, tzinfo=CHINA)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    """A home of its own."""
    settings.HOME = tmp_path
    return tmp_path


def mark(home: Path) -> None:
    (home / demonstration.CAST).write_text("[]", encoding="utf-8")


def found_somebody() -> Organization:
    return create_organization("某市总工会", kind="federation", parent=None, actor=SYSTEM, at=AT)


def test_make_room_takes_an_empty_database(home: Path) -> None:
    make_room(fresh=False)
    make_room(fresh=True)
    assert not is_complete()


@pytest.mark.parametrize("fresh", [False, True])
def test_make_room_refuses_what_no_demonstration_put_there(home: Path, *, fresh: bool) -> None:
    found_somebody()
    with pytest.raises(NotADemonstration):
        make_room(fresh=fresh)


@pytest.mark.parametrize("fresh", [False, True])
def test_make_room_does_not_trust_the_home_alone(home: Path, *, fresh: bool) -> None:
    """DATABASE_URL may name another database than the one that was filled."""
    mark(home)
    body = found_somebody()
    with pytest.raises(NotADemonstration):
        make_room(fresh=fresh)
    assert Organization.objects.filter(pk=body.pk).exists()


def test_make_room_leaves_a_complete_year_alone(home: Path) -> None:
    body = found_somebody()
    mark(home)
    for action in ("demo.begin", "demo.end"):
        record(action, stream=demonstration.STREAM, actor=SYSTEM.label, at=AT)
    assert is_complete()
    make_room(fresh=False)
    assert Organization.objects.filter(pk=body.pk).exists()


def test_is_complete_asks_home_and_log(home: Path) -> None:
    mark(home)
    record("demo.begin", stream=demonstration.STREAM, actor=SYSTEM.label, at=AT)
    assert not is_complete()
    record("demo.end", stream=demonstration.STREAM, actor=SYSTEM.label, at=AT)
    assert is_complete()
    (home / demonstration.CAST).unlink()
    assert not is_complete()
    assert LogEntry.objects.filter(stream=demonstration.STREAM).count() == 2

"""News between apps."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction

from lianxin.kernel import events


@dataclass(frozen=True)
class Rain:
    """Something that happened."""

    drops: int


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What subscribers of both sorts have heard; they are gone afterwards."""
    said: list[str] = []
    events.subscribe(Rain, lambda rain: said.append(f"after {rain.drops}"))
    events.subscribe(Rain, lambda rain: said.append(f"within {rain.drops}"), within=True)
    yield said
    events._subscribers.pop(Rain)
    events._within.pop(Rain)


@pytest.mark.django_db(transaction=True)
def test_publish_tells_within_at_once_and_the_others_after_commit(heard: list[str]) -> None:
    with transaction.atomic():
        events.publish(Rain(3))
        assert heard == ["within 3"]
    assert heard == ["within 3", "after 3"]


@pytest.mark.django_db(transaction=True)
def test_publish_is_not_told_after_a_roll_back(heard: list[str]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        events.publish(Rain(3))
        raise RuntimeError
    assert heard == ["within 3"]


def test_subscribe_twice_changes_nothing() -> None:
    events.subscribe(Rain, _listen)
    events.subscribe(Rain, _listen)
    assert events._subscribers.pop(Rain) == [_listen]


def _listen(rain: Rain) -> None:
    """Hear it."""

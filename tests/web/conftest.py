"""Ways to draw a template and to read a page as it was sent."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

Draw = Callable[..., str]


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def draw() -> Draw:
    """Draw a template from its source."""

    def draw(source: str, **facts: Any) -> str:
        request = RequestFactory().get(facts.pop("path", "/"))
        return engines["django"].from_string(source).render(facts, request).strip()

    return draw

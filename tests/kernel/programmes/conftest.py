"""The town of the cases' tests, a case in it, and a kind of programme."""

import pytest

from lianxin.kernel.programmes import kinds
from lianxin.kernel.programmes.kinds import ProgrammeKind, declare
from lianxin.kernel.text import Text
from tests.kernel.cases.conftest import case, town

__all__ = ["campaign", "case", "town"]


@pytest.fixture
def campaign(monkeypatch: pytest.MonkeyPatch) -> ProgrammeKind:
    """A kind that is forgotten after the test."""
    monkeypatch.setattr(kinds, "_kinds", {})
    return declare("tidy_week", Text("整理周", "tidy week"))

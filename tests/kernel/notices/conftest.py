"""The town of the cases' tests, and a case in it."""

from tests.kernel.cases.conftest import case, town

__all__ = ["case", "town"]

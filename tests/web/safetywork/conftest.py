"""The safety line's people, each with a browser."""

from tests.safety.conftest import cast
from tests.web.casework.conftest import signed

__all__ = ["cast", "signed"]

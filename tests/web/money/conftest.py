"""The people around a fund, each with a browser."""

import pytest
from django.test import Client

from lianxin.kernel.ledger.models import Payout
from lianxin.kernel.people.roles import FINANCE_OFFICER
from tests.kernel.ledger.conftest import Cast, cast, holder, propose, raise_case
from tests.web.casework.conftest import Browser, signed

__all__ = ["cast", "signed"]


@pytest.fixture
def payout(cast: Cast) -> Payout:
    """A payout of 500 yuan, reserved."""
    return propose(cast, raise_case(cast).case)


@pytest.fixture
def finance(cast: Cast, signed: Browser) -> Client:
    """The finance officer's browser."""
    return signed(cast.finance)


@pytest.fixture
def elsewhere(cast: Cast, signed: Browser) -> Client:
    """The browser of a finance officer of the county below: of money, but not of this fund."""
    assert cast.plant.parent is not None
    return signed(holder((FINANCE_OFFICER, cast.plant.parent)))

"""Signed-in browsers for the people of the town."""

from collections.abc import Callable

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest
from django.test import Client

from lianxin.kernel import scope
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import Account
from tests.kernel.cases.conftest import case, town

__all__ = ["case", "signed", "town"]

Browser = Callable[[Actor], Client]


def sign_in(client: Client, actor: Actor) -> Client:
    """Put the actor behind the browser, by password and second factor."""
    with scope.use(scope.EVERYTHING):
        account, _ = Account.objects.get_or_create(
            person=actor.person, defaults={"username": f"u{actor.person}{id(actor)}"}
        )
    client.force_login(account)
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, account, "password")
    record_authentication(request, account, "mfa", type="totp")
    request.session.save()
    return client


@pytest.fixture
def signed() -> Browser:
    """Make a browser for an actor."""
    return lambda actor: sign_in(Client(), actor)

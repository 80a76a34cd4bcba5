"""Callers of the API."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lianxin.api.callers import SCOPES
from lianxin.kernel import scope
from lianxin.kernel.people.actors import SYSTEM, Actor
from lianxin.kernel.people.tokens import create_token
from tests.kernel.cases.conftest import NOON, case, town

__all__ = ["call", "case", "town"]

Call = Callable[..., Any]


def token_of(actor: Actor, *scopes: str) -> str:
    """A token of the actor's person."""
    with scope.use(scope.EVERYTHING):
        _, secret = create_token("test", person=actor.person, scopes=scopes or SCOPES, actor=SYSTEM, at=NOON)
    return secret


@pytest.fixture
def call() -> Call:
    """Call the API as an actor (or nobody); JSON in, JSON out."""

    def _call(actor: Actor | None, method: str, path: str, body: Any = None, **options: Any) -> Any:
        headers = dict(options.pop("headers", {}))
        if actor is not None:
            headers["Authorization"] = f"Bearer {options.pop('token', None) or token_of(actor)}"
        if body is not None and method == "post" and not options.pop("form", False):
            options |= {"data": json.dumps(body), "content_type": "application/json"}
        elif body is not None:
            options["data"] = body
        return getattr(Client(), method)(f"/api/v1{path}", headers=headers, **options)

    return _call

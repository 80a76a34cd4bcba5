"""The API against its own description: whatever fits the shapes is answered in the shapes, and breaks nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from lianxin.api.management.commands.openapi import COMMITTED
from lianxin.kernel.cases.models import Case
from tests.api.conftest import token_of
from tests.example_app.workflow import S
from tests.kernel.cases.conftest import Town, found

if TYPE_CHECKING:
    from lianxin.kernel.people.actors import Actor

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True)
class World:
    """A described API with something behind it, and somebody who may do everything there."""

    case: Case
    headers: dict[str, str]


@pytest.fixture
def world(town: Town) -> World:
    return World(found(town).case, {"Authorization": f"Bearer {token_of(town.keeper)}"})


@pytest.fixture(autouse=True)
def connection_kept() -> Iterator[None]:
    """As Django's own client does: the test's transaction outlives a request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def described(world: World) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


TOLD = json.loads(COMMITTED.read_text(encoding="utf-8"))["paths"]
OPERATIONS = sorted((path, method.upper()) for path, methods in TOLD.items() for method in methods)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_api_answers_as_described(
    world: World, described: schemathesis.BaseSchema, path: str, method: str
) -> None:
    """Each call as it was made up, and once more at things that are really there."""
    real = {
        "number": world.case.number,
        "kind": "found_item",
        "step": "keep",
        "entry": 1,
        "figure": "cases.opened",
    }

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(described[path][method].as_strategy())
    def trial(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=world.headers, checks=CHECKS)
        if case.path_parameters:
            case.path_parameters = {name: real[name] for name in case.path_parameters}
            case.call_and_validate(headers=world.headers, checks=CHECKS)

    trial()


def test_described_api_is_reached(world: World, described: schemathesis.BaseSchema) -> None:
    """The trials above would say nothing if every call ended at a refusal."""
    follow = described["/api/v1/cases/{number}"]["GET"].Case(path_parameters={"number": world.case.number})
    answer = follow.call(headers=world.headers)
    assert (answer.status_code, answer.json()["status"]) == (200, S.FOUND)
    assert len(OPERATIONS) == len(list(described.get_all_operations()))


def test_token_of_a_stranger_reaches_no_case(
    town: Town, world: World, described: schemathesis.BaseSchema
) -> None:
    stranger: Actor = town.stranger
    follow = described["/api/v1/cases/{number}"]["GET"].Case(path_parameters={"number": world.case.number})
    headers = {"Authorization": f"Bearer {token_of(stranger)}"}
    assert follow.call(headers=headers).status_code == 404

"""What the database promises about notices: one addressee, and no address kept longer than needed."""

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.notices.models import Notice, OutgoingMessage
from lianxin.kernel.orgs.services import move_organization
from lianxin.kernel.people.actors import SYSTEM
from tests.kernel.cases.conftest import NOON, Town


def write(**fields: Any) -> Notice:
    with transaction.atomic(), scope.use(scope.EVERYTHING):
        return Notice.objects.create(kind="announced", created_at=NOON, **fields)


def test_a_notice_has_one_addressee(town: Town, case: Case) -> None:
    person = town.finder.person
    for addressee in (
        {"person": person},
        {"person_key": "k"},
        {"organization": town.county, "role": "x"},
        {"case": case},
    ):
        assert write(**addressee).pk


@pytest.mark.parametrize("fault", ["nobody", "two", "named and blind", "role without a body"])
def test_a_notice_to_nobody_or_to_two_is_refused(town: Town, case: Case, fault: str) -> None:
    del case
    person = town.finder.person
    fields: dict[str, dict[str, Any]] = {
        "nobody": {},
        "two": {"person": person, "organization": town.county},
        "named and blind": {"person": person, "person_key": "k"},
        "role without a body": {"person": person, "role": "x"},
    }
    with pytest.raises(IntegrityError):
        write(**fields[fault])


@pytest.mark.parametrize("state", ["sent", "failed"])
def test_an_address_does_not_outlive_its_message(db: None, state: str) -> None:
    with scope.use(scope.EVERYTHING):
        message = OutgoingMessage.objects.create(
            channel="sms", address=b"sealed", text="x", key=uuid.uuid4(), next_at=NOON, created_at=NOON
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            OutgoingMessage.objects.filter(pk=message.pk).update(state=state, next_at=None)
        OutgoingMessage.objects.filter(pk=message.pk).update(state=state, next_at=None, address=None)


def test_paths_follow_a_body_that_moves(town: Town) -> None:
    written = write(organization=town.market)
    with scope.use(scope.EVERYTHING):
        assert Notice.objects.get(pk=written.pk).organization_path == town.market.jurisdiction_path
        move_organization(town.market, parent=town.elsewhere, actor=SYSTEM, at=NOON, reason="调整")
        assert Notice.objects.get(pk=written.pk).organization_path.startswith(town.elsewhere.path)

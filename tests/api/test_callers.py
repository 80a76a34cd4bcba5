"""Who calls: each token within its scopes and its time, a partner's within nobody's offices."""

from datetime import timedelta
from typing import Any

import pytest

from lianxin.api.callers import SCOPES
from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.people.models import Token
from lianxin.kernel.people.tokens import create_token, revoke_token
from tests.api.conftest import Call, token_of
from tests.kernel.cases.conftest import NOON, Town

YEAR = "first=2026-01-01&last=2026-12-31"
# What each operation asks of a token, and how it answers a keeper who has it.
NEEDS: list[tuple[str, str, str, Any, int]] = [
    ("cases:open", "post", "/kinds/found_item/cases", {"what": "雨伞", "organization": 0}, 422),
    ("cases:read", "get", "/cases/{number}", None, 200),
    ("cases:read", "get", "/cases/{number}/proofs/1", None, 404),
    ("cases:perform", "post", "/cases/{number}/steps/keep", {"shelf": "A-3"}, 200),
    ("queue:read", "get", "/queue", None, 200),
    ("figures:read", "get", f"/figures?{YEAR}", None, 200),
    ("figures:read", "get", f"/figures/cases.opened/recount?{YEAR}", None, 200),
    ("figures:read", "post", "/proofs/verify", {}, 200),
]


@pytest.mark.parametrize(
    ("needs", "method", "path", "body", "status"), NEEDS, ids=[each[2] for each in NEEDS]
)
def test_token_does_what_its_scope_says_and_nothing_else(
    town: Town, case: Case, call: Call, needs: str, method: str, path: str, body: Any, status: int
) -> None:
    address = path.format(number=case.number)
    others = token_of(town.keeper, *(set(SCOPES) - {needs}))
    refused = call(town.keeper, method, address, body, token=others)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert needs in refused.json()["message"]["zh"]
    own = token_of(town.keeper, needs)
    assert call(town.keeper, method, address, body, token=own).status_code == status


def test_every_scope_is_asked_for_by_some_operation() -> None:
    assert {needs for needs, *_ in NEEDS} == set(SCOPES)


def test_revoked_token_ends_with_the_next_call(town: Town, case: Case, call: Call) -> None:
    secret = token_of(town.keeper)
    assert call(town.keeper, "get", "/queue", token=secret).status_code == 200
    with scope.use(scope.EVERYTHING):
        revoke_token(Token.objects.get(), actor=town.keeper, at=clock.now())
    for method, path, body in (
        ("get", "/queue", None),
        ("post", f"/cases/{case.number}/steps/keep", {"shelf": "A"}),
    ):
        answer = call(town.keeper, method, path, body, token=secret)
        assert (answer.status_code, answer.json()["code"]) == (403, "token_invalid")


def test_expired_token_ends_by_itself(town: Town, call: Call) -> None:
    with scope.use(scope.EVERYTHING):
        _, secret = create_token(
            "x",
            person=town.keeper.person,
            scopes=SCOPES,
            actor=SYSTEM,
            at=NOON,
            expires_at=clock.now() - timedelta(seconds=1),
        )
    assert call(town.keeper, "get", "/queue", token=secret).json()["code"] == "token_invalid"


@pytest.fixture
def partner(town: Town) -> str:
    """The secret of a partner system with every scope."""
    with scope.use(scope.EVERYTHING):
        _, secret = create_token("平台", organization=town.city, scopes=SCOPES, actor=SYSTEM, at=NOON)
    return secret


def test_partner_passes_on_a_report_and_sees_no_more_than_its_receipt(
    town: Town, case: Case, call: Call, partner: str
) -> None:
    headers = {"Authorization": f"Bearer {partner}"}
    body = {"what": "雨伞", "organization": town.market.pk, "mode": "anonymous"}
    opened = call(None, "post", "/kinds/found_item/cases", body, headers=headers)
    assert opened.status_code == 201
    number, receipt = opened.json()["case"]["number"], opened.json()["receipt"]
    with scope.use(scope.EVERYTHING):
        row = Reporter.objects.get(case__number=number)
    assert (row.mode, row.person) == ("anonymous", None)
    assert call(None, "get", f"/cases/{number}", headers=headers).status_code == 404
    assert call(None, "get", f"/cases/{number}", headers={"X-Receipt-Code": receipt}).status_code == 200


@pytest.mark.parametrize("mode", ["named", "confidential"])
def test_partner_raises_nothing_in_anybody_s_name(town: Town, call: Call, partner: str, mode: str) -> None:
    body = {"what": "雨伞", "organization": town.market.pk, "mode": mode}
    answer = call(
        None, "post", "/kinds/found_item/cases", body, headers={"Authorization": f"Bearer {partner}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_first")
    with scope.use(scope.EVERYTHING):
        assert not Case.objects.exists()


def test_partner_holds_no_office(town: Town, case: Case, call: Call, partner: str) -> None:
    headers = {"Authorization": f"Bearer {partner}"}
    assert call(None, "get", "/queue", headers=headers).json()["cases"] == []
    for method, path, body in (
        ("get", f"/cases/{case.number}", None),
        ("post", f"/cases/{case.number}/steps/keep", {"shelf": "A"}),
        ("get", f"/cases/{case.number}/proofs/1", None),
    ):
        assert call(None, method, path, body, headers=headers).status_code == 404
    with scope.use(scope.EVERYTHING):
        assert Case.objects.get().status == case.status


def test_receipt_of_one_case_opens_no_other(town: Town, case: Case, call: Call) -> None:
    body = {"what": "雨伞", "organization": town.market.pk, "mode": "anonymous"}
    receipt = call(None, "post", "/kinds/found_item/cases", body).json()["receipt"]
    assert call(None, "get", f"/cases/{case.number}", headers={"X-Receipt-Code": receipt}).status_code == 404

"""Opening, following, performing and the queue over the API."""

import uuid

import pytest

from lianxin.kernel import scope
from lianxin.kernel.audit.checkpoints import seal_checkpoint
from lianxin.kernel.audit.proofs import verify_proof
from lianxin.kernel.cases.models import Case
from tests.api.conftest import Call, token_of
from tests.example_app.workflow import S
from tests.kernel.cases.conftest import NOON, Town, found
from tests.kernel.cases.test_intake import photo


def body(town: Town, **more: object) -> dict[str, object]:
    return {"what": "雨伞", "organization": town.market.pk, "mode": "named"} | more


def test_kinds_says_what_a_kind_asks_for(call: Call, db: None) -> None:
    kinds = {kind["kind"]: kind for kind in call(None, "get", "/kinds").json()}
    assert [field["name"] for field in kinds["found_item"]["fields"]][-1] == "what"
    steps = {step["step"]: step for step in kinds["found_item"]["steps"]}
    assert (steps["hand_over"]["evidence"], steps["hand_over"]["by"]) == (["handover"], ["station_keeper"])


def test_open_works(town: Town, call: Call) -> None:
    answer = call(town.finder, "post", "/kinds/found_item/cases", body(town))
    assert answer.status_code == 201
    assert answer.json()["case"]["status"] == S.FOUND


def test_open_twice_with_one_token_opens_one_case(town: Town, call: Call) -> None:
    sent = body(town, client_token=str(uuid.uuid4()))
    answers = [call(town.finder, "post", "/kinds/found_item/cases", sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json()["case"] == answers[1].json()["case"]


def test_open_takes_files(town: Town, call: Call) -> None:
    answer = call(town.finder, "post", "/kinds/found_item/cases", body(town) | {"found": photo()}, form=True)
    assert answer.status_code == 201


def test_open_anonymously_and_follow_by_receipt(town: Town, call: Call) -> None:
    opened = call(None, "post", "/kinds/found_item/cases", body(town, mode="anonymous")).json()
    path = f"/cases/{opened['case']['number']}"
    assert call(None, "get", path).status_code == 404
    answer = call(None, "get", path, headers={"X-Receipt-Code": opened["receipt"]})
    assert (answer.status_code, answer.json()["history"][0]["by"]) == (200, "reporter")


@pytest.mark.parametrize(
    ("more", "field"),
    [({"what": ""}, "what"), ({"organization": 0}, "organization"), ({"mode": "loud"}, "mode")],
)
def test_open_refused_names_the_field_in_both_languages(
    town: Town, call: Call, more: dict[str, object], field: str
) -> None:
    answer = call(town.finder, "post", "/kinds/found_item/cases", body(town, **more))
    assert answer.status_code == 422
    assert field in answer.json()["faults"]
    with scope.use(scope.EVERYTHING):
        assert not Case.objects.exists()


def test_open_refused_for_what_is_no_json(town: Town, call: Call) -> None:
    answer = call(
        town.finder, "post", "/kinds/found_item/cases", "[]", form=True, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "body_invalid")


def test_follow_refused_alike_for_none_and_for_not_yours(town: Town, case: Case, call: Call) -> None:
    answers = [call(town.stranger, "get", f"/cases/{number}") for number in (case.number, "L26-999999-0")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_perform_works(town: Town, case: Case, call: Call) -> None:
    answer = call(town.keeper, "post", f"/cases/{case.number}/steps/keep", {"shelf": "A-3"})
    assert (answer.status_code, answer.json()["status"]) == (200, S.KEPT)


@pytest.mark.parametrize(
    ("who", "step", "sent", "status", "code"),
    [
        ("keeper", "claim", {"proof_of_ownership": "x"}, 409, "out_of_turn"),
        ("keeper", "keep", {"shelf": ""}, 422, "invalid"),
        ("keeper", "repair", {}, 404, "unknown_step"),
        ("keeper", "keep", {"shelf": "A", "client_token": "no"}, 422, "client_token_invalid"),
        ("county_officer", "keep", {"shelf": "A"}, 403, "wrong_role"),
        ("stranger", "keep", {"shelf": "A"}, 404, "case_unknown"),
    ],
)
def test_perform_refused(
    town: Town, case: Case, call: Call, who: str, step: str, sent: dict[str, str], status: int, code: str
) -> None:
    answer = call(getattr(town, who), "post", f"/cases/{case.number}/steps/{step}", sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_perform_refused_without_the_scope(town: Town, case: Case, call: Call) -> None:
    token = token_of(town.keeper, "cases:read")
    answer = call(town.keeper, "post", f"/cases/{case.number}/steps/keep", {"shelf": "A"}, token=token)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_call_refused_with_a_token_that_is_none(call: Call, db: None) -> None:
    answer = call(None, "get", "/queue", headers={"Authorization": "Bearer lx_nothing"})
    assert (answer.status_code, answer.json()["code"]) == (403, "token_invalid")


def test_receipts_are_throttled(town: Town, case: Case, call: Call) -> None:
    headers = {"X-Receipt-Code": "0" * 20}
    answers = [call(None, "get", f"/cases/{case.number}", headers=headers).status_code for _ in range(11)]
    assert answers == [404] * 10 + [429]


def test_queue_works(town: Town, case: Case, call: Call) -> None:
    assert [c["number"] for c in call(town.keeper, "get", "/queue").json()["cases"]] == [case.number]
    assert call(town.finder, "get", "/queue").json() == {"cases": [], "next": None}


def test_proof_can_be_checked_by_a_stranger(town: Town, call: Call) -> None:
    case = found(town).case
    path = f"/cases/{case.number}/proofs/1"
    assert call(town.keeper, "get", path).json()["code"] == "not_sealed_yet"
    with scope.use(scope.EVERYTHING):
        seal_checkpoint(at=NOON)
    proof = call(town.keeper, "get", path).json()["proof"]
    assert verify_proof(proof)
    assert call(None, "post", "/proofs/verify", proof).json() == {"holds": True, "ours": True}
    forged = proof | {"index": proof["index"] + 1}
    assert call(None, "post", "/proofs/verify", forged).json() == {"holds": False, "ours": False}
    assert call(town.stranger, "get", path).status_code == 404

"""The log's pages: what is sealed, whether a proof holds, proofs to take home."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lianxin.kernel import clock, scope
from lianxin.kernel.audit.checkpoints import seal_all
from lianxin.kernel.audit.models import Checkpoint
from lianxin.kernel.cases.models import Act, Case
from tests.kernel.audit.test_proofs import made_proof
from tests.kernel.cases.conftest import Town, case, found, town
from tests.web.casework.conftest import Browser, signed

__all__ = ["case", "signed", "town"]


def act_of(case: Case) -> int:
    with scope.use(scope.EVERYTHING):
        return Act.objects.get(case=case).pk


@pytest.fixture
def proof(town: Town, case: Case, signed: Browser) -> str:
    """The proof of the opening of a case, downloaded by its reporter."""
    seal_all(at=clock.now())
    answer = signed(town.finder).get(f"/verify/proof/{case.number}/{act_of(case)}/")
    assert "attachment" in answer["Content-Disposition"]
    return answer.content.decode()


def test_verify_says_that_nothing_is_sealed_yet(client: Client, db: None) -> None:
    assert "还没有检查点" in client.get("/verify/").content.decode()


def test_verify_lists_checkpoints_with_their_signature(client: Client, proof: str) -> None:
    page = client.get("/verify/").content.decode()
    assert "签名有效" in page
    assert json.loads(proof)["root"] in page


def test_verify_shows_a_signature_that_does_not_hold(client: Client, proof: str) -> None:
    last = Checkpoint.objects.get()
    forged = Checkpoint(
        **{
            field.attname: getattr(last, field.attname)
            for field in Checkpoint._meta.concrete_fields
            if field.name != "id"
        }
    )
    forged.number, forged.previous, forged.signature = 2, last.hash, bytes(64)
    forged.save()
    assert "签名无效" in client.get("/verify/").content.decode()


def test_proof_pasted_holds(client: Client, proof: str) -> None:
    answer = client.post("/verify/", {"proof": proof})
    assert answer.status_code == 200
    assert "证明成立" in answer.content.decode()


def test_proof_uploaded_holds(client: Client, proof: str) -> None:
    answer = client.post("/verify/", {"file": SimpleUploadedFile("proof.json", proof.encode())})
    assert "证明成立" in answer.content.decode()


@pytest.mark.parametrize("field", ["entry_hash", "root", "signature", "previous"])
def test_proof_changed_does_not_hold(client: Client, proof: str, field: str) -> None:
    told = json.loads(proof)
    told[field] = ("0" if told[field][0] != "0" else "1") + told[field][1:]
    answer = client.post("/verify/", {"proof": json.dumps(told)})
    assert answer.status_code == 422
    assert "证明不成立" in answer.content.decode()


def test_proof_of_a_checkpoint_that_is_gone_is_an_alarm(client: Client, db: None) -> None:
    answer = client.post("/verify/", {"proof": json.dumps(made_proof(3, 1))})
    assert answer.status_code == 422
    assert "请告知经审" in answer.content.decode()


def test_proof_signed_elsewhere_is_told_so(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    told = made_proof(3, 1)
    monkeypatch.setattr("lianxin.web.logbook.views.known_keys", dict)
    assert "不是本系统签的" in client.post("/verify/", {"proof": json.dumps(told)}).content.decode()


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", "[" * 5000, '{"version": 1}', "null"])
def test_what_is_no_proof_is_told_so(client: Client, db: None, text: str) -> None:
    answer = client.post("/verify/", {"proof": text})
    assert answer.status_code == 422
    assert "证明" in answer.content.decode()


def test_verify_is_throttled(client: Client, db: None) -> None:
    assert [client.post("/verify/", {"proof": "x"}).status_code for _ in range(61)][-1] == 429


def test_proof_is_for_those_who_see_the_case(town: Town, case: Case, signed: Browser, client: Client) -> None:
    seal_all(at=clock.now())
    address = f"/verify/proof/{case.number}/{act_of(case)}/"
    assert signed(town.keeper).get(address).status_code == 200
    assert signed(town.stranger).get(address).status_code == 404
    assert client.get(address).status_code == 404


def test_proof_of_another_cases_entry_is_not_there(town: Town, case: Case, signed: Browser) -> None:
    other = found(town).case
    seal_all(at=clock.now())
    assert signed(town.keeper).get(f"/verify/proof/{case.number}/{act_of(other)}/").status_code == 404


def test_proof_before_the_checkpoint_says_to_come_back(town: Town, case: Case, signed: Browser) -> None:
    answer = signed(town.finder).get(f"/verify/proof/{case.number}/{act_of(case)}/")
    assert answer.status_code == 404
    assert "检查点" in answer.content.decode()


def test_case_page_links_a_proof_for_each_entry(town: Town, case: Case, signed: Browser) -> None:
    page = signed(town.keeper).get(f"/case/{case.number}/").content.decode()
    assert f"/verify/proof/{case.number}/{act_of(case)}/" in page

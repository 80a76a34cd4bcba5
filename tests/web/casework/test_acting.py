"""Submitting, taking steps and receipts, in a browser without script."""

import re
from typing import Any

import pytest
from django.test import Client

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.orgs.services import create_site
from lianxin.kernel.people.actors import SYSTEM
from tests.example_app.workflow import S
from tests.kernel.cases.conftest import NOON, Town, found
from tests.kernel.cases.test_intake import photo
from tests.web.casework.conftest import Browser


def sent(client: Client, **data: Any) -> Any:
    return client.post("/new/found_item/", data, follow=True)


def only_case() -> Case:
    with scope.use(scope.EVERYTHING):
        return Case.objects.get()


def test_submit_page_works(town: Town, signed: Browser) -> None:
    page = signed(town.finder).get("/new/found_item/").content.decode()
    assert "捡到什么" in page
    assert "怎样提交" in page


def test_submit_opens_a_case(town: Town, signed: Browser) -> None:
    answer = sent(
        signed(town.finder),
        what="雨伞",
        chosen_place=f"organization:{town.market.pk}",
        mode="named",
        found=photo(),
    )
    assert answer.status_code == 200
    assert only_case().number in answer.content.decode()


def test_submit_by_qr_code_shows_the_place_filled(town: Town, client: Client) -> None:
    hall = create_site("候工大厅", organization=town.market, actor=SYSTEM, at=NOON)
    page = client.get("/new/found_item/", {"place": hall.token}).content.decode()
    assert "位置已由二维码填好" in page
    assert "候工大厅" in page
    sent(client, what="雨伞", place=hall.token, mode="anonymous")
    assert only_case().site == hall


def test_submit_anonymously_shows_the_receipt_once(town: Town, client: Client) -> None:
    answer = sent(client, what="雨伞", chosen_place=f"organization:{town.market.pk}", mode="anonymous")
    page = answer.content.decode()
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){4}", page)
    assert code is not None
    assert code.group() not in client.get(f"/case/{only_case().number}/").content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"what": ""}, "必填"),
        ({"chosen_place": ""}, "请选择单位或扫描现场二维码"),
        ({"chosen_place": "organization:999999"}, ""),
        ({"place": "gone"}, "这个二维码无效"),
    ],
)
def test_submit_refused_gives_the_form_back(
    town: Town, signed: Browser, data: dict[str, str], words: str
) -> None:
    filled = {"what": "雨伞", "chosen_place": f"organization:{town.market.pk}", "mode": "named"} | data
    answer = sent(signed(town.finder), **filled)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with scope.use(scope.EVERYTHING):
        assert not Case.objects.exists()


def test_submit_of_an_unknown_kind_is_not_found(client: Client, db: None) -> None:
    assert client.get("/new/nothing/").status_code == 404


def test_place_search_finds_by_a_part_of_the_name(town: Town, client: Client) -> None:
    assert "零工市场" in client.get("/places/search/", {"place_search": "零工"}).content.decode()
    assert "没有找到" in client.get("/places/search/", {"place_search": "火星"}).content.decode()


def test_find_place_without_script_keeps_what_was_typed(town: Town, signed: Browser) -> None:
    answer = sent(signed(town.finder), what="雨伞", place_search="零工", find_place="1")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "零工市场" in page
    assert "雨伞" in page


def test_keep_moves_the_case(town: Town, case: Case, signed: Browser) -> None:
    answer = signed(town.keeper).post(f"/case/{case.number}/keep/", {"shelf": "A-3"})
    assert (answer.status_code, answer["Location"]) == (303, f"/case/{case.number}/")
    assert only_case().status == S.KEPT


def test_keep_refused_with_a_fault_shows_it_at_the_field(town: Town, case: Case, signed: Browser) -> None:
    answer = signed(town.keeper).post(f"/case/{case.number}/keep/", {"shelf": ""})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert only_case().status == S.FOUND


def test_step_refused_says_that_its_files_have_to_be_chosen_again(
    town: Town, case: Case, signed: Browser
) -> None:
    perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    perform(case, "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    client = signed(town.keeper)
    assert "请重新选一次" not in client.get(f"/case/{case.number}/").content.decode()
    answer = client.post(f"/case/{case.number}/hand_over/", {})
    assert "请重新选一次" in answer.content.decode()


def test_report_refused_says_without_script_that_its_photos_are_gone(town: Town, signed: Browser) -> None:
    client = signed(town.finder)
    words = '<noscript><p class="lx-again">照片和语音没有留下'
    assert words not in client.get("/new/found_item/").content.decode()
    assert words in sent(client, what="", mode="named", found=photo()).content.decode()


def test_keep_twice_answers_with_the_fresh_case(town: Town, case: Case, signed: Browser) -> None:
    client = signed(town.keeper)
    client.post(f"/case/{case.number}/keep/", {"shelf": "A-3"})
    answer = client.post(f"/case/{case.number}/keep/", {"shelf": "B-1"})
    assert answer.status_code == 409
    assert "最近一步" in answer.content.decode()


def test_keep_refused_for_the_wrong_person(town: Town, case: Case, signed: Browser) -> None:
    assert signed(town.county_officer).post(f"/case/{case.number}/keep/", {"shelf": "A"}).status_code == 403
    assert signed(town.stranger).post(f"/case/{case.number}/keep/", {"shelf": "A"}).status_code == 404


def test_hand_over_without_a_photo_says_so(town: Town, case: Case, signed: Browser) -> None:
    perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    perform(case, "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    client = signed(town.keeper)
    answer = client.post(f"/case/{case.number}/hand_over/", {})
    assert answer.status_code == 422
    assert "还缺材料" in answer.content.decode()
    assert client.post(f"/case/{case.number}/hand_over/", {"handover": photo()}).status_code == 303


def test_receipt_leads_to_the_case_and_its_steps(town: Town, client: Client) -> None:
    opened = found(town, mode="anonymous", at=clock.now())
    assert client.get(f"/case/{opened.case.number}/").status_code == 404
    answer = client.post("/receipt/", {"receipt": opened.receipt})
    assert answer.status_code == 303
    assert str(opened.receipt) not in answer["Location"]
    assert "撤回" in client.get(answer["Location"]).content.decode()
    assert client.post(f"/case/{opened.case.number}/withdraw/", {}).status_code == 303


def test_receipt_refused_for_a_wrong_code_and_then_for_too_many(town: Town, client: Client) -> None:
    answers = [client.post("/receipt/", {"receipt": "0" * 20}).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


@pytest.mark.parametrize("field", ["place_search", "place", "chosen_place", "what"])
def test_find_place_survives_text_that_no_database_holds(town: Town, signed: Browser, field: str) -> None:
    data = {"what": "雨伞", "find_place": "1"} | {field: "零\0工"}
    assert sent(signed(town.finder), **data).status_code == 200

"""Erasing a file on the pages: custodians alone, and the case says what is gone."""

from pathlib import Path

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Attachment, ContentErasure
from lianxin.kernel.clock import now
from tests.kernel.cases.conftest import Town, found, town
from tests.kernel.cases.test_attachments import photo
from tests.web.casework.conftest import Browser, signed

__all__ = ["signed", "town"]
PAGE = "/offices/erasures/"
REASON = "照片里有无关人员的面容"


@pytest.fixture
def file(town: Town, tmp_path: Path, settings: Settings) -> Attachment:
    """A photo under a case."""
    settings.MEDIA_ROOT = tmp_path
    case = found(town, files={"found": [photo(1)]}, at=now()).case
    with scope.use(scope.EVERYTHING):
        return Attachment.objects.select_related("case").get(case=case)


def sent(row: Attachment, **changed: str) -> dict[str, str]:
    return {"number": row.case.number, "file": str(row.pk), "reason": REASON} | changed


def erasure() -> ContentErasure:
    with scope.use(scope.EVERYTHING):
        return ContentErasure.objects.get()


def test_custodians_erase_and_the_case_says_so(
    town: Town,
    file: Attachment,
    signed: Browser,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    first, second = (signed(custodian) for custodian in town.custodians)
    assert f'value="{file.pk}"' in first.get(PAGE, {"number": file.case.number}).content.decode()
    assert first.post(PAGE, sent(file)).status_code == 303
    assert "确认删除" not in first.get(PAGE).content.decode()
    assert "确认删除" in second.get(PAGE).content.decode()
    address = f"/case/{file.case.number}/files/{file.pk}/"
    keeper = signed(town.keeper)
    assert keeper.get(address).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert second.post(f"{PAGE}{erasure().pk}/erase/").status_code == 303
    assert second.post(f"{PAGE}{erasure().pk}/erase/").status_code == 409
    page = keeper.get(f"/case/{file.case.number}/").content.decode()
    assert (REASON in page, f"/files/{file.pk}/" in page) == (True, False)
    assert [keeper.get(address + side).status_code for side in ("", "?side=320")] == [404, 404]
    keeper.cookies["django_language"] = "en"
    assert "its fingerprint stays in the log" in keeper.get(f"/case/{file.case.number}/").content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"reason": "删"}, "请写明删除理由"),
        ({"file": ""}, "请选择一个文件"),
        ({"file": "999999"}, "请选择一个文件"),
    ],
)
def test_faulty_request_is_told_and_keeps_what_was_typed(
    town: Town, file: Attachment, signed: Browser, changed: dict[str, str], words: str
) -> None:
    answer = signed(town.custodians[0]).post(PAGE, sent(file, **changed))
    page = answer.content.decode()
    assert (answer.status_code, words in page, file.case.number in page) == (422, True, True)
    with scope.use(scope.EVERYTHING):
        assert not ContentErasure.objects.exists()


def test_unknown_case_is_told(town: Town, signed: Browser) -> None:
    answer = signed(town.custodians[0]).get(PAGE, {"number": "L26-999999-0"})
    assert (answer.status_code, "没有这个办件" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("who", ["county_officer", "city_officer", "keeper", "manager", "finder"])
def test_others_are_sent_away(town: Town, file: Attachment, signed: Browser, who: str) -> None:
    signed(town.custodians[0]).post(PAGE, sent(file))
    client = signed(getattr(town, who))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, sent(file)).status_code == 403
    assert client.post(f"{PAGE}{erasure().pk}/erase/").status_code == 403
    assert erasure().second_at is None

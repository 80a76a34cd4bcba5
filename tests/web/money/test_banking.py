"""Bank batches: out in one file, booked from another, whole or not at all."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.ledger.models import BankBatch, Payout
from tests.kernel.ledger.conftest import PAYEE, Cast, fresh, released
from tests.web.casework.conftest import Browser


@pytest.fixture
def batch(cast: Cast, payout: Payout, finance: Client) -> BankBatch:
    """A batch with the payout in it, made on the page."""
    released(cast, payout)
    answer = finance.post(f"/money/{cast.fund.pk}/batch/")
    assert answer.status_code == 303
    with scope.use(scope.EVERYTHING):
        return BankBatch.objects.get()


def upload(client: Client, batch: BankBatch, *rows: str) -> object:
    text = "\n".join(["发放编号,金额,处理结果,银行流水号,失败原因", *rows])
    return client.post(
        f"/money/batches/{batch.number}/result/", {"file": SimpleUploadedFile("r.csv", text.encode())}
    )


def test_create_sends_what_is_ready(cast: Cast, payout: Payout, batch: BankBatch) -> None:
    assert (batch.count, batch.total) == (1, 50_000)
    assert fresh(payout).case.status == "sent"


def test_create_with_nothing_ready_says_so(cast: Cast, payout: Payout, finance: Client) -> None:
    page = finance.post(f"/money/{cast.fund.pk}/batch/", follow=True).content.decode()
    assert "没有可送银行的发放" in page


@pytest.mark.parametrize("who", ["auditor", "first_key"])
def test_create_is_for_finance(cast: Cast, payout: Payout, signed: Browser, who: str) -> None:
    released(cast, payout)
    assert signed(getattr(cast, who)).post(f"/money/{cast.fund.pk}/batch/").status_code == 403
    assert fresh(payout).case.status == "released"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_file_holds_the_payees_and_is_logged(
    cast: Cast, batch: BankBatch, finance: Client, kind: str
) -> None:
    answer = finance.post(f"/money/batches/{batch.number}/file/", {"kind": kind})
    assert f"{batch.number}.{kind}" in answer["Content-Disposition"]
    assert kind == "xlsx" or PAYEE.account in answer.content.decode()
    assert LogEntry.objects.filter(action="payout.open_payee").count() == 1


@pytest.mark.parametrize("who", ["auditor", "first_key", "second_key"])
def test_file_is_for_finance(cast: Cast, batch: BankBatch, signed: Browser, who: str) -> None:
    client = signed(getattr(cast, who))
    assert client.get(f"/money/batches/{batch.number}/").status_code == 200
    assert client.post(f"/money/batches/{batch.number}/file/").status_code == 403
    assert client.post(f"/money/batches/{batch.number}/result/").status_code == 403
    assert LogEntry.objects.filter(action="payout.open_payee").count() == 0


def test_file_is_not_made_by_looking(cast: Cast, batch: BankBatch, finance: Client) -> None:
    assert finance.get(f"/money/batches/{batch.number}/file/").status_code == 405


def test_result_is_booked(cast: Cast, payout: Payout, batch: BankBatch, finance: Client) -> None:
    assert 'name="file"' in finance.get(f"/money/batches/{batch.number}/").content.decode()
    answer = upload(finance, batch, f"{payout.case.number},500.00,paid,R-1,")
    assert answer.status_code == 303  # type: ignore[attr-defined]
    assert fresh(payout).case.status == "paid"
    page = finance.get(f"/money/batches/{batch.number}/").content.decode()
    assert "成功 1 笔，失败 0 笔" in page
    # Nothing of it waits for the bank any more, so no file is asked for.
    assert "全部入账" in page
    assert 'name="file"' not in page


def test_result_twice_changes_nothing(cast: Cast, payout: Payout, batch: BankBatch, finance: Client) -> None:
    row = f"{payout.case.number},500.00,paid,R-1,"
    upload(finance, batch, row)
    upload(finance, batch, row)
    assert "此前已入账" in finance.get(f"/money/batches/{batch.number}/").content.decode()
    assert fresh(payout).attempts == 1


def test_faulty_result_shows_every_fault_and_books_nothing(
    cast: Cast, payout: Payout, batch: BankBatch, finance: Client
) -> None:
    answer = upload(finance, batch, f"{payout.case.number},499.00,paid,R-1,", "P26-000000-X,1.00,paid,R-2,")
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "金额应为 500 元" in page
    assert "查不到这个发放编号" in page
    assert fresh(payout).case.status == "sent"


@pytest.mark.parametrize(
    ("rows", "zh", "en"),
    [
        (["{number},500.00,paid,R-1,", "合计,700.00,,,"], "合计", "total"),
        (
            ["{number},500.00,paid,R-1,", "{number},500.00,paid,R-2,"],
            "同一笔发放出现多次",
            "stands in the file twice",
        ),
        (["P26-000000-X,500.00,paid,R-1,"], "查不到这个发放编号", "no payout of this number"),
        (["{number},500.00,perhaps,R-1,"], "处理结果", "result"),
        (["{number},五百,paid,R-1,"], "金额", "amount"),
    ],
)
def test_faulty_result_is_told_by_cell_in_both_languages_and_books_nothing(
    cast: Cast, payout: Payout, batch: BankBatch, finance: Client, rows: list[str], zh: str, en: str
) -> None:
    filled = [row.format(number=payout.case.number) for row in rows]
    for language, words in (("zh-hans", zh), ("en", en)):
        finance.cookies["django_language"] = language
        answer = upload(finance, batch, *filled)
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert words.lower() in answer.content.decode().lower()  # type: ignore[attr-defined]
    assert (fresh(payout).case.status, fresh(payout).paid_at) == ("sent", None)
    upload(finance, batch, f"{payout.case.number},500.00,paid,R-1,")
    assert fresh(payout).case.status == "paid"


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", "发放编号\n".encode()])
def test_result_that_is_no_table_is_refused(
    cast: Cast, batch: BankBatch, finance: Client, content: bytes
) -> None:
    address = f"/money/batches/{batch.number}/result/"
    assert finance.post(address, {"file": SimpleUploadedFile("r.xlsx", content)}).status_code == 422
    assert finance.post(address).status_code == 422


def test_batch_of_another_fund_is_not_there(cast: Cast, batch: BankBatch, elsewhere: Client) -> None:
    assert elsewhere.get(f"/money/batches/{batch.number}/").status_code == 404

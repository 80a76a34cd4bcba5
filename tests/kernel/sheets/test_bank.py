"""Bank files out and in, over real batches."""

import csv
import hashlib
import io

import pytest
from django.utils import translation

from lianxin.kernel import scope
from lianxin.kernel.ledger.models import BankBatch, BankResult
from lianxin.kernel.ledger.payees import Payee
from lianxin.kernel.money import Money
from lianxin.kernel.refusals import NotAllowed, Refused
from lianxin.kernel.sheets.bank import OUT, batch_file, book_result_file
from lianxin.kernel.sheets.faults import Faulty
from lianxin.kernel.sheets.reading import read_rows
from tests.kernel.ledger.conftest import NOON, PAYEE, Cast, balance, build_cast, propose, raise_case, sent
from tests.kernel.sheets.conftest import xlsx

RESULT = ["发放编号", "金额", "处理结果", "银行流水号", "失败原因"]


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


def one_sent(cast: Cast, payee: Payee = PAYEE) -> tuple[BankBatch, str]:
    payout = propose(cast, raise_case(cast).case, payee=payee)
    return sent(cast, payout), payout.case.number


def faults(cast: Cast, batch: BankBatch, content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Faulty) as refused:
        book_result_file(batch, content, actor=cast.finance, at=NOON)
    with scope.use(scope.EVERYTHING):
        assert not BankResult.objects.exists()
    return [(f"{fault.column}{fault.row}", fault.code) for fault in refused.value.faults]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_batch_file_tells_the_bank_what_to_pay_the_same_each_time(cast: Cast, kind: str) -> None:
    batch, number = one_sent(cast)
    made = batch_file(batch, actor=cast.finance, at=NOON, kind=kind)
    assert made.name == f"{batch.number}.{kind}"
    [row] = read_rows(made.content, OUT).rows
    assert row.values == {
        "number": 1,
        "payout": number,
        "name": PAYEE.name,
        "account": PAYEE.account,
        "bank": PAYEE.bank,
        "amount": Money.yuan(500),
        "remark": number,
    }
    assert batch_file(batch, actor=cast.finance, at=NOON, kind=kind).content == made.content
    with scope.use(scope.EVERYTHING):
        batch.refresh_from_db()
    assert bytes(batch.file_hash or b"") == hashlib.sha256(made.content).digest()


def test_batch_file_is_for_finance_only(cast: Cast) -> None:
    batch, _ = one_sent(cast)
    for viewer in (cast.first_key, cast.second_key, cast.auditor, cast.expert):
        with pytest.raises(NotAllowed):
            batch_file(batch, actor=viewer, at=NOON)


def test_a_payee_s_name_is_never_run_as_a_formula(cast: Cast) -> None:
    batch, _ = one_sent(cast, Payee('=cmd|" /C calc"!A0', PAYEE.account, "@银行"))
    content = batch_file(batch, actor=cast.finance, at=NOON).content
    assert content.startswith(b"\xef\xbb\xbf")
    row = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1]
    assert (row[2], row[4]) == ('\'=cmd|" /C calc"!A0', "'@银行")


def test_a_result_file_is_booked_once(cast: Cast) -> None:
    batch, number = one_sent(cast)
    content = xlsx(RESULT, [number, 500, "成功", "R-9"], ["合计", 500])
    booking = book_result_file(batch, content, actor=cast.finance, at=NOON)
    assert (booking.paid, booking.failed, booking.again, booking.batch.status) == (1, 0, False, "booked")
    assert book_result_file(batch, content, actor=cast.finance, at=NOON).again
    assert balance(cast.fund, "paid", cast.line) == Money.yuan(500)


def test_a_result_file_in_english_csv_is_booked_alike(cast: Cast) -> None:
    batch, number = one_sent(cast)
    content = (
        f"Payout number,Amount (yuan),Result,Reason\n{number.lower()},500.00,failed,wrong name\n".encode()
    )
    with translation.override("en"):
        booking = book_result_file(batch, content, actor=cast.finance, at=NOON)
    assert (booking.paid, booking.failed) == (0, 1)
    assert balance(cast.fund, "reserved", cast.line) == Money.yuan(500)


def test_every_fault_of_a_result_file_is_told_by_cell_and_nothing_is_written(cast: Cast) -> None:
    batch, number = one_sent(cast)
    other, elsewhere = one_sent(cast)
    good = [number, 500, "成功", "R"]
    assert faults(cast, batch, xlsx(RESULT, [None, "x", "或许"], good)) == [
        ("B2", "amount_invalid"),
        ("C2", "not_a_choice"),
    ]
    assert faults(cast, batch, xlsx(RESULT, [number, 500], good)) == [("C2", "missing")]
    assert faults(cast, batch, xlsx(RESULT, good, good, [elsewhere, 500, "成功"], ["合计", 1000])) == [
        ("0", "total_wrong"),
        ("A2", "line_repeated"),
        ("A3", "line_repeated"),
        ("A4", "not_in_batch"),
    ]
    assert faults(cast, batch, xlsx(RESULT, [number, 499.99, "失败"])) == [("B2", "amount_differs")]
    assert faults(cast, batch, xlsx(RESULT, ["合计", 0])) == [("0", "result_empty")]
    with pytest.raises(Refused) as refused:
        book_result_file(batch, xlsx(RESULT, good, ["合计", 500], ["总计", 500]), actor=cast.finance, at=NOON)
    assert refused.value.code == "total_twice"
    assert other.number != batch.number

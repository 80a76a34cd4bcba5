"""Bank files: a batch out, the bank's result in, as CSV or XLSX."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lianxin.kernel.ledger import batches
from lianxin.kernel.ledger.batches import BankAnswer, BankLine, Booking, FaultyResult
from lianxin.kernel.ledger.models import BankBatch
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.sheets.columns import Column
from lianxin.kernel.sheets.faults import Fault, Faulty, unreadable
from lianxin.kernel.sheets.reading import Row, Table, read_rows
from lianxin.kernel.sheets.writing import write_csv, write_xlsx
from lianxin.kernel.text import Text
from lianxin.workbooks import letter

_PAYOUT = Column("payout", Text("发放编号", "Payout number"), required=True, longest=20, width=18)
_AMOUNT = Column(
    "amount", Text("金额", "Amount (yuan)"), kind="money", required=True, aliases=("金额（元）", "Amount")
)
OUT = (
    Column("number", Text("序号", "Line"), kind="integer", width=8),
    _PAYOUT,
    Column("name", Text("收款人姓名", "Payee"), width=14),
    Column("account", Text("收款账号", "Account"), width=28),
    Column("bank", Text("开户银行", "Bank"), width=28),
    _AMOUNT,
    Column("remark", Text("附言", "Remark"), width=20),
)
RESULT = (
    Column("number", Text("序号", "Line"), longest=20),
    Column("payout", Text("发放编号", "Payout number"), longest=20),
    _AMOUNT,
    Column(
        "outcome",
        Text("处理结果", "Result"),
        kind="choice",
        choices={"paid": Text("成功", "paid"), "failed": Text("失败", "failed")},
        aliases=("结果", "状态", "Status"),
    ),
    Column("reference", Text("银行流水号", "Bank reference"), longest=60, aliases=("流水号", "Reference")),
    Column("reason", Text("失败原因", "Reason"), longest=200, aliases=("原因",)),
)
_TOTAL = {"合计", "总计", "total"}


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file for the bank."""

    name: str
    content: bytes


_Write = Callable[[Sequence[Column], Iterable[Mapping[str, object]], BankBatch], bytes]
_FORMATS: dict[str, _Write] = {
    "csv": lambda columns, rows, _batch: write_csv(columns, rows),
    "xlsx": lambda columns, rows, batch: write_xlsx(columns, rows, made_at=batch.created_at),
}


def batch_file(batch: BankBatch, *, actor: Actor, at: datetime, kind: str = "csv") -> BankFile:
    """The file for the bank: the same bytes each time. Each making leaves a trace on every payout in it.

    Raises ``NotAllowed`` for anybody but the fund's finance.
    """
    write = _FORMATS[kind]
    lines = batches.bank_lines(batch, actor=actor, at=at)
    content = write(OUT, [_row(line) for line in lines], batch)
    batches.note_file(batch, sha256=hashlib.sha256(content).digest(), actor=actor, at=at)
    return BankFile(f"{batch.number}.{kind}", content)


def book_result_file(batch: BankBatch, content: bytes, *, actor: Actor, at: datetime) -> Booking:
    """Read the bank's result and book it whole; the same file a second time changes nothing and says so.

    Raises ``Faulty`` with every fault by sheet, row and column; nothing is written then.
    """
    table = read_rows(content, RESULT)
    totals = [row for row in table.rows if _is_total(row)]
    answers = _answers(table, [row for row in table.rows if not _is_total(row)])
    if len(totals) > 1:
        raise unreadable("total_twice", "文件中有多行合计。", "The file states its total more than once.")
    try:
        return batches.book_result(
            batch,
            answers,
            sha256=hashlib.sha256(content).digest(),
            actor=actor,
            at=at,
            total=totals[0].values["amount"] if totals else None,
        )
    except FaultyResult as refused:
        raise Faulty([_placed(table, fault) for fault in refused.faults]) from None


def _row(line: BankLine) -> dict[str, object]:
    return {
        "number": line.number,
        "payout": line.payout,
        "name": line.payee.name,
        "account": line.payee.account,
        "bank": line.payee.bank,
        "amount": line.amount,
        "remark": line.payout,
    }


def _is_total(row: Row) -> bool:
    return any(str(row.values.get(name) or "").casefold() in _TOTAL for name in ("number", "payout"))


def _answers(table: Table, rows: Sequence[Row]) -> list[BankAnswer]:
    """The rows as answers; a row that is no total needs a number, an amount and a result."""
    missing = Text("必填。", "This has to be filled in.")
    faults = [
        Fault(table.sheet, row.number, _letter_of(table, name), "missing", missing)
        for row in rows
        for name in ("payout", "outcome")
        if row.values.get(name) is None
    ]
    if faults:
        raise Faulty(faults)
    return [
        BankAnswer(
            row=row.number,
            payout=row.values["payout"].upper(),
            amount=_amount(row),
            paid=row.values["outcome"] == "paid",
            reference=row.values.get("reference") or "",
            reason=row.values.get("reason") or "",
        )
        for row in rows
    ]


def _amount(row: Row) -> Money:
    amount: Money = row.values["amount"]
    return amount


def _placed(table: Table, fault: batches.LineFault) -> Fault:
    column = _letter_of(table, fault.field) if fault.row else ""
    return Fault(table.sheet, fault.row, column, fault.code, fault.message)


def _letter_of(table: Table, name: str) -> str:
    return letter(table.places[name]) if name in table.places else ""

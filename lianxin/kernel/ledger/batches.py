"""Bank batches: payments go out together, and the bank's answer is booked whole or not at all.

The files themselves are made and read in :mod:`lianxin.kernel.sheets.bank`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.numbers import format_number
from lianxin.kernel.cases.services import perform, stream_of
from lianxin.kernel.ledger.models import BankBatch, BankResult, BatchLine, Fund, Payout
from lianxin.kernel.ledger.payees import Payee, unseal_payee
from lianxin.kernel.ledger.rules import may_keep_fund
from lianxin.kernel.ledger.workflow import S
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text

PREFIX = "B"


@dataclass(frozen=True, slots=True)
class BankLine:
    """One payment as the bank needs it."""

    number: int
    payout: str
    payee: Payee
    amount: Money


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """What a line of a result file says; ``row`` is where it stands in the file."""

    row: int
    payout: str
    amount: Money
    paid: bool
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with a line of a result file; ``row`` 0 is the file as a whole."""

    row: int
    field: str
    code: str
    message: Text


class FaultyResult(Refused):
    """A result file that cannot be booked; ``faults`` says why, line by line. Nothing was written."""

    def __init__(self, faults: Sequence[LineFault]) -> None:
        super().__init__("result_faulty", faults[0].message, field="file")
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class Booking:
    """What a result file changed; ``again`` when the same file had been booked before and nothing changed."""

    batch: BankBatch
    paid: int
    failed: int
    again: bool = False


def create_batch(
    fund: Fund, *, actor: Actor, at: datetime, payouts: Sequence[Payout] | None = None
) -> BankBatch:
    """Send released payouts with a known payee to the bank together; without ``payouts`` all of the fund's.

    Raises ``Refused("nothing_to_send")``, or as the step ``send`` does.
    """
    may_keep_fund(actor, fund.organization_path)
    with scope.act():
        chosen = Payout.objects.filter(fund=fund, payee_sealed__isnull=False, case__status=S.RELEASED)
        if payouts is not None:
            chosen = chosen.filter(pk__in=[payout.pk for payout in payouts])
        # All cases first, in one order, and then money: a batch and a single step cannot deadlock.
        cases = list(
            Case.objects.select_for_update(of=("self",))
            .filter(pk__in=chosen.values("case_id"), status=S.RELEASED)
            .order_by("pk")
        )
        if not cases:
            raise Refused(
                "nothing_to_send",
                Text("没有可送银行的发放。", "No released payout with a known payee is waiting."),
            )
        amounts = list(Payout.objects.filter(case__in=cases).values_list("amount", flat=True))
        batch = BankBatch.objects.create(
            number=_next_number(at),
            fund=fund,
            created_by=actor.person,
            created_at=at,
            total=sum(amounts),
            count=len(amounts),
        )
        for number, case in enumerate(cases, start=1):
            perform(case, "send", actor=actor, at=at, batch=batch.pk, number=number)
        _log(batch, "ledger.create_batch", actor, at, {"count": batch.count, "total": batch.total})
    return batch


def bank_lines(batch: BankBatch, *, actor: Actor, at: datetime) -> list[BankLine]:
    """The payments of a batch with their payees unsealed; each payout's log says who looked."""
    with scope.act():
        may_keep_fund(actor, batch.fund.organization_path)
        rows = list(batch.lines.select_related("payout__case").order_by("payout__case_id"))
        for row in rows:
            record(
                "payout.open_payee",
                stream=stream_of(row.payout.case),
                actor=actor.label,
                at=at,
                after={"batch": batch.number},
                request_id=actor.request_id,
            )
        return sorted((_bank_line(row) for row in rows), key=lambda line: line.number)


def note_file(batch: BankBatch, *, sha256: bytes, actor: Actor, at: datetime) -> None:
    """Keep the hash of the file that was made of a batch."""
    with scope.act():
        BankBatch.objects.filter(pk=batch.pk).update(file_hash=sha256)
        _log(batch, "ledger.batch_file", actor, at, {"sha256": sha256})


def book_result(
    batch: BankBatch,
    answers: Sequence[BankAnswer],
    *,
    sha256: bytes,
    actor: Actor,
    at: datetime,
    total: Money | None = None,
) -> Booking:
    """Book what the bank says: first every fault, then every line, in one transaction.

    ``total`` is the sum that the file itself states, if it does. A file booked before changes nothing and is
    told by ``Booking.again``. Raises ``FaultyResult`` with all faults; nothing is written then.
    """
    with scope.act():
        may_keep_fund(actor, batch.fund.organization_path)
        fresh = BankBatch.objects.select_for_update().get(pk=batch.pk)
        before = BankResult.objects.filter(file_hash=sha256, batch=fresh).first()
        if before:
            return Booking(fresh, before.paid, before.failed, again=True)
        lines = {
            line.payout.case.number: line
            for line in fresh.lines.select_related("payout__case").order_by("payout__case_id")
        }
        faults = [*_file_faults(answers, total), *_line_faults(fresh, lines, answers)]
        if faults:
            raise FaultyResult(faults)
        return _book(fresh, lines, answers, sha256=sha256, actor=actor, at=at)


def _book(
    batch: BankBatch,
    lines: dict[str, BatchLine],
    answers: Sequence[BankAnswer],
    *,
    sha256: bytes,
    actor: Actor,
    at: datetime,
) -> Booking:
    ordered = sorted(answers, key=lambda answer: lines[answer.payout].payout.case_id)
    cases = {
        case.number: case
        for case in Case.objects.select_for_update(of=("self",))
        .filter(number__in=[answer.payout for answer in ordered])
        .order_by("pk")
    }
    for answer in ordered:
        case = cases[answer.payout]
        if answer.paid:
            perform(case, "confirm_paid", actor=actor, at=at, batch=batch.pk, reference=answer.reference)
        else:
            perform(
                case,
                "fail",
                actor=actor,
                at=at,
                batch=batch.pk,
                reference=answer.reference,
                reason=answer.reason or str(Text("银行未说明原因", "The bank gave no reason")),
            )
    paid = sum(answer.paid for answer in answers)
    result = BankResult.objects.create(
        batch=batch,
        file_hash=sha256,
        booked_by=actor.person,
        booked_at=at,
        paid=paid,
        failed=len(answers) - paid,
    )
    if not batch.lines.filter(status=BatchLine.Status.OUT).exists():
        batch.status = BankBatch.Status.BOOKED
        batch.save(update_fields=["status"])
    after = {"paid": result.paid, "failed": result.failed, "sha256": sha256}
    _log(batch, "ledger.book_result", actor, at, after)
    return Booking(batch, result.paid, result.failed)


def _file_faults(answers: Sequence[BankAnswer], total: Money | None) -> list[LineFault]:
    if not answers:
        message = Text("文件中没有支付结果。", "The file holds no results.")
        return [LineFault(0, "file", "result_empty", message)]
    summed = Money(sum(answer.amount.fen for answer in answers))
    if total is not None and total != summed:
        message = Text(
            "合计 {stated} 元与各行之和 {summed} 元不符。",
            "The stated total ¥{stated} is not the sum ¥{summed}.",
        ).format(stated=total, summed=summed)
        return [LineFault(0, "amount", "total_wrong", message)]
    return []


def _line_faults(
    batch: BankBatch, lines: dict[str, BatchLine], answers: Sequence[BankAnswer]
) -> list[LineFault]:
    elsewhere = set(
        Payout.objects.filter(case__number__in=[a.payout for a in answers])
        .exclude(case__number__in=list(lines))
        .values_list("case__number", flat=True)
    )
    repeated = {number for number, times in Counter(a.payout for a in answers).items() if times > 1}
    faults = []
    for answer in answers:
        line = lines.get(answer.payout)
        if answer.payout in repeated:
            faults.append(
                _fault(
                    answer,
                    "payout",
                    "line_repeated",
                    "同一笔发放出现多次。",
                    "This payout stands in the file twice.",
                )
            )
        if line is None:
            faults.append(_unknown(answer, batch, known=answer.payout in elsewhere))
        elif line.status != BatchLine.Status.OUT:
            faults.append(
                _fault(
                    answer,
                    "payout",
                    "already_booked",
                    "该笔结果此前已入账。",
                    "Its result has been booked already.",
                )
            )
        elif line.amount != answer.amount.fen:
            faults.append(
                _fault(
                    answer,
                    "amount",
                    "amount_differs",
                    f"金额应为 {Money(line.amount)} 元。",
                    f"The amount should be ¥{Money(line.amount)}.",
                )
            )
    return faults


def _unknown(answer: BankAnswer, batch: BankBatch, *, known: bool) -> LineFault:
    if known:
        return _fault(
            answer,
            "payout",
            "not_in_batch",
            f"该笔发放不在批次 {batch.number} 中。",
            f"This payout is not in batch {batch.number}.",
        )
    return _fault(
        answer, "payout", "payout_unknown", "查不到这个发放编号。", "There is no payout of this number."
    )


def _fault(answer: BankAnswer, field: str, code: str, zh: str, en: str) -> LineFault:
    return LineFault(answer.row, field, code, Text(zh, en))


def _bank_line(row: BatchLine) -> BankLine:
    payout = row.payout
    if payout.payee_sealed is None:
        message = f"payout {payout.case_id} is in a batch without a payee"
        raise ValueError(message)
    payee = unseal_payee(payout.payee_sealed, case_id=payout.case_id)
    return BankLine(row.number, payout.case.number, payee, Money(row.amount))


def _next_number(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('ledger_batch_number')")
        (running,) = cursor.fetchone()
    return format_number(PREFIX, at, running)


def _log(batch: BankBatch, action: str, actor: Actor, at: datetime, after: dict[str, object]) -> None:
    record(
        action,
        stream=f"fund:{batch.fund_id}",
        actor=actor.label,
        at=at,
        after={"batch": batch.number, **after},
        request_id=actor.request_id,
    )

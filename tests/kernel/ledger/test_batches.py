"""Batches to the bank and back: all or nothing, once and not twice."""

from collections.abc import Callable
from functools import partial

import pytest

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.ledger import batches
from lianxin.kernel.ledger.checks import ledger_faults
from lianxin.kernel.ledger.models import BankBatch, BankResult, BatchLine
from lianxin.kernel.ledger.workflow import S
from lianxin.kernel.money import Money
from lianxin.kernel.refusals import NotAllowed, Refused
from tests.kernel.ledger.conftest import (
    NOON,
    PAYEE,
    Cast,
    answer,
    balance,
    build_cast,
    fresh,
    propose,
    race,
    raise_case,
    released,
    sent,
)

YUAN = Money.yuan


def three_sent(cast: Cast) -> tuple[BankBatch, list[batches.BankAnswer]]:
    """A batch of three payouts, and the bank's good answer to each."""
    payouts = [released(cast, propose(cast, raise_case(cast).case)) for _ in range(3)]
    batch = batches.create_batch(cast.fund, actor=cast.finance, at=NOON)
    return batch, [answer(payout, row=row) for row, payout in enumerate(payouts, start=2)]


def faults(
    batch: BankBatch, cast: Cast, answers: list[batches.BankAnswer], **options: Money
) -> list[tuple[int, str]]:
    with pytest.raises(batches.FaultyResult) as refused:
        batches.book_result(batch, answers, sha256=b"f", actor=cast.finance, at=NOON, **options)
    with scope.use(scope.EVERYTHING):
        assert not BankResult.objects.exists()
        assert not BatchLine.objects.exclude(status="out").exists()
    assert balance(cast.fund, "paid", cast.line) == YUAN(0)
    return [(fault.row, fault.code) for fault in refused.value.faults]


def test_create_batch_takes_what_is_released_and_payable(cast: Cast) -> None:
    propose(cast, raise_case(cast).case)
    released(cast, propose(cast, raise_case(cast).case, payee=None))
    ready = released(cast, propose(cast, raise_case(cast).case, yuan=700))
    batch = batches.create_batch(cast.fund, actor=cast.finance, at=NOON)
    assert (batch.count, Money(batch.total), batch.status) == (1, YUAN(700), "out")
    assert fresh(ready).case.status == S.SENT
    with pytest.raises(Refused) as refused:
        batches.create_batch(cast.fund, actor=cast.finance, at=NOON)
    assert refused.value.code == "nothing_to_send"


def test_create_batch_by_anybody_but_finance_is_refused(cast: Cast) -> None:
    released(cast, propose(cast, raise_case(cast).case))
    with pytest.raises(NotAllowed):
        batches.create_batch(cast.fund, actor=cast.second_key, at=NOON)


def test_bank_lines_open_the_payee_for_finance_and_leave_a_trace(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast).case)
    batch = sent(cast, payout)
    with pytest.raises(NotAllowed):
        batches.bank_lines(batch, actor=cast.auditor, at=NOON)
    lines = batches.bank_lines(batch, actor=cast.finance, at=NOON)
    assert lines == [batches.BankLine(1, payout.case.number, PAYEE, YUAN(500))]
    with scope.use(scope.EVERYTHING):
        [trace] = LogEntry.objects.filter(action="payout.open_payee")
    assert (trace.stream, trace.actor) == (f"case:{payout.case_id}", cast.finance.label)


def test_book_result_books_each_line_as_the_bank_says(cast: Cast) -> None:
    batch, (one, two, three) = three_sent(cast)
    no = batches.BankAnswer(three.row, three.payout, three.amount, paid=False, reason="户名不符")
    book = partial(batches.book_result, batch, actor=cast.finance, at=NOON)
    first = book([one], sha256=b"part", total=YUAN(500))
    assert (first.paid, first.failed, first.again, first.batch.status) == (1, 0, False, "out")
    rest = book([two, no], sha256=b"rest")
    assert (rest.paid, rest.failed, rest.batch.status) == (1, 1, "booked")
    assert balance(cast.fund, "paid", cast.line) == YUAN(1000)
    assert balance(cast.fund, "reserved", cast.line) == YUAN(500)


def test_book_result_of_the_same_file_changes_nothing_and_says_so(cast: Cast) -> None:
    batch, answers = three_sent(cast)
    book = partial(batches.book_result, batch, answers, sha256=b"same", actor=cast.finance, at=NOON)
    assert (book().paid, book().again) == (3, True)
    assert balance(cast.fund, "paid", cast.line) == YUAN(1500)


def test_book_result_tells_every_fault_and_writes_nothing(cast: Cast) -> None:
    other = propose(cast, raise_case(cast).case)
    sent(cast, other)
    batch, (one, two, three) = three_sent(cast)
    wrong = batches.BankAnswer(two.row, two.payout, YUAN(499), paid=True)
    stranger = batches.BankAnswer(6, "P25-999999-X", YUAN(500), paid=True)
    told = faults(batch, cast, [one, one, wrong, three, answer(other, row=5), stranger], total=YUAN(1))
    assert told == [
        (0, "total_wrong"),
        (2, "line_repeated"),
        (2, "line_repeated"),
        (3, "amount_differs"),
        (5, "not_in_batch"),
        (6, "payout_unknown"),
    ]
    assert faults(batch, cast, []) == [(0, "result_empty")]
    assert batches.book_result(batch, [one, two, three], sha256=b"f", actor=cast.finance, at=NOON).paid == 3


def test_book_result_of_a_line_booked_before_is_refused(cast: Cast) -> None:
    batch, (one, two, _three) = three_sent(cast)
    book = partial(batches.book_result, batch, actor=cast.finance, at=NOON)
    book([one], sha256=b"first")
    with pytest.raises(batches.FaultyResult) as refused:
        book([one, two], sha256=b"second")
    assert [(fault.row, fault.code) for fault in refused.value.faults] == [(2, "already_booked")]
    assert balance(cast.fund, "paid", cast.line) == YUAN(500)


@pytest.mark.django_db(transaction=True)
def test_book_result_by_eight_at_once_books_once() -> None:
    cast = build_cast()
    batch, answers = three_sent(cast)
    book = partial(batches.book_result, batch, answers, actor=cast.finance, at=NOON)
    same = race([partial(book, sha256=b"same")] * 4 + [partial(book, sha256=bytes([n])) for n in range(4)])
    assert same.count("done") in {1, 4}
    assert set(same) == {"done", "result_faulty"}
    assert balance(cast.fund, "paid", cast.line) == YUAN(1500)


@pytest.mark.django_db(transaction=True)
def test_book_result_beside_single_steps_and_bank_files_does_not_deadlock() -> None:
    cast = build_cast()
    batch, answers = three_sent(cast)
    with scope.use(scope.EVERYTHING):
        cases = list(Case.objects.filter(number__in=[a.payout for a in answers]).order_by("-pk"))
    deeds: list[Callable[[], object]] = [
        partial(batches.book_result, batch, answers, sha256=b"all", actor=cast.finance, at=NOON),
        partial(batches.bank_lines, batch, actor=cast.finance, at=NOON),
        partial(propose, cast, raise_case(cast).case),
    ]
    deeds += [
        partial(perform, case, "confirm_paid", actor=cast.finance, at=NOON, batch=batch.pk, reference="R")
        for case in cases
    ]
    assert set(race(deeds)) <= {"done", "out_of_turn", "result_faulty"}
    paid = balance(cast.fund, "paid", cast.line)
    with scope.use(scope.EVERYTHING):
        assert paid == YUAN(500 * BatchLine.objects.filter(status="paid").count())
        assert list(ledger_faults()) == []


@pytest.mark.django_db(transaction=True)
def test_create_batch_by_five_at_once_sends_each_payout_once() -> None:
    cast = build_cast()
    for _ in range(4):
        released(cast, propose(cast, raise_case(cast).case))
    outcomes = race([partial(batches.create_batch, cast.fund, actor=cast.finance, at=NOON)] * 5)
    assert outcomes == ["done"] + ["nothing_to_send"] * 4
    with scope.use(scope.EVERYTHING):
        assert BatchLine.objects.count() == 4

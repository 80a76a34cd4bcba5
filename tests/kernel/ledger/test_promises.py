"""What the database itself refuses, whoever asks and by whatever way."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases.models import Case
from lianxin.kernel.ledger import services
from lianxin.kernel.ledger.models import Account, Entry, Fund, Hold, Payout, Posting
from lianxin.kernel.money import Money
from lianxin.kernel.refusals import constraint_of
from tests.kernel.ledger.conftest import (
    NOON,
    Cast,
    balance,
    build_cast,
    fresh,
    paid,
    propose,
    race,
    raise_case,
    released,
)

YUAN = Money.yuan
Kind = Account.Kind


def account(cast: Cast, kind: str, *, of_line: bool = True) -> Account:
    return Account.objects.get(fund=cast.fund, kind=kind, line=cast.line if of_line else None)


def write(
    fund: Fund,
    sides: list[tuple[Account, int]],
    *,
    size: int | None = None,
    kind: str = Entry.Kind.TRANSFER,
    case: Case | None = None,
    reverses: Entry | None = None,
    key: str = "raw",
) -> Entry:
    """An entry past all services, checked as at commit."""
    log = record("ledger.raw", stream=f"fund:{fund.pk}", actor="system", at=NOON)
    entry = Entry.objects.create(
        fund=fund,
        kind=kind,
        at=NOON,
        idempotency_key=key,
        size=len(sides) if size is None else size,
        log=log,
        case=case,
        reverses=reverses,
    )
    Posting.objects.bulk_create(Posting(entry=entry, account=a, amount=fen) for a, fen in sides)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return entry


def broken(deed: Callable[[], object]) -> str:
    """The constraint, or the first words, with which the database refuses a deed."""
    with pytest.raises(IntegrityError) as refused, scope.act():
        deed()
    return constraint_of(refused.value) or str(refused.value).split("\n")[0]


def test_a_balanced_entry_is_taken(cast: Cast) -> None:
    with scope.act():
        write(cast.fund, [(account(cast, "available"), -5), (account(cast, "available", of_line=False), 5)])
    assert balance(cast.fund, "available", cast.line) == Money(499_995)


@pytest.mark.parametrize(
    ("amounts", "size"), [((-5, 6), 2), ((-5,), 2), ((-5, 5), 3), ((), 2)], ids=["sum", "one", "size", "none"]
)
def test_an_unbalanced_entry_is_refused(cast: Cast, amounts: tuple[int, ...], size: int) -> None:
    def deed() -> None:
        sides = [account(cast, "available"), account(cast, "available", of_line=False)]
        write(cast.fund, list(zip(sides, amounts, strict=False)), size=size)

    assert broken(deed) == "ledger_entry_balances"
    assert balance(cast.fund, "available", cast.line) == YUAN(5000)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("nested", [False, True])
def test_an_unbalanced_entry_is_refused_at_commit_whatever_the_scope_is_by_then(nested: bool) -> None:
    cast = build_cast()

    def deed() -> None:
        with scope.act():
            log = record("ledger.raw", stream=f"fund:{cast.fund.pk}", actor="system", at=NOON)
            entry = Entry.objects.create(
                fund=cast.fund, kind="transfer", at=NOON, idempotency_key="raw", size=2, log=log
            )
            pair = [account(cast, "available"), account(cast, "available", of_line=False)]
            Posting.objects.bulk_create(
                Posting(entry=entry, account=a, amount=n) for a, n in zip(pair, (-5, 6), strict=True)
            )

    with (
        pytest.raises(IntegrityError, match="does not balance"),
        transaction.atomic() if nested else nullcontext(),
    ):
        deed()


def test_an_entry_with_one_side_or_a_posting_of_nothing_is_refused(cast: Cast) -> None:
    def one_sided() -> None:
        write(cast.fund, [], size=1)

    def empty() -> None:
        write(cast.fund, [(account(cast, "available"), 0), (account(cast, "paid"), 0)])

    assert broken(one_sided) == "ledger_an_entry_has_two_sides"
    assert broken(empty) == "ledger_a_posting_moves_something"


def test_a_complete_entry_takes_no_further_postings(cast: Cast) -> None:
    with scope.act():
        entry = write(
            cast.fund, [(account(cast, "available"), -5), (account(cast, "available", of_line=False), 5)]
        )

    def deed() -> None:
        Posting.objects.create(entry=entry, account=account(cast, "paid"), amount=5)

    assert broken(deed) == "ledger_entry_is_complete"


def test_postings_of_two_funds_in_one_entry_are_refused(cast: Cast) -> None:
    other = services.open_fund(
        cast.city, name="另一笔", year=2025, partner=cast.office, actor=cast.finance, at=NOON
    )

    def deed() -> None:
        theirs = Account.objects.get(fund=other, kind="available")
        write(cast.fund, [(account(cast, "available"), -5), (theirs, 5)])

    assert broken(deed) == "ledger_entry_within_one_fund"


def test_an_overdraft_is_refused(cast: Cast) -> None:
    def deed() -> None:
        fen = YUAN(5000).fen + 1
        write(
            cast.fund, [(account(cast, "available"), -fen), (account(cast, "available", of_line=False), fen)]
        )

    assert broken(deed) == "ledger_no_overdraft"


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_posting"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_entries_and_postings_stay_as_they_are(cast: Cast, table: str, deed: str) -> None:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(deed.format(table))

    assert "is append-only" in broken(run)


@pytest.mark.parametrize("model", [Account, Hold])
def test_only_postings_change_balances(cast: Cast, model: type[Account] | type[Hold]) -> None:
    propose(cast, raise_case(cast).case)
    assert "only postings change" in broken(lambda: model._default_manager.update(balance=10**9))
    assert "only postings change" in broken(lambda: model._default_manager.all()._raw_delete("default"))


def test_an_account_opens_empty(cast: Cast) -> None:
    line = services.open_line(
        cast.fund, code="more", name="另一项", amount=YUAN(1), actor=cast.finance, at=NOON
    )
    assert "begins at nothing" in broken(
        lambda: Account.objects.create(fund=cast.fund, line=line, kind="returned", balance=5)
    )
    assert (
        broken(lambda: Account.objects.create(fund=cast.fund, line=line, kind="source"))
        == "ledger_money_enters_and_leaves_by_the_fund"
    )
    assert (
        broken(lambda: Account.objects.create(fund=cast.fund, kind="available"))
        == "ledger_one_account_per_kind"
    )


def test_a_reserve_without_a_case_is_refused(cast: Cast) -> None:
    def of_kind(kind: str) -> None:
        write(cast.fund, [(account(cast, "available"), -5), (account(cast, "reserved"), 5)], kind=kind)

    assert broken(lambda: of_kind("reserve")) == "ledger_a_reserve_names_its_case"
    assert broken(lambda: of_kind("transfer")) == "ledger_reserve_belongs_to_a_case"


def test_the_reserve_of_one_case_pays_no_other(cast: Cast) -> None:
    mine, other = raise_case(cast).case, raise_case(cast).case
    services.reserve(
        mine, fund=cast.fund, line=cast.line, amount=YUAN(5), actor=cast.expert, at=NOON, idempotency_key="a"
    )

    def deed() -> None:
        write(
            cast.fund, [(account(cast, "reserved"), -5), (account(cast, "paid"), 5)], kind="pay", case=other
        )

    assert broken(deed) == "ledger_no_overdrawn_hold"


def test_a_reversal_that_does_not_mirror_is_refused(cast: Cast) -> None:
    with scope.use(scope.EVERYTHING):
        original = Entry.objects.get(idempotency_key="allocate")
        whole = account(cast, "available", of_line=False)
        line = account(cast, "available")
    fen = YUAN(5000).fen

    def reverse(amount: int, key: str = "r", **options: Any) -> Entry:
        return write(
            cast.fund,
            [(line, -amount), (whole, amount)],
            kind="reversal",
            reverses=original,
            key=key,
            **options,
        )

    assert broken(lambda: reverse(fen - 1)) == "ledger_reversal_mirrors"
    assert broken(lambda: reverse(fen, case=raise_case(cast).case)) == "ledger_reversal_mirrors"
    assert broken(lambda: write(cast.fund, [(line, -1), (whole, 1)], kind="reversal")) == (
        "ledger_a_reversal_names_its_entry"
    )
    with scope.act():
        first = reverse(fen)
    assert "reverses_id" in broken(lambda: reverse(fen, key="r2"))
    back = [(line, fen), (whole, -fen)]
    assert (
        broken(lambda: write(cast.fund, back, kind="reversal", reverses=first, key="r3"))
        == "ledger_reversal_mirrors"
    )


def test_a_closed_fund_takes_no_entry(cast: Cast) -> None:
    def deed() -> None:
        Fund.objects.filter(pk=cast.fund.pk).update(status="closed")
        write(cast.fund, [(account(cast, "available"), -5), (account(cast, "available", of_line=False), 5)])

    assert broken(deed) == "ledger_fund_is_open"


# --- Payouts -------------------------------------------------------------------------------------------------


def change(payout: Payout, **fields: object) -> Callable[[], object]:
    return lambda: Payout.objects.filter(pk=payout.pk).update(**fields)


def test_two_live_payouts_for_one_payee_are_refused(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast).case)
    other = propose(cast, raise_case(cast).case)
    assert broken(change(other, award=payout.award_id)) == "ledger_payout_keeps_what_was_decided"

    def second() -> None:
        copy = fresh(payout)
        copy.pk, copy.case = None, raise_case(cast).case
        copy.save(force_insert=True)

    assert broken(second) == "ledger_one_payout_per_payee"


def test_one_person_or_one_body_with_both_keys_is_refused(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast).case)
    first = {"approved_by": cast.first_key.person, "approved_body": cast.city, "approved_at": NOON}
    second = {"released_by": cast.second_key.person, "released_body": cast.office, "released_at": NOON}
    assert broken(change(payout, **second)) == "ledger_second_key_follows_the_first"
    assert broken(change(payout, approved_by=cast.first_key.person)) == "ledger_first_key_is_whole"
    assert (
        broken(change(payout, **first, **{**second, "released_by": cast.first_key.person}))
        == "ledger_two_keys_of_two_bodies"
    )
    assert (
        broken(change(payout, **first, **{**second, "released_body": cast.city}))
        == "ledger_two_keys_of_two_bodies"
    )
    with scope.act():
        change(payout, **first, **second)()


def test_what_was_decided_of_a_payout_stays(cast: Cast) -> None:
    payout = released(cast, propose(cast, raise_case(cast).case))
    kept = "ledger_payout_keeps_what_was_decided"
    for fields in (
        {"amount": 1},
        {"line": cast.other_line},
        {"position": 2},
        {"approved_by": cast.expert.person},
        {"approved_by": None, "approved_body": None, "approved_at": None},
        {"released_body": cast.plant},
    ):
        assert broken(change(payout, **fields)) == kept
    with scope.act():
        change(payout, live=False)()
    assert broken(change(payout, live=True)) == kept


def test_paid_without_its_own_payment_is_refused(cast: Cast) -> None:
    done = paid(cast, propose(cast, raise_case(cast).case))
    waiting = released(cast, propose(cast, raise_case(cast).case))
    assert broken(change(waiting, attempts=1, paid_at=NOON)) == "ledger_paid_only_once_sent"
    assert (
        broken(change(waiting, attempts=1, paid_at=NOON, paid_entry=done.paid_entry_id))
        == "ledger_payout_has_its_own_payment"
    )
    assert broken(change(done, paid_at=None, paid_entry=None)) == "ledger_payout_has_its_own_payment"
    assert broken(change(waiting, attempts=1, payee_sealed=None)) == "ledger_sent_only_under_both_keys"


@pytest.mark.django_db(transaction=True)
def test_paying_one_case_by_ten_at_once_pays_once() -> None:
    cast = build_cast()
    case = raise_case(cast).case
    money: dict[str, Any] = {
        "fund": cast.fund,
        "line": cast.line,
        "amount": YUAN(500),
        "actor": cast.expert,
        "at": NOON,
    }
    services.reserve(case, idempotency_key="reserve", **money)
    services.reserve(raise_case(cast).case, idempotency_key="another", **money)
    outcomes = race([partial(services.pay, case, idempotency_key=f"pay {n}", **money) for n in range(10)])
    assert outcomes == ["done"] + ["fund_short"] * 9
    assert balance(cast.fund, "paid", cast.line) == YUAN(500)

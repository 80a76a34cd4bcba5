"""Acts of money: what they move, and what is refused on the same set-up."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.ledger import services
from lianxin.kernel.ledger.models import Entry, Fund
from lianxin.kernel.money import Money
from lianxin.kernel.refusals import Conflict, NotAllowed, Refused
from tests.kernel.ledger.conftest import NOON, Cast, balance, build_cast, propose, race, raise_case

YUAN = Money.yuan


def test_open_fund_with_a_name_of_the_same_year_is_refused(cast: Cast) -> None:
    again = partial(services.open_fund, cast.city, name="专项资金", actor=cast.finance, at=NOON)
    assert again(year=2026, partner=cast.office).year == 2026
    with pytest.raises(Conflict) as refused:
        again(year=2025, partner=cast.office)
    assert (refused.value.code, refused.value.field) == ("fund_exists", "name")


def test_open_fund_with_itself_as_partner_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        services.open_fund(cast.city, name="独用", year=2025, partner=cast.city, actor=cast.finance, at=NOON)
    assert refused.value.code == "one_body"


def test_open_line_with_a_code_used_already_is_refused(cast: Cast) -> None:
    with pytest.raises(Conflict) as refused:
        services.open_line(cast.fund, code="reward", name="重复", amount=YUAN(1), actor=cast.finance, at=NOON)
    assert refused.value.code == "line_exists"


@pytest.mark.parametrize("who", ["auditor", "expert", "first_key", "county_officer", "worker"])
def test_fund_in_by_anybody_but_finance_is_refused(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        services.fund_in(cast.fund, amount=YUAN(1), actor=getattr(cast, who), at=NOON, idempotency_key="x")
    assert refused.value.code == "not_finance"
    assert balance(cast.fund, "available") == YUAN(395_000)


def test_fund_in_and_allocate_move_money_and_tell_the_log(cast: Cast) -> None:
    assert balance(cast.fund, "source") == -YUAN(400_000)
    assert balance(cast.fund, "available") == YUAN(395_000)
    assert balance(cast.fund, "available", cast.line) == YUAN(5000)
    with scope.use(scope.EVERYTHING):
        told = list(
            LogEntry.objects.filter(stream=f"fund:{cast.fund.pk}").order_by("seq").values_list("action")
        )
    assert told == [
        ("ledger.open_fund",),
        ("ledger.cover",),
        ("ledger.open_line",),
        ("ledger.open_line",),
        ("ledger.fund_in",),
        ("ledger.allocate",),
    ]


def test_transfer_between_lines_moves_only_what_is_there(cast: Cast) -> None:
    shift = partial(services.transfer_between_lines, cast.line, cast.other_line, actor=cast.finance, at=NOON)
    shift(amount=YUAN(2000), idempotency_key="a")
    assert balance(cast.fund, "available", cast.line) == YUAN(3000)
    assert balance(cast.fund, "available", cast.other_line) == YUAN(2000)
    with pytest.raises(Refused) as refused:
        shift(amount=YUAN("3000.01"), idempotency_key="b")
    assert refused.value.code == "fund_short"


def test_transfer_to_the_same_line_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        services.transfer_between_lines(
            cast.line, cast.line, amount=YUAN(1), actor=cast.finance, at=NOON, idempotency_key="a"
        )
    assert refused.value.code == "same_line"


def test_a_line_of_another_fund_is_refused(cast: Cast) -> None:
    other = services.open_fund(
        cast.city, name="另一笔", year=2025, partner=cast.office, actor=cast.finance, at=NOON
    )
    case = raise_case(cast).case
    with pytest.raises(Refused) as refused:
        services.reserve(
            case, fund=other, line=cast.line, amount=YUAN(1), actor=cast.expert, at=NOON, idempotency_key="a"
        )
    assert (refused.value.code, refused.value.field) == ("line_elsewhere", "line")


def test_reserve_beyond_what_is_left_tells_how_much_is_left(cast: Cast) -> None:
    case = raise_case(cast).case
    take = partial(services.reserve, case, fund=cast.fund, line=cast.line, actor=cast.expert, at=NOON)
    take(amount=YUAN(4500), idempotency_key="a")
    with pytest.raises(Refused) as refused:
        take(amount=YUAN("500.01"), idempotency_key="b")
    assert (refused.value.code, refused.value.field) == ("fund_short", "amount")
    assert refused.value.message.zh == "“报告奖励”可用金额不足：还剩 500 元，需要 500.01 元。"
    assert refused.value.message.en == "“Rewards” is short: ¥500 available, ¥500.01 needed."
    take(amount=YUAN(500), idempotency_key="c")
    assert balance(cast.fund, "available", cast.line) == YUAN(0)
    assert balance(cast.fund, "reserved", cast.line) == YUAN(5000)


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_of_nothing_or_less_is_refused(cast: Cast, amount: int) -> None:
    with pytest.raises(Refused) as refused:
        services.fund_in(cast.fund, amount=Money(amount), actor=cast.finance, at=NOON, idempotency_key="a")
    assert (refused.value.code, refused.value.field) == ("amount_not_positive", "amount")


@pytest.mark.parametrize("deed", [services.release_reserve, services.pay])
def test_the_reserve_of_one_case_serves_no_other(cast: Cast, deed: Callable[..., Entry]) -> None:
    mine, other = raise_case(cast).case, raise_case(cast).case
    money: dict[str, Any] = {"fund": cast.fund, "line": cast.line, "actor": cast.expert, "at": NOON}
    services.reserve(mine, amount=YUAN(500), idempotency_key="a", **money)
    services.reserve(other, amount=YUAN(100), idempotency_key="b", **money)
    with pytest.raises(Refused) as refused:
        deed(other, amount=YUAN(101), idempotency_key="c", **money)
    assert refused.value.message.en == "“Rewards” is short: ¥100 reserved, ¥101 needed."
    deed(other, amount=YUAN(100), idempotency_key="d", **money)
    assert balance(cast.fund, "reserved", cast.line) == YUAN(500)


def test_the_same_key_twice_moves_money_once(cast: Cast) -> None:
    put = partial(services.fund_in, cast.fund, actor=cast.finance, at=NOON, idempotency_key="again")
    first = put(amount=YUAN(10))
    assert put(amount=YUAN(10)).pk == first.pk
    assert balance(cast.fund, "available") == YUAN(395_010)
    with pytest.raises(Conflict) as refused:
        put(amount=YUAN(11))
    assert (refused.value.code, refused.value.field) == ("key_reused", "idempotency_key")


def test_reverse_entry_mirrors_it_once(cast: Cast) -> None:
    entry = services.fund_in(cast.fund, amount=YUAN(70), actor=cast.finance, at=NOON, idempotency_key="wrong")
    undo = partial(services.reverse_entry, entry, actor=cast.finance, at=NOON)
    reversal = undo(reason="金额录错", idempotency_key="undo")
    assert balance(cast.fund, "available") == YUAN(395_000)
    assert undo(reason="金额录错", idempotency_key="undo").pk == reversal.pk
    with pytest.raises(Conflict) as refused:
        undo(reason="再来一次", idempotency_key="undo 2")
    assert refused.value.code == "already_reversed"
    with pytest.raises(Refused) as refused_again:
        services.reverse_entry(reversal, reason="冲回", actor=cast.finance, at=NOON, idempotency_key="undo 3")
    assert refused_again.value.code == "reversal_of_reversal"


def test_reverse_entry_without_a_reason_is_refused(cast: Cast) -> None:
    entry = services.fund_in(cast.fund, amount=YUAN(7), actor=cast.finance, at=NOON, idempotency_key="w")
    with pytest.raises(Refused) as refused:
        services.reverse_entry(entry, reason=" ", actor=cast.finance, at=NOON, idempotency_key="u")
    assert (refused.value.code, refused.value.field) == ("reason_missing", "reason")


def test_reverse_entry_after_the_money_has_moved_on_is_refused(cast: Cast) -> None:
    with scope.use(scope.EVERYTHING):
        entry = Entry.objects.get(idempotency_key="allocate")
    case = raise_case(cast).case
    services.reserve(
        case, fund=cast.fund, line=cast.line, amount=YUAN(1), actor=cast.expert, at=NOON, idempotency_key="a"
    )
    with pytest.raises(Refused) as refused:
        services.reverse_entry(entry, reason="分配有误", actor=cast.finance, at=NOON, idempotency_key="u")
    assert refused.value.message.en == "“Rewards” is short: ¥4,999 available, ¥5,000 needed."


def test_reverse_entry_of_a_payout_is_refused(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast).case)
    with scope.use(scope.EVERYTHING):
        entry = Entry.objects.get(case=payout.case)
    with pytest.raises(Refused) as refused:
        services.reverse_entry(entry, reason="撤回", actor=cast.finance, at=NOON, idempotency_key="u")
    assert refused.value.code == "entry_of_payout"


def test_close_fund_asks_for_it_to_be_empty(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        services.close_fund(cast.fund, actor=cast.finance, at=NOON)
    assert refused.value.code == "fund_not_empty"
    with scope.use(scope.EVERYTHING):
        allocated = Entry.objects.get(idempotency_key="allocate")
    services.reverse_entry(allocated, reason="年终收回", actor=cast.finance, at=NOON, idempotency_key="u")
    services.give_back(cast.fund, amount=YUAN(400_000), actor=cast.finance, at=NOON, idempotency_key="back")
    assert services.close_fund(cast.fund, actor=cast.finance, at=NOON).status == Fund.Status.CLOSED
    with pytest.raises(Refused) as refused:
        services.fund_in(cast.fund, amount=YUAN(1), actor=cast.finance, at=NOON, idempotency_key="late")
    assert (refused.value.code, refused.value.field) == ("fund_closed", "fund")


@pytest.mark.django_db(transaction=True)
def test_reserve_by_twenty_at_once_covers_exactly_ten() -> None:
    cast = build_cast()
    cases = [raise_case(cast).case for _ in range(20)]
    outcomes = race(
        [
            partial(
                services.reserve,
                case,
                fund=cast.fund,
                line=cast.line,
                amount=YUAN(500),
                actor=cast.expert,
                at=NOON,
                idempotency_key=f"award:{case.pk}",
            )
            for case in cases
        ]
    )
    assert outcomes == ["done"] * 10 + ["fund_short"] * 10
    assert balance(cast.fund, "available", cast.line) == YUAN(0)
    assert balance(cast.fund, "reserved", cast.line) == YUAN(5000)


@pytest.mark.django_db(transaction=True)
def test_close_fund_while_money_arrives_never_closes_on_money() -> None:
    cast = build_cast()
    funds = [
        services.open_fund(
            cast.city, name=f"空{n}", year=2025, partner=cast.office, actor=cast.finance, at=NOON
        )
        for n in range(6)
    ]
    deeds: list[Callable[[], object]] = []
    for fund in funds:
        deeds.append(partial(services.close_fund, fund, actor=cast.finance, at=NOON))
        deeds.append(
            partial(
                services.fund_in,
                fund,
                amount=YUAN(1),
                actor=cast.finance,
                at=NOON,
                idempotency_key=f"{fund.pk}",
            )
        )
    outcomes = race(deeds)
    assert outcomes.count("done") == 6
    assert outcomes.count("fund_closed") + outcomes.count("fund_not_empty") == 6
    with scope.use(scope.EVERYTHING):
        closed = Fund.objects.filter(status=Fund.Status.CLOSED)
        assert not Entry.objects.filter(fund__in=closed).exists()


@pytest.mark.django_db(transaction=True)
def test_fund_in_by_ten_with_one_key_happens_once() -> None:
    cast = build_cast()
    deed = partial(
        services.fund_in, cast.fund, amount=YUAN(10), actor=cast.finance, at=NOON, idempotency_key="one"
    )
    assert race([deed] * 10) == ["done"] * 10
    assert balance(cast.fund, "available") == YUAN(395_010)


@pytest.mark.django_db(transaction=True)
def test_transfers_in_both_directions_at_once_do_not_deadlock() -> None:
    cast = build_cast()
    services.allocate(cast.other_line, amount=YUAN(5000), actor=cast.finance, at=NOON, idempotency_key="b")

    def several(first: int) -> None:
        pair = [cast.line, cast.other_line]
        with scope.act():
            for number in range(5):
                source, target = pair if (first + number) % 2 else pair[::-1]
                services.transfer_between_lines(
                    source,
                    target,
                    amount=YUAN(1),
                    actor=cast.finance,
                    at=NOON,
                    idempotency_key=f"{first}:{number}",
                )

    assert race([partial(several, first) for first in range(8)]) == ["done"] * 8
    assert balance(cast.fund, "available", cast.line) == YUAN(5000)


@pytest.mark.django_db(transaction=True)
def test_reverse_entry_by_ten_at_once_has_one_winner() -> None:
    cast = build_cast()
    entry = services.fund_in(cast.fund, amount=YUAN(9), actor=cast.finance, at=NOON, idempotency_key="w")
    deeds = [
        partial(
            services.reverse_entry, entry, reason="录错", actor=cast.finance, at=NOON, idempotency_key=f"u{n}"
        )
        for n in range(10)
    ]
    assert race(deeds) == ["already_reversed"] * 9 + ["done"]
    assert balance(cast.fund, "available") == YUAN(395_000)

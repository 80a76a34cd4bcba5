"""Money in whole fen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel.money import Money
from lianxin.kernel.refusals import Refused

amounts = st.integers(min_value=0, max_value=10**12).map(Money)


@pytest.mark.parametrize(
    ("text", "fen"),
    [("500", 50_000), ("0.01", 1), ("72,000", 7_200_000), (" 1.5 ", 150), (3000, 300_000), ("-2", -200)],
)
def test_yuan_reads_what_people_write(text: str | int, fen: int) -> None:
    assert Money.yuan(text).fen == fen


@pytest.mark.parametrize("text", ["", "ten", "1.234", "NaN", "Infinity", "1e400x", "=1+1"])
def test_yuan_refuses_what_is_no_amount(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        Money.yuan(text)
    assert (refusal.value.code, refusal.value.field) == ("amount_invalid", "amount")


@pytest.mark.parametrize("text", ["1e17", "99999999999999", "-1e17", "9" * 5_000])
def test_yuan_refuses_more_than_there_is(text: str) -> None:
    with pytest.raises(Refused) as refused:
        Money.yuan(text)
    assert (refused.value.code, refused.value.field) == ("amount_too_large", "amount")


def test_yuan_takes_the_largest_amount() -> None:
    assert Money.yuan("10,000,000,000,000").fen == 10**15


@pytest.mark.parametrize("value", [1.0, True, "5"])
def test_money_is_never_anything_but_whole_fen(value: object) -> None:
    with pytest.raises(TypeError):
        Money(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fen", "words"), [(50_000, "500"), (7_200_001, "72,000.01"), (-150, "-1.50"), (0, "0")]
)
def test_money_is_written_in_yuan(fen: int, words: str) -> None:
    assert str(Money(fen)) == words


@given(amounts)
def test_money_is_read_back_from_what_is_written(money: Money) -> None:
    assert Money.yuan(str(money)) == money


@given(amounts, st.lists(st.integers(min_value=1, max_value=1000), min_size=1, max_size=20))
def test_split_loses_nothing_and_favours_nobody_by_more_than_a_fen(money: Money, shares: list[int]) -> None:
    parts = money.split(shares)
    assert sum((part.fen for part in parts), 0) == money.fen
    for part, share in zip(parts, shares, strict=True):
        assert 0 <= part.fen - money.fen * share // sum(shares) <= 1


@pytest.mark.parametrize("shares", [[], [0], [1, -1]])
def test_split_refuses_shares_that_are_none(shares: list[int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        Money(100).split(shares)

"""Numbers as people write them, and the ones that cannot be right."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from lianxin.kernel.people.numbers import (
    birth_date,
    identity_number,
    mask_identity,
    mask_phone,
    phone_number,
)
from lianxin.kernel.refusals import Refused
from tests.cast import identity_number as synthetic

TODAY = date(2026, 3, 2)
BORN = st.dates(date(1900, 1, 1), TODAY).map(lambda day: day.strftime("%Y%m%d"))


@given(BORN, st.integers(0, 999))
def test_a_right_number_passes_whatever_its_region(born: str, order: int) -> None:
    number = synthetic(order, born)
    assert identity_number(number, on=TODAY) == number
    assert birth_date(number).strftime("%Y%m%d") == born


@given(BORN, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_found(born: str, order: int, place: int, change: int) -> None:
    number = synthetic(order, born)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    with pytest.raises(Refused) as refusal:
        identity_number(wrong, on=TODAY)
    assert refusal.value.code == "identity_check"
    assert refusal.value.field == "identity_number"
    assert wrong not in f"{refusal.value}{refusal.value.message.zh}{refusal.value.message.en}"


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 999))
def test_a_number_of_fifteen_digits_is_completed(born: date, order: int) -> None:
    old = f"990000{born:%y%m%d}{order:03d}"
    number = identity_number(old, on=TODAY)
    assert number == synthetic(order, born.strftime("%Y%m%d"))
    assert identity_number(number, on=TODAY) == number


@pytest.mark.parametrize("shape", ["{}", " {} ", "{}\n", "９{rest}", "{start} {end}", "{start}-{end}"])
def test_a_number_is_read_however_it_was_typed(shape: str) -> None:
    number = synthetic(11)
    text = shape.format(number, rest=number[1:], start=number[:6], end=number[6:])
    assert identity_number(text, on=TODAY) == number


def test_a_small_x_is_a_large_one() -> None:
    number = next(one for one in map(synthetic, range(100)) if one.endswith("X"))
    assert identity_number(number.lower(), on=TODAY) == number


def with_check(front: str) -> str:
    return front + ric.calc_check_digit(front + "0")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("12345", "identity_length"),
        ("9900001990030700112", "identity_length"),
        ("99000019900307001A", "identity_length"),
        (with_check("99000019900230001"), "identity_date"),
        (with_check("99000020260303001"), "identity_date"),
        (with_check("99000017900303001"), "identity_date"),
        ("990000901303001", "identity_date"),
    ],
)
def test_a_number_that_cannot_be_is_refused(number: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        identity_number(number, on=TODAY)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "19900000001",
        "+8619900000001",
        "0086 199 0000 0001",
        "8619900000001",
        "199-0000-0001",
        "１９９００００００01",
    ],
)
def test_a_phone_number_is_read_however_it_was_typed(text: str) -> None:
    assert phone_number(text) == "19900000001"


@pytest.mark.parametrize(
    "text", ["", "12345", "12900000001", "1990000000", "199000000011", "0417-1234567", "phone"]
)
def test_a_phone_number_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        phone_number(text)
    assert (refusal.value.code, refusal.value.field) == ("phone_invalid", "phone")


def test_masks_show_enough_to_know_ones_own() -> None:
    assert mask_phone("19900001234") == "199****1234"
    assert mask_identity(synthetic(1)) == "9****************" + synthetic(1)[-1]
    assert (mask_phone(""), mask_identity("")) == ("", "")

"""Identity numbers. All are reckoned here, none is anybody's."""

from datetime import date

import pytest
from stdnum.cn import ric

from lianxin.matching.clean.numbers import birth_in, check_character, clean_number, number_state, sex_in

BODY = "41010219800101123"
WHOLE = BODY + ric.calc_check_digit(BODY + "0")


def test_the_check_character_is_the_one_of_stdnum() -> None:
    for order in range(1000):
        body = f"41010219800101{order:03}"
        assert check_character(body) == ric.calc_check_digit(body + "0")


@pytest.mark.parametrize(
    "given",
    [
        WHOLE,
        f" {WHOLE} ",
        f"{WHOLE[:6]} {WHOLE[6:14]} {WHOLE[14:]}",
        WHOLE.translate({48 + n: 0xFF10 + n for n in range(10)}),
    ],
)
def test_a_whole_number_is_brought_into_one_spelling(given: str) -> None:
    assert clean_number(given) == WHOLE
    assert number_state(WHOLE) == "valid"


def test_a_small_x_is_capital() -> None:
    body = next(
        f"41010219800101{n:03}" for n in range(100) if check_character(f"41010219800101{n:03}") == "X"
    )
    assert clean_number(body + "x") == body + "X"
    assert number_state(body + "X") == "valid"


def test_fifteen_digits_are_completed() -> None:
    old = WHOLE[:6] + WHOLE[8:17]
    assert clean_number(old) == WHOLE


def test_fifteen_digits_without_a_birth_date_are_what_is_left_of_a_number() -> None:
    assert clean_number("410102801301123") == "410102801301123"
    assert number_state("410102801301123") == "partial"


def test_a_wrong_check_character_is_kept_and_marked() -> None:
    wrong = BODY + ("1" if WHOLE[17] != "1" else "2")
    assert clean_number(wrong) == wrong
    assert number_state(wrong) == "bad_check"
    assert (birth_in(wrong), sex_in(wrong)) == (None, None)


def test_an_impossible_birth_date_is_marked() -> None:
    body = "41010219801301123"
    assert number_state(body + check_character(body)) == "bad_check"


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (WHOLE[:-1], WHOLE[:-1]),
        (WHOLE[1:], WHOLE[1:]),
        ("4.10102198001011e+17", "410102198001011"),
        ("4.10102E+17", "410102"),
        ("410102198001011000", "410102198001011"),
        ("410102200506152000", "410102200506152"),
        ("H12345678", "H12345678"),
    ],
)
def test_what_is_left_of_a_number_is_partial(given: str, left: str) -> None:
    assert clean_number(given) == left
    assert number_state(left) == "partial"


@pytest.mark.parametrize("given", ["", "无", "不详", "12345", "0" * 18, "1" * 15, "-"])
def test_what_is_no_number_is_nothing(given: str) -> None:
    assert clean_number(given) is None
    assert number_state(None) is None


def test_birth_date_and_sex_stand_in_the_number() -> None:
    assert birth_in(WHOLE) == date(1980, 1, 1)
    assert sex_in(WHOLE) == "M"
    woman = "41010219800101124"
    assert sex_in(woman + check_character(woman)) == "F"

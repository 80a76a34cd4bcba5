"""Identity numbers (GB 11643): 18 characters, kept and marked when the check character does not fit.

Unlike ``kernel.people.numbers``, which refuses a wrong number at the counter, nothing is refused here: a list is
as it is, and three quarters of a number still say much.
"""

import re
from datetime import date
from typing import Literal

from lianxin.matching.clean.characters import plain

State = Literal["valid", "bad_check", "partial"]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
EARLIEST_YEAR = 1880
# Spreadsheet programs keep fifteen digits of a number and put zeros for the rest.
EXACT_DIGITS, ROUNDED = 15, "000"
_FULL = re.compile(r"\d{17}[\dX]")
_OLD = re.compile(r"\d{15}")
_SCIENTIFIC = re.compile(r"(\d)\.(\d+)E\+?(\d\d)")
_OTHER = re.compile(r"[^0-9A-Z]")
_SHORTEST = 6


def clean_number(given: str) -> str | None:
    """The number in one spelling, 15 digits completed to 18; what is left of any other; or nothing.

    A number that a spreadsheet program has rounded, to 4.10105E+17 or to three zeros at the end, is cut to the digits
    it still has: it keeps fifteen at most.
    """
    text = plain(given).upper().replace("×", "X").replace("*", "")
    lost = _SCIENTIFIC.fullmatch(text)
    if lost:
        return _rest(lost[1] + lost[2].rstrip("0"))
    number = _OTHER.sub("", text.removesuffix(".0"))
    if _is_filler(number):
        return None
    if _OLD.fullmatch(number) and _born(f"19{number[6:12]}"):
        number = f"{number[:6]}19{number[6:]}"
        number += check_character(number)
    if number.endswith(ROUNDED) and number_state(number) == "bad_check":
        return _rest(number[:EXACT_DIGITS])
    return number if _FULL.fullmatch(number) else _rest(number)


def number_state(number: str | None) -> State | None:
    """``valid``, ``bad_check`` (check character or birth date cannot be), ``partial``; of a cleaned number."""
    if number is None:
        return None
    if not _FULL.fullmatch(number):
        return "partial"
    return "valid" if check_character(number) == number[17] and _born(number[6:14]) else "bad_check"


def check_character(number: str) -> str:
    """The check character of the first 17 digits (ISO 7064 MOD 11-2)."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False)) % 11]


def birth_in(number: str) -> date | None:
    """The birth date that a valid number holds."""
    return _born(number[6:14]) if number_state(number) == "valid" else None


def sex_in(number: str) -> str | None:
    """``M`` or ``F`` by the 17th digit of a valid number."""
    if number_state(number) != "valid":
        return None
    return "M" if int(number[16]) % 2 else "F"


def _rest(number: str) -> str | None:
    """What is left of a number, unless that is too little."""
    return number if len(number) >= _SHORTEST and not _is_filler(number) else None


def _is_filler(number: str) -> bool:
    """One or two characters over and over: somebody had to write something."""
    return len(set(number)) <= 2  # noqa: PLR2004


def _born(digits: str) -> date | None:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return day if EARLIEST_YEAR <= day.year <= date.max.year and day.year < 2100 else None  # noqa: PLR2004

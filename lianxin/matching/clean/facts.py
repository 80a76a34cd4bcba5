"""Sex and birth date, as lists write them."""

import re
from datetime import date, timedelta

from lianxin.matching.clean.characters import plain
from lianxin.matching.clean.numbers import EARLIEST_YEAR

_MALE = frozenset({"男", "男性", "男士", "M", "MALE", "1", "先生"})
_FEMALE = frozenset({"女", "女性", "女士", "F", "FEMALE", "2", "小姐"})
_DAY = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})日?(?:[ T].*)?")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
# Days since the end of 1899, from 1927 on: what a spreadsheet program shows of a date that has lost its format.
_SERIAL = re.compile(r"[1-7]\d{4}")
_SERIAL_START = date(1899, 12, 30)


def clean_sex(given: str) -> str | None:
    """``M`` or ``F``; the codes 1 and 2 of GB/T 2261 are understood."""
    word = plain(given).upper().removesuffix(".0")
    return "M" if word in _MALE else "F" if word in _FEMALE else None


def clean_birth_date(given: str) -> date | None:
    """A day written in full: 1990-01-31, 1990/1/31, 1990年1月31日, 1990.1.31, 19900131, or in Excel's days, 32904."""
    text = plain(given).removesuffix(".0")
    if _SERIAL.fullmatch(text):
        return _SERIAL_START + timedelta(days=int(text))
    found = _DAY.fullmatch(text) or _DIGITS.fullmatch(text)
    if found is None:
        return None
    try:
        day = date(*map(int, found.groups()))
    except ValueError:
        return None
    return day if day.year >= EARLIEST_YEAR else None

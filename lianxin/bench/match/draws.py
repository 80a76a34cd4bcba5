"""Tables from which people are drawn: weights become slots, errors become pairs of characters."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import pyarrow as pa
from duckdb import DuckDBPyConnection
from pypinyin import Style, pinyin

from lianxin.bench.match import words

SLOTS = 65_536
# What a dialect or a hurried ear confuses.
_NEAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("h", "f"), ("ing", "in"), ("eng", "en"))


def make_draws(con: DuckDBPyConnection, folk: words.Folk = words.NORTH) -> None:
    """Fill `draw_*`, each 65,536 slots of one word, and `wrong_*`, each character's confusions."""
    weighted = {
        "surname": _weights(folk.surnames),
        "man": _weights(folk.men),
        "woman": _weights(folk.women),
        "first": _ranked(folk.first),
        "man_last": _ranked(folk.men_last),
        "woman_last": _ranked(folk.women_last),
        "region": {f"{code}{name}": share for code, name, share in folk.regions},
        "uyghur": dict.fromkeys(words.UYGHUR.split(), 1.0),
        "other": dict.fromkeys(words.OTHERS.split(), 1.0),
        "trade": dict.fromkeys(words.TRADES.split(), 1.0),
        "remark": dict.fromkeys(words.REMARKS, 1.0),
        "business": dict.fromkeys(_pairs(folk.business), 1.0),
        "road": dict.fromkeys(_pairs(folk.roads), 1.0),
    }
    for name, weights in weighted.items():
        con.execute(f"create table draw_{name} (slot integer, word varchar)")
        _fill(con, f"draw_{name}", list(enumerate(_slots(weights))))
    for name, confusions in {
        "sound": _homophones(folk),
        "shape": _look_alikes(),
        "script": _traditional(),
    }.items():
        con.execute(f"create table wrong_{name} (ch varchar, n integer, many integer, wrong varchar)")
        rows = [
            (ch, n, len(others), other) for ch, others in confusions.items() for n, other in enumerate(others)
        ]
        _fill(con, f"wrong_{name}", rows)


def _fill(con: DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    names = [column[0] for column in con.execute(f"select * from {table} limit 0").description or []]
    rows_table = pa.table({name: [row[n] for row in rows] for n, name in enumerate(names)})
    con.register("rows_to_fill", rows_table)
    con.execute(f"insert into {table} select * from rows_to_fill")
    con.unregister("rows_to_fill")


def _weights(text: str) -> dict[str, float]:
    shares: dict[str, float] = defaultdict(float)
    for word in text.split():
        name, _, share = word.partition(":")
        shares[name] += float(share)
    return shares


def _ranked(characters: str) -> dict[str, float]:
    """Each weighs less than the one before it, the last about a tenth of the first."""
    return {character: 1 / (8 + rank) for rank, character in enumerate(dict.fromkeys(characters))}


def _pairs(characters: str) -> list[str]:
    return sorted({a + b for a, b in pairwise(characters)} | {b + a for a, b in pairwise(characters)})


def _slots(weights: dict[str, float]) -> list[str]:
    total = sum(weights.values())
    slots: list[str] = []
    reached = 0.0
    for word, weight in weights.items():
        reached += weight
        slots += [word] * (round(SLOTS * reached / total) - len(slots))
    return slots


def _name_characters(folk: words.Folk) -> list[str]:
    spoken = folk.first + folk.men_last + folk.women_last
    return sorted({*spoken, *(c for name in _weights(folk.surnames) for c in name)})


def _reading(character: str) -> str:
    return pinyin(character, style=Style.NORMAL)[0][0]


def _common_characters() -> list[str]:
    """The 3,755 characters of the first level of GB 2312."""
    return [
        bytes((row, cell)).decode("gb2312")
        for row in range(0xB0, 0xD8)
        for cell in range(0xA1, 0xFF)
        if (row, cell) < (0xD7, 0xFA)
    ]


def _homophones(folk: words.Folk) -> dict[str, list[str]]:
    """Same reading without tone, or one that is easily confused with it; likelier where names use the character."""
    by_reading: dict[str, list[str]] = defaultdict(list)
    for character in [*_name_characters(folk), *_common_characters()]:
        by_reading[_reading(character)].append(character)
    confusions = {}
    for character in _name_characters(folk):
        reading = _reading(character)
        same = [c for c in by_reading[reading] if c != character][:12]
        near = [c for other in _near(reading) for c in by_reading.get(other, []) if c != character][:4]
        if same or near:
            confusions[character] = same + near
    return confusions


def _near(reading: str) -> list[str]:
    found = []
    for one, other in _NEAR:
        for a, b in ((one, other), (other, one)):
            if one in {"ing", "eng"}:
                if reading.endswith(a) and not (a in {"in", "en"} and reading.endswith(a + "g")):
                    found.append(reading[: -len(a)] + b)
            elif reading.startswith(a) and not (len(a) == 1 and reading.startswith(a + "h")):
                found.append(b + reading[len(a) :])
    return found


def _look_alikes() -> dict[str, list[str]]:
    confusions: dict[str, list[str]] = defaultdict(list)
    for pair in words.LOOK_ALIKE.split():
        a, b = pair[0], pair[1]
        confusions[a].append(b)
        confusions[b].append(a)
    return dict(confusions)


def _traditional() -> dict[str, list[str]]:
    return {a: [b] for a, b in zip(words.TRADITIONAL[::2], words.TRADITIONAL[1::2], strict=True) if a != b}

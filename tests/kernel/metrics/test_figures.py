"""Figures against facts, and the command that prints them."""

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lianxin.kernel.metrics import figures
from lianxin.kernel.metrics.figures import Figure, compare, declare, holds, read_facts
from lianxin.kernel.metrics.models import MetricDay
from lianxin.kernel.metrics.periods import month, year
from lianxin.kernel.metrics.rollup import roll_up
from tests.kernel.cases.conftest import build_town
from tests.kernel.metrics.conftest import FIRST, Tried, add, after, noon

FACTS = """
[[fact]]
id = "somewhere.made"
system = "things"
op = "="
value = 7
unit = "things"
[[fact]]
id = "somewhere.many"
system = "things"
op = ">="
value = 5
unit = "things"
[[fact]]
id = "somewhere.good"
system = "things"
op = "true"
[[fact]]
id = "elsewhere.far"
system = "not built yet"
op = "="
value = 1
unit = "things"
"""
FIGURES = (
    Figure(fact="somewhere.made", metric="tried.total", period=year(2025)),
    Figure(fact="somewhere.many", metric="tried.total", period=month(2025, 3), slice="a"),
    Figure(fact="somewhere.good", metric="tried.holds", period=year(2025)),
)


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of facts, and figures for the first three of them."""
    monkeypatch.setattr(figures, "_figures", {})
    declare(*FIGURES)
    path = tmp_path / "facts.toml"
    path.write_text(FACTS)
    return path


def run(facts: Path, *options: str) -> tuple[int, str, str]:
    """Exit code, output and errors of the command."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("figures", "--facts", str(facts), *options, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.usefixtures("tried")
def test_figures_that_hold_exit_with_nought(facts: Path) -> None:
    add(FIRST, amount=5)
    add(FIRST, amount=2, kind="b")
    code, out, err = run(facts, "--json")
    assert code == 0
    first, second, third = json.loads(out)
    assert {key: first[key] for key in ("id", "op", "expected", "value", "ok", "unit")} == {
        "id": "somewhere.made",
        "op": "=",
        "expected": 7,
        "value": 7,
        "ok": True,
        "unit": "things",
    }
    assert first["source"].startswith("-- tried.total (total), ")
    assert "everywhere, 2025\nSELECT t.at" in first["source"]
    assert (second["value"], third["value"], third["expected"]) == (5, True, True)
    assert err == "3 of 3 facts hold; 1 belong to systems that are not here yet.\n"


@pytest.mark.usefixtures("tried")
def test_a_figure_that_fails_exits_with_one(facts: Path) -> None:
    add(FIRST, amount=6)
    code, out, err = run(facts)
    assert code == 1
    lines = [line for line in out.splitlines() if not line.startswith("    ")]
    assert [line.split()[-1] for line in lines] == ["FAILS", "ok", "ok"]
    assert "SELECT t.at" in out
    assert err.startswith("2 of 3")


@pytest.mark.usefixtures("tried")
def test_a_fact_without_a_figure_fails_where_its_system_is_here(
    facts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "_figures", {})
    declare(FIGURES[0])
    add(FIRST, amount=7)
    rows = compare(figures.figures(), read_facts(facts))
    assert [(row.fact.id, row.ok) for row in rows] == [
        ("somewhere.made", True),
        ("somewhere.many", False),
        ("somewhere.good", False),
    ]


@pytest.mark.usefixtures("tried")
def test_no_figure_at_all_is_a_failure(facts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "_figures", {})
    assert run(facts)[0] == 1


@pytest.mark.parametrize("fault", ["metric", "place"])
@pytest.mark.usefixtures("tried")
def test_what_is_not_there_cannot_hold(facts: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr(figures, "_figures", {})
    options: dict[str, Any] = (
        {"metric": "tried.nothing"} if fault == "metric" else {"metric": "tried.total", "region": "999999"}
    )
    declare(Figure(fact="somewhere.made", period=year(2025), **options))
    row = compare(figures.figures(), read_facts(facts))[0]
    assert (row.ok, row.value) == (False, None)
    assert row.problem


def test_a_place_is_found_by_name(tried: Tried, facts: Path) -> None:
    town = build_town()
    add(FIRST, path=town.market.path, amount=3)
    add(FIRST, path=town.elsewhere.path, amount=4)
    figure = Figure(fact="somewhere.made", metric=tried.total.id, period=year(2025), organization="甲县")
    assert compare([figure], read_facts(facts))[0].value == 3


@pytest.mark.django_db(transaction=True)
def test_a_kept_total_that_is_wrong_fails_though_the_rows_are_right(tried: Tried, facts: Path) -> None:
    add(FIRST, amount=7)
    roll_up(at=noon(after(2)))
    MetricDay.objects.filter(metric=tried.total.id).update(value=8)
    row = compare(figures.figures(), read_facts(facts))[0]
    assert (row.value, row.ok, row.problem) == (7, False, "the kept totals say 8")


def test_two_figures_for_one_fact_are_a_mistake(facts: Path) -> None:
    assert facts.exists()
    with pytest.raises(ValueError, match="two figures"):
        declare(Figure(fact="somewhere.made", metric="tried.rate", period=year(2025)))


@pytest.mark.parametrize(
    "content", ["not toml", "[[fact]]\nid = 'x'\nsystem = 's'\nop = '<'\n", "[[fact]]\nid = 'x'\n"]
)
def test_facts_that_cannot_be_read_are_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "facts.toml"
    path.write_text(content)
    with pytest.raises(CommandError, match="cannot read"):
        call_command("figures", "--facts", str(path))


@pytest.mark.parametrize(
    ("op", "found", "expected", "verdict"),
    [
        ("=", 72000, 72000, True),
        ("=", Decimal("72000.5"), 72000, False),
        ("=", Decimal("18.0"), 18, True),
        ("=", Decimal("97.5"), 97.5, True),
        (">=", 60, 60, True),
        (">=", 59, 60, False),
        ("=", date(2026, 3, 2), date(2026, 3, 2), True),
        ("=", date(2026, 3, 2), 20260302, False),
        ("true", True, True, True),
        ("true", False, True, False),
        ("true", 1, True, False),
        ("=", True, 1, False),
        ("=", None, 0, False),
        (">=", None, 0, False),
    ],
)
def test_holds(op: str, found: Any, expected: Any, *, verdict: bool) -> None:
    assert holds(op, found, expected) is verdict

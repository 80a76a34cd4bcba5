"""How long a look-up in a prepared roster takes: what `lianxin bench lookup` measures."""

import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import pyarrow.parquet as pq

from lianxin.bench.machine import facts_beside
from lianxin.bench.match.lists import make_lists
from lianxin.bench.match.people import Shape
from lianxin.bench.report import Told
from lianxin.matching import Limits
from lianxin.matching.clean.lists import COLUMNS
from lianxin.matching.lookup import Prepared, prepare

SEED = 2101
ROWS = 1_000_000
QUESTIONS = 1_000
# Milliseconds that nineteen of twenty look-ups may take at the most.
AIM = 200.0


@dataclass(frozen=True, slots=True)
class LookupFigures:
    """Milliseconds of a look-up, one after another by one asker, and what the roster costs."""

    rows: int
    questions: int
    found: int
    median_ms: float
    p95_ms: float
    p99_ms: float
    most_ms: float
    opening_ms: float
    preparing_s: float
    folder_bytes: int


def measure_lookup(
    folder: Path,
    *,
    rows: int,
    questions: int = QUESTIONS,
    seed: int = SEED,
    memory: int = 6 << 30,
    say: Callable[[str], None] = lambda _words: None,
) -> LookupFigures:
    """Invent a roster and a list, half of which is in it; prepare the roster and ask for each person of the list."""
    say(f"Inventing {rows:,} and {questions:,} persons")
    lists = make_lists(folder, Shape(rows, questions), seed=seed)
    say("Preparing the roster")
    ready, work = folder / "prepared", folder / "work"
    work.mkdir()
    begun = perf_counter()
    prepare(lists.left, ready, work=work, limits=Limits(memory=memory, temporary=work))
    preparing = perf_counter() - begun
    asked = pq.read_table(lists.right, columns=list(COLUMNS)).to_pylist()
    say("Asking")
    begun = perf_counter()
    with Prepared(ready) as prepared:
        opening = perf_counter() - begun
        taken, found = [], 0
        for person in asked:
            begun = perf_counter()
            found += any(each.decision == "match" for each in prepared.find(_as_written(person)))
            taken.append((perf_counter() - begun) * 1000)
    shares = statistics.quantiles(taken, n=100, method="inclusive")
    return LookupFigures(
        rows=rows,
        questions=len(taken),
        found=found,
        median_ms=round(shares[49], 1),
        p95_ms=round(shares[94], 1),
        p99_ms=round(shares[98], 1),
        most_ms=round(max(taken), 1),
        opening_ms=round(opening * 1000, 1),
        preparing_s=round(preparing, 1),
        folder_bytes=sum(path.stat().st_size for path in ready.iterdir()),
    )


def _as_written(person: dict[str, object]) -> dict[str, str | None]:
    return {column: None if value is None else str(value) for column, value in person.items()}


def told(figures: LookupFigures, place: Path) -> Told:
    """What a run says, in lines and as facts; `place` is where it ran."""
    machine = facts_beside(place, {name: version(name) for name in ("duckdb", "pyarrow", "pypinyin")})
    prepared = (
        f"prepared in {figures.preparing_s:,} s, {figures.folder_bytes / 1e6:,.0f} MB, "
        f"opened in {figures.opening_ms:,} ms"
    )
    asked = f"{figures.questions:,} persons asked for, one after another; {figures.found:,} found for sure"
    taken = f"p50 {figures.median_ms} ms, p95 {figures.p95_ms} ms, p99 {figures.p99_ms} ms, most {figures.most_ms} ms"
    lines = [
        f"{machine['date']}: {machine['cores']} cores, {machine['memory_gib']} GiB, load {machine['load']}",
        "",
        f"Roster of {figures.rows:,}: {prepared}",
        asked,
        taken,
        f"p95 (aim: {AIM:g} ms or less): {'held' if figures.p95_ms <= AIM else 'NOT HELD'}",
    ]
    facts = {"bench": "lookup", "machine": machine, "figures": asdict(figures), "aim_ms": AIM}
    return Told(lines, facts)

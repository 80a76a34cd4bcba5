"""How long a look-up in a prepared roster takes: `python -m lianxin.bench.lookup --rows 10000000 --folder FOLDER`."""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import pyarrow.parquet as pq

from lianxin.bench.match.lists import make_lists
from lianxin.bench.match.people import Shape
from lianxin.matching import Limits
from lianxin.matching.clean.lists import COLUMNS
from lianxin.matching.lookup import Prepared, prepare

SEED = 2101
QUESTIONS = 1_000


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


def main() -> None:
    """Measure in a folder that is removed afterwards, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="persons in the roster (1000000)")
    parser.add_argument("--questions", type=int, default=QUESTIONS, help=f"persons asked for ({QUESTIONS})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"what the people are drawn from ({SEED})")
    parser.add_argument("--folder", type=Path, help="where to work: about 8 GB for 10,000,000 rows")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-lookup-", dir=given.folder) as folder:
        figures = measure_lookup(
            Path(folder),
            rows=given.rows,
            questions=given.questions,
            seed=given.seed,
            say=lambda words: print(f"{words} …", file=sys.stderr),  # noqa: T201 - a command of its own
        )
    print(json.dumps(asdict(figures), indent=1))  # noqa: T201 - the same


if __name__ == "__main__":
    main()

"""Two clean rosters in, pairs with decisions out."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from lianxin.matching.comparisons import COMPARISONS
from lianxin.matching.deciding import Cardinality, decide, level_number
from lianxin.matching.features import make_features
from lianxin.matching.keys import keys_sql, make_pairs
from lianxin.matching.model import Model, default_model
from lianxin.matching.reasons import reason
from lianxin.matching.scoring import add_frequencies, score_pairs
from lianxin.matching.words import Language, Words

# Called with what is being done, and the share of the work that is done.
Progress = Callable[[Words, float], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use: memory of the database in bytes, threads, and where its temporary files go."""

    memory: int = 4 * 1024**3
    threads: int | None = None
    temporary: Path | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """What came out: where the pairs lie, and how many there are of each decision."""

    pairs: Path
    left: int
    right: int
    candidates: int
    matches: int
    reviews: int
    in_review: int
    seconds: dict[str, float]


def link(
    left: Path,
    right: Path,
    *,
    out: Path,
    model: Model | None = None,
    cardinality: Cardinality = "one-to-one",
    language: Language = "zh",
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Linked:
    """Find the same persons in two clean rosters; write Parquet `out`, whole or not at all.

    Its columns are left_id, right_id, probability, decision ("match" or "review") and reason, and then one
    `level_…` for each comparison.
    """
    with _database(limits or Limits()) as con:
        stages = _Stages(progress)
        stages.begin(Words("读取左表", "Reading the left list"), "features", 0.0)
        lefts = make_features(con, left, table="left_records")
        stages.begin(Words("读取右表", "Reading the right list"), "features", 0.3)
        rights = make_features(con, right, table="right_records", first=lefts)
        con.execute("create view both_records as from left_records union all by name from right_records")
        larger = "left_records" if lefts >= rights else "right_records"
        stages.begin(Words("寻找候选", "Finding candidates"), "blocking", 0.45)
        pairs = make_pairs(con, keys_sql("left_records", "left"), keys_sql("right_records", "right"))
        decided = _score_and_decide(con, model, max(lefts, rights), larger, cardinality, stages)
        stages.begin(Words("写出结果", "Writing"), "writing", 0.95)
        _write(con, out, language)
        return Linked(out, lefts, rights, pairs, *decided, seconds=stages.end())


def dedupe(
    roster: Path,
    *,
    out: Path,
    model: Model | None = None,
    language: Language = "zh",
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Linked:
    """Find persons who stand more than once in one clean roster; the same output as :func:`link`.

    A person may stand there three times, so records do not compete here: each pair stands for itself.
    """
    with _database(limits or Limits()) as con:
        stages = _Stages(progress)
        stages.begin(Words("读取名单", "Reading the list"), "features", 0.0)
        rows = make_features(con, roster, table="both_records")
        stages.begin(Words("寻找候选", "Finding candidates"), "blocking", 0.45)
        # Both sides are the same records, so either side may lack the birthday.
        pairs = make_pairs(
            con, keys_sql("both_records", "left"), keys_sql("both_records", "right"), same=True
        )
        decided = _score_and_decide(con, model, rows, "both_records", "many", stages)
        stages.begin(Words("写出结果", "Writing"), "writing", 0.95)
        _write(con, out, language, left="both_records", right="both_records")
        return Linked(out, rows, rows, pairs, *decided, seconds=stages.end())


def _score_and_decide(
    con: DuckDBPyConnection,
    model: Model | None,
    size: int,
    larger: str,
    cardinality: Cardinality,
    stages: "_Stages",
) -> tuple[int, int, int]:
    """Make the table `decided`; answer matches, pairs to review, and records in review."""
    chosen = model or default_model()
    stages.begin(Words("比较候选", "Comparing candidates"), "scoring", 0.6)
    add_frequencies(con, larger, "both_records", "records")
    predictions = score_pairs(con, chosen, records="records", pairs="pairs", larger=size)
    stages.begin(Words("作出判断", "Deciding"), "deciding", 0.85)
    decide(con, chosen, predictions, cardinality=cardinality)
    ((matches, reviews, in_review),) = con.execute(
        "select count(*) filter (where decision = 'match'), count(*) filter (where decision = 'review'), "
        "count(distinct rec_r) filter (where decision = 'review') from decided"
    ).fetchall()
    return matches, reviews, in_review


def _write(
    con: DuckDBPyConnection,
    out: Path,
    language: Language,
    *,
    left: str = "left_records",
    right: str = "right_records",
) -> None:
    names = [comparison.name for comparison in COMPARISONS]
    gammas = ", ".join(f"gamma_{name}" for name in names)
    patterns = con.execute(f"select distinct {gammas} from decided").fetchall()
    told = [{name: _level_name(name, n) for name, n in zip(names, p, strict=True)} for p in patterns]
    sentences = pa.table(
        {
            **{
                f"gamma_{name}": pa.array([p[n] for p in patterns], pa.int32())
                for n, name in enumerate(names)
            },
            **{f"level_{name}": pa.array([levels[name] for levels in told], pa.string()) for name in names},
            "reason": pa.array([reason(levels, language) for levels in told], pa.string()),
        }
    )
    con.register("sentences", sentences)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f"{out.name}.partial")
    try:
        con.execute(
            f"""copy (
              select l.record_id as left_id, r.record_id as right_id, d.probability, d.decision, s.reason,
                d.match_weight as weight, {", ".join(f"s.level_{name}" for name in names)}
              from decided as d join sentences as s using ({gammas})
              join {left} as l on l.rec = d.rec_l join {right} as r on r.rec = d.rec_r
              order by d.rec_r, d.decision, d.probability desc, d.rec_l
            ) to '{partial}' (format parquet)"""
        )
        partial.replace(out)
    finally:
        con.unregister("sentences")
        partial.unlink(missing_ok=True)


def _level_name(comparison: str, number: int) -> str:
    (found,) = (c for c in COMPARISONS if c.name == comparison)
    return next(level.name for level in found.levels if level_number(found, level.name) == number)


@contextmanager
def _database(limits: Limits) -> Iterator[DuckDBPyConnection]:
    """A database of its own, whose temporary files are removed whatever happens."""
    if limits.temporary:
        limits.temporary.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="lianxin-match-", dir=limits.temporary))
    try:
        with duckdb.connect(str(folder / "match.duckdb")) as con:
            con.execute(f"set memory_limit = '{limits.memory // 1024**2} MiB'")
            con.execute(f"set threads = {limits.threads or os.cpu_count() or 1}")
            con.execute(f"set temp_directory = '{folder}'")
            con.execute("set preserve_insertion_order = false")
            yield con
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Stages:
    """Says what is being done, and remembers how long it took."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}
        self.stage: str | None = None
        self.since = monotonic()

    def begin(self, words: Words, stage: str, done: float) -> None:
        self.end()
        self.stage, self.since = stage, monotonic()
        if self.progress:
            self.progress(words, done)

    def end(self) -> dict[str, float]:
        if self.stage:
            self.seconds[self.stage] = self.seconds.get(self.stage, 0.0) + monotonic() - self.since
            self.stage = None
        return self.seconds

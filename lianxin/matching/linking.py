"""Two clean rosters in, pairs with decisions out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pyarrow as pa

from lianxin.matching.answers import Answer, take_answers
from lianxin.matching.comparisons import COMPARISONS
from lianxin.matching.deciding import Cardinality, Evidence, decide, level_name
from lianxin.matching.engines import Database, Engine, Limits, Opening
from lianxin.matching.engines.duck import open_duckdb
from lianxin.matching.households import find_households
from lianxin.matching.keys import keys_sql, make_pairs
from lianxin.matching.model import Model, default_model
from lianxin.matching.paths import quoted
from lianxin.matching.reasons import reason
from lianxin.matching.scoring import add_frequencies, predict
from lianxin.matching.weighing import with_answered
from lianxin.matching.words import Language, Progress, Words

__all__ = ["Limits", "Linked", "Progress", "dedupe", "link"]


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


def link(  # noqa: PLR0913 - all but the lists have a default
    left: Path,
    right: Path,
    *,
    out: Path,
    model: Model | None = None,
    cardinality: Cardinality = "one-to-one",
    answers: Sequence[Answer] = (),
    language: Language = "zh",
    limits: Limits | None = None,
    progress: Progress | None = None,
    engine: Opening = open_duckdb,
) -> Linked:
    """Find the same persons in two clean rosters; write Parquet `out`, whole or not at all.

    Its columns are left_id, right_id, probability, decision ("match" or "review") and reason, and then one
    `level_…` for each comparison. `answers` of a person stand, whatever the score.
    """
    with engine(limits or Limits()) as db:
        stages = _Stages(progress)
        stages.begin(Words("读取左表", "Reading the left list"), "features", 0.0)
        lefts = db.make_features(left, table="left_records")
        stages.begin(Words("读取右表", "Reading the right list"), "features", 0.3)
        rights = db.make_features(right, table="right_records", first=lefts)
        db.execute("create or replace view both_records as from left_records union all from right_records")
        larger = "left_records" if lefts >= rights else "right_records"
        stages.begin(Words("寻找候选", "Finding candidates"), "blocking", 0.45)
        pairs = make_pairs(db, keys_sql("left_records", "left"), keys_sql("right_records", "right"))
        decided = _score_and_decide(
            db, model, max(lefts, rights), larger, cardinality, stages, take_answers(db, answers)
        )
        stages.begin(Words("写出结果", "Writing"), "writing", 0.95)
        _write(db, out, language)
        return Linked(out, lefts, rights, pairs, *decided, seconds=stages.end())


def dedupe(
    roster: Path,
    *,
    out: Path,
    model: Model | None = None,
    language: Language = "zh",
    limits: Limits | None = None,
    progress: Progress | None = None,
    engine: Opening = open_duckdb,
) -> Linked:
    """Find persons who stand more than once in one clean roster; the same output as :func:`link`.

    A person may stand there three times, so records do not compete here: each pair stands for itself.
    """
    with engine(limits or Limits()) as db:
        stages = _Stages(progress)
        stages.begin(Words("读取名单", "Reading the list"), "features", 0.0)
        rows = db.make_features(roster, table="both_records")
        stages.begin(Words("寻找候选", "Finding candidates"), "blocking", 0.45)
        # Both sides are the same records, so either side may lack the birthday.
        pairs = make_pairs(db, keys_sql("both_records", "left"), keys_sql("both_records", "right"), same=True)
        decided = _score_and_decide(db, model, rows, "both_records", "many", stages)
        stages.begin(Words("写出结果", "Writing"), "writing", 0.95)
        _write(db, out, language, left="both_records", right="both_records")
        return Linked(out, rows, rows, pairs, *decided, seconds=stages.end())


def _score_and_decide(
    db: Engine,
    model: Model | None,
    size: int,
    larger: str,
    cardinality: Cardinality,
    stages: "_Stages",
    answers: str | None = None,
) -> tuple[int, int, int]:
    """Make the table `decided`; answer matches, pairs to review, and records in review."""
    chosen = model or default_model()
    stages.begin(Words("比较候选", "Comparing candidates"), "scoring", 0.6)
    add_frequencies(db, larger, "both_records", "records")
    predictions = predict(db.splink(), chosen, records="records", pairs="pairs", larger=size)
    if answers:
        predictions = with_answered(db, chosen, predictions, answers, larger=size)
    stages.begin(Words("作出判断", "Deciding"), "deciding", 0.85)
    decide_twice(db, chosen, predictions, cardinality=cardinality, answers=answers)
    ((matches, reviews, in_review),) = db.execute(
        "select count(*) filter (where decision = 'match'), count(*) filter (where decision = 'review'), "
        "count(distinct rec_r) filter (where decision = 'review') from decided"
    ).fetchall()
    return matches, reviews, in_review


def decide_twice(
    con: Database,
    model: Model,
    predictions: str,
    *,
    cardinality: Cardinality,
    answers: str | None = None,
) -> Evidence:
    """Make the table `decided`: once by the scores, once more with what the households of the matched say.

    Answers what was known beside the scores. One list with itself ("many") has its households' doubles in it.
    """
    evidence = Evidence(answers=answers)
    decide(con, model, predictions, cardinality=cardinality, evidence=evidence)
    if cardinality == "many":
        return evidence
    household = find_households(con, model, predictions, left="left_records", right="right_records")
    if household:
        evidence = Evidence(household=household, answers=answers)
        decide(con, model, predictions, cardinality=cardinality, evidence=evidence)
    return evidence


def _write(
    db: Engine,
    out: Path,
    language: Language,
    *,
    left: str = "left_records",
    right: str = "right_records",
) -> None:
    names = [comparison.name for comparison in COMPARISONS]
    kinds = ", ".join(["raised", "answered", *(f"gamma_{name}" for name in names)])
    con = db.bring(
        "select l.record_id as left_id, r.record_id as right_id, d.rec_l, d.rec_r, d.probability, d.decision, "
        "d.match_weight + d.household as weight, d.household > 0 as raised, coalesce(d.answer, '') as answered, "
        f"{', '.join(f'gamma_{name}' for name in names)} from decided as d "
        f"join {left} as l on l.rec = d.rec_l join {right} as r on r.rec = d.rec_r",
        "found",
    )
    patterns = con.execute(f"select distinct {kinds} from found").fetchall()
    levels = [{name: level_name(name, n) for name, n in zip(names, p[2:], strict=True)} for p in patterns]
    spoken = [
        reason(reached, language, household=p[0], answer=p[1])
        for reached, p in zip(levels, patterns, strict=True)
    ]
    sentences = pa.table(
        {
            "raised": pa.array([p[0] for p in patterns], pa.bool_()),
            "answered": pa.array([p[1] for p in patterns], pa.string()),
            **{
                f"gamma_{name}": pa.array([p[n] for p in patterns], pa.int32())
                for n, name in enumerate(names, start=2)
            },
            **{
                f"level_{name}": pa.array([reached[name] for reached in levels], pa.string())
                for name in names
            },
            "reason": pa.array(spoken, pa.string()),
        }
    )
    con.register("sentences", sentences)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f"{out.name}.partial")
    try:
        con.execute(
            f"""copy (
              select left_id, right_id, probability, decision, s.reason,
                weight, {", ".join(f"s.level_{name}" for name in names)}
              from found join sentences as s using ({kinds})
              order by rec_r, decision, probability desc, rec_l
            ) to '{quoted(partial)}' (format parquet)"""
        )
        partial.replace(out)
    finally:
        con.unregister("sentences")
        partial.unlink(missing_ok=True)


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

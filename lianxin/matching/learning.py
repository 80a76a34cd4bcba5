"""A better model from what people have answered: chances counted again, thresholds measured on answers held back.

What was a match counts as one person, as in a step of EM; answers stand for all pairs of the review. What the model
knew before counts as well, so that ten answers move next to nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import blake2b
from pathlib import Path

from duckdb import DuckDBPyConnection

from lianxin.matching.answers import Answer, take_answers
from lianxin.matching.comparisons import COMPARISONS
from lianxin.matching.counting import Counts, chances_of
from lianxin.matching.deciding import (
    NAME_HOLDS,
    OTHER_BIRTH,
    OTHER_NUMBER,
    SAME_NUMBER,
    Cardinality,
    Evidence,
    judged_sql,
    level_name,
)
from lianxin.matching.engines import Limits
from lianxin.matching.engines.duck import Duck, open_duckdb
from lianxin.matching.keys import keys_sql, make_pairs
from lianxin.matching.linking import decide_twice
from lianxin.matching.lookup import digest
from lianxin.matching.model import Model, default_model
from lianxin.matching.scoring import add_frequencies, predict
from lianxin.matching.words import Progress, Words, silent

# What the model knew before counts as so many pairs: of one person, and of others (u was counted on millions).
PRIOR_SAME = 200.0
PRIOR_OTHER = 1_000_000.0
# The part of the answers that is held back, and how many of each part it takes to move a threshold.
HELD = 1 / 3
LEAST_FITTED, LEAST_HELD = 40, 20
# What is aimed at: how right matches are, and how many of those found are not lost below the review.
PRECISION = 0.999
LOST = 0.002
# However good answers look, a match is at least so likely.
LOWEST_MATCH = 0.8


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned from: answers by kind, those fitted and held back, and what was measured on the latter.

    `matches` were taken to be one person each. Precision is of all that would be a match, recall of the answered
    pairs that are one person; both are nothing when too few answers were held back, and thresholds stay then.
    """

    yes: int
    no: int
    unsure: int
    fitted: int
    held: int
    matches: int
    precision: float | None
    recall: float | None
    moved: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    """An answered pair under the new chances; `able`: the rules let it be a match."""

    same: bool
    held: bool
    probability: float
    able: bool


def learn(
    left: Path,
    right: Path,
    answers: Sequence[Answer],
    *,
    at: date,
    model: Model | None = None,
    cardinality: Cardinality = "one-to-one",
    seed: int = 1,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> tuple[Model, Learned]:
    """A model made better by answers about pairs of two clean rosters; the old one stays as it is.

    The same lists, answers and seed give the same model.
    """
    say = progress or silent
    base = model or default_model()
    with open_duckdb(replace(limits or Limits(), threads=1)) as db:
        size = _prepare(db, left, right, say)
        say(Words("比较候选", "Comparing candidates"), 0.5)
        predictions = predict(db.splink(), base, records="records", pairs="pairs", larger=size)
        decide_twice(db, base, predictions, cardinality=cardinality)
        held = {_key(a): _draw(a, seed) < HELD for a in answers}
        fitted = [answer for answer in answers if not held[_key(answer)]]
        said = take_answers(db, fitted, "fitted") if fitted else None
        chances = base.chances
        if said:
            same, other = _count(db.con, said)
            better = chances_of(same, {}, before=base.chances, weight=PRIOR_SAME)
            others = chances_of({}, other, before=base.chances, weight=PRIOR_OTHER)
            chances = {
                name: {level: replace(better[name][level], u=others[name][level].u) for level in levels}
                for name, levels in base.chances.items()
            }
        learned = base.with_chances(chances, note=base.note)
        say(Words("量出阈值", "Measuring the thresholds"), 0.8)
        again = predict(db.splink(), learned, records="records", pairs="pairs", larger=size)
        judged = _judge(db, learned, again, answers, held, cardinality)
        ((matches,),) = db.con.execute(
            "select count(*) from decided anti join all_answers using (rec_l, rec_r) where decision = 'match'"
        ).fetchall()
    match, review, told = _thresholds(base, judged, answers, held, matches)
    facts = {"kind": "answers", "date": at.isoformat(), "seed": seed, "before": digest(base), **asdict(told)}
    better_model = replace(learned, match=match, review=review, provenance=(*base.provenance, facts))
    return better_model, told


def _prepare(db: Duck, left: Path, right: Path, say: Progress) -> int:
    """Make `records` and `pairs` as a comparison does; answer the size of the larger list."""
    say(Words("读取左表", "Reading the left list"), 0.0)
    lefts = db.make_features(left, table="left_records")
    say(Words("读取右表", "Reading the right list"), 0.2)
    rights = db.make_features(right, table="right_records", first=lefts)
    db.execute(
        "create or replace view both_records as from left_records union all by name from right_records"
    )
    say(Words("寻找候选", "Finding candidates"), 0.35)
    make_pairs(db, keys_sql("left_records", "left"), keys_sql("right_records", "right"))
    larger = "left_records" if lefts >= rights else "right_records"
    add_frequencies(db, larger, "both_records", "records")
    return max(lefts, rights)


def _key(answer: Answer) -> tuple[str, str]:
    return answer.left_id, answer.right_id


def _draw(answer: Answer, seed: int) -> float:
    """A number between 0 and 1 for each pair, the same for each seed."""
    drawn = blake2b(repr((seed, *_key(answer))).encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") / 2**64


def _count(con: DuckDBPyConnection, answers: str) -> tuple[Counts, Counts]:
    """Levels among pairs of one person (matches as far as likely, answers for all of the review), and others."""
    ((review, answered),) = con.execute(
        f"""select count(*), count(a.answer) filter (where a.answer <> 'unsure')
        from decided as d left join {answers} as a using (rec_l, rec_r) where decision = 'review'"""
    ).fetchall()
    scale = max(1.0, review / answered) if answered else 1.0
    con.execute(
        f"""create or replace temp table told as
        select d.* exclude (answer), a.answer, case
            when a.answer is null then d.probability when d.decision = 'review' then {scale!r} else 1.0 end as weight
        from decided as d left join {answers} as a using (rec_l, rec_r)
        where a.answer in ('yes', 'no') or (a.answer is null and d.decision = 'match')"""
    )
    same: dict[str, dict[str, float]] = {}
    other: dict[str, dict[str, float]] = {}
    for comparison in COMPARISONS:
        rows = con.execute(
            f"""select gamma_{comparison.name}, coalesce(answer, 'yes'), round(sum(weight), 6) from told
            group by 1, 2 order by 1, 2"""
        ).fetchall()
        for into, wanted in ((same, "yes"), (other, "no")):
            into[comparison.name] = {
                level_name(comparison.name, number): float(total)
                for number, answer, total in rows
                if answer == wanted
            }
    return same, other


def _judge(
    db: Duck,
    model: Model,
    predictions: str,
    answers: Sequence[Answer],
    held: dict[tuple[str, str], bool],
    cardinality: Cardinality,
) -> list[_Judged]:
    """The answered pairs as the new chances see them, without what was answered."""
    take_answers(db, answers, "all_answers")
    sql = judged_sql(model, predictions, cardinality=cardinality, evidence=Evidence(), every=True)
    rows = db.con.execute(
        f"""select l.record_id, r.record_id, a.answer, coalesce(j.probability, 0.0),
          coalesce(not ({OTHER_NUMBER}) and (({SAME_NUMBER}) or (({NAME_HOLDS}) and not ({OTHER_BIRTH}))), false)
        from all_answers as a
        join left_records as l on l.rec = a.rec_l join right_records as r on r.rec = a.rec_r
        left join ({sql}) as j on j.rec_l = a.rec_l and j.rec_r = a.rec_r
        where a.answer <> 'unsure' order by 1, 2"""
    ).fetchall()
    return [
        _Judged(answer == "yes", held[left_id, right_id], probability, able)
        for left_id, right_id, answer, probability, able in rows
    ]


def _thresholds(
    base: Model,
    judged: Sequence[_Judged],
    answers: Sequence[Answer],
    held: dict[tuple[str, str], bool],
    matches: int,
) -> tuple[float, float, Learned]:
    """Both thresholds, from the answers fitted; moved only when the answers held back say that they may."""
    fitted = [each for each in judged if not each.held]
    kept = [each for each in judged if each.held]
    enough = len(fitted) >= LEAST_FITTED and len(kept) >= LEAST_HELD
    match, review = (_match_from(base, fitted, matches), base.review) if enough else (base.match, base.review)
    if enough:
        review = _review_from(base, fitted, match, matches)
    precision = _precision(kept, match, matches) if enough else None
    moved = (
        enough
        and precision is not None
        and precision >= PRECISION
        and (match, review) != (base.match, base.review)
    )
    if not moved:
        match, review = base.match, base.review
        precision = _precision(kept, match, matches) if enough else None
    same = [each for each in kept if each.same]
    found = sum(each.probability >= review for each in same)
    said = [answer.said for answer in answers]
    told = Learned(
        yes=said.count("yes"),
        no=said.count("no"),
        unsure=said.count("unsure"),
        fitted=sum(not each for each in held.values()),
        held=sum(held.values()),
        matches=matches,
        precision=precision,
        recall=found / len(same) if enough and same else None,
        moved=moved,
    )
    return match, review, told


def _match_from(base: Model, fitted: Sequence[_Judged], matches: int) -> float:
    """The lowest threshold at which all that would be a match is right often enough, with one fault to spare."""
    for threshold in sorted({_rounded(each.probability) for each in fitted if each.able}):
        if threshold >= LOWEST_MATCH and _precision(fitted, threshold, matches, spare=1) >= PRECISION:
            return threshold
    return base.match


def _review_from(base: Model, fitted: Sequence[_Judged], match: float, matches: int) -> float:
    """The highest threshold below which hardly anybody is lost; never below the old one, for nobody looked there."""
    same = sorted(each.probability for each in fitted if each.same)
    may_be_lost = int(LOST * (matches + len(same)))
    bound = same[may_be_lost] if may_be_lost < len(same) else match
    return max(base.review, min(match, _rounded(bound)))


def _precision(judged: Sequence[_Judged], threshold: float, matches: int, *, spare: int = 0) -> float:
    """How right all matches would be: those nobody was asked about, and the answered ones from the threshold on."""
    taken = [each for each in judged if each.able and each.probability >= threshold]
    right = sum(each.same for each in taken)
    return (matches + right) / max(1, matches + len(taken) + spare)


def _rounded(probability: float) -> float:
    return int(probability * 10_000) / 10_000

"""How the probability of one pair comes about: every weight that was added, who competed, and the rule that held.

The figures are those of the run itself: the same features, frequencies, candidates, households and answers, reckoned
again for the records that can touch this pair, and for no others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from lianxin.matching.answers import Answer, take_answers
from lianxin.matching.comparisons import COMPARISONS, Comparison, Level
from lianxin.matching.counting import both_sides
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
from lianxin.matching.engines.duck import open_duckdb
from lianxin.matching.features import make_features
from lianxin.matching.households import homes_sql
from lianxin.matching.keys import keys_sql, make_pairs
from lianxin.matching.linking import decide_twice
from lianxin.matching.lookup import Prepared, clean_asked, pair_columns
from lianxin.matching.model import Model, default_model
from lianxin.matching.problems import Problem
from lianxin.matching.rules import rule, rule_words
from lianxin.matching.scoring import add_frequencies
from lianxin.matching.weighing import prior_weight, weigh, weights_sql, with_answered
from lianxin.matching.words import Progress, Words, silent

_RIVALS_TOLD = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One comparison: the level reached, how often it is among one person (m) and among others (u), what it adds.

    `weight` is log2(m / u). `adjustment` is what the frequency of the name adds: `share` stands for u then.
    """

    comparison: str
    words: Words
    level: str
    level_words: Words
    m: float | None
    u: float | None
    weight: float
    share: float | None
    adjustment: float


@dataclass(frozen=True, slots=True)
class Rival:
    """Another candidate of one of the two records, and its weight."""

    left_id: str
    right_id: str
    weight: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A pair from its first weight to its decision.

    `start` + weights and adjustments of all steps + `household` = `weight`; `odds` = 2 to that power, at most 10^15;
    `probability` = `odds` ÷ (1 + `all_odds`), where `all_odds` are its own and those of its rivals. An answer of a
    person overrides it.
    """

    left_id: str
    right_id: str
    larger: int
    known: float
    start: float
    steps: tuple[Step, ...]
    household: float
    weight: float
    odds: float
    all_odds: float
    rivals: tuple[Rival, ...]
    rivals_in_all: int
    met: bool
    probability: float
    decision: str | None
    rule: str
    rule_words: Words

    def as_dict(self) -> dict[str, Any]:
        """For JSON; words in both languages."""
        return asdict(self)


def explain(
    left: Path,
    right: Path,
    left_id: str,
    right_id: str,
    *,
    model: Model | None = None,
    cardinality: Cardinality = "one-to-one",
    answers: Sequence[Answer] = (),
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Waterfall:
    """Why `link` says what it says about two records of two clean rosters. Raises ``Problem`` for an unknown record."""
    say = progress or silent
    chosen = model or default_model()
    with open_duckdb(limits or Limits()) as db:
        con = db.con
        say(Words("读取左表", "Reading the left list"), 0.0)
        lefts = make_features(con, left, table="left_records")
        say(Words("读取右表", "Reading the right list"), 0.5)
        rights = make_features(con, right, table="right_records", first=lefts)
        con.execute("create view both_records as from left_records union all by name from right_records")
        say(Words("比较相关的候选", "Comparing the candidates concerned"), 0.8)
        larger = max(lefts, rights)
        add_frequencies(
            con, "left_records" if lefts >= rights else "right_records", "both_records", "records"
        )
        rec_l, rec_r = _rec(con, "left_records", left_id), _rec(con, "right_records", right_id)
        met = _pairs_around(con, rec_l, rec_r)
        weigh(con, chosen, both=both_sides(con, "records", "pairs"), larger=larger, table="weighed")
        said = take_answers(db, answers)
        predictions = with_answered(db, chosen, "weighed", said, larger=larger) if said else "weighed"
        evidence = decide_twice(con, chosen, predictions, cardinality=cardinality, answers=said)
        con.execute(f"create temp table pair as select {rec_l} as join_key_l, {rec_r} as join_key_r")
        both = both_sides(con, "records", "pair")
        return _waterfall(
            con, chosen, predictions, both, (rec_l, rec_r), larger, cardinality, evidence, met=met
        )


def explain_found(
    prepared: Prepared, person: Mapping[str, str | None], left_id: str, *, clean: bool = False
) -> Waterfall:
    """Why a look-up says what it says about one of its candidates; `clean`: the person is a row of a clean roster."""
    prepared.weigh_clean(person if clean else clean_asked(person))
    con = prepared.con
    rec_l, rec_r = _rec(con, "left_records", left_id), prepared.rows
    both = f"(select * from {pair_columns(con)} where rec_l = {rec_l})"
    return _waterfall(
        con,
        prepared.model,
        "weighed",
        both,
        (rec_l, rec_r),
        prepared.rows,
        "one-to-one",
        Evidence(),
        met=True,
    )


def _rec(con: DuckDBPyConnection, records: str, record_id: str) -> int:
    found = con.execute(f"select rec from {records} where record_id = ?", [record_id]).fetchall()
    if not found:
        words = Words(
            "没有这个编号的记录（左、右编号各一个；查询时只能解释查到的候选）。",
            "There is no record with this key (a left one and a right one; of a look-up, one of its candidates).",
        )
        raise Problem("record_unknown", words)
    return int(found[0][0])


def _pairs_around(con: DuckDBPyConnection, rec_l: int, rec_r: int) -> bool:
    """Make `pairs` of all that can touch this one; answer whether the two meet.

    Candidates of either record compete. Whether a household speaks for one of those is decided among its members and
    their candidates.
    """
    _make_focus(con, f"values ({rec_l})", f"values ({rec_r})")
    _meet(con)
    ((met,),) = con.execute(
        f"select count(*) > 0 from pairs where join_key_l = {rec_l} and join_key_r = {rec_r}"
    ).fetchall()
    con.execute("create temp table around as from pairs")
    for side, records in (("l", "left_records"), ("r", "right_records")):
        con.execute(
            f"""create temp table members_{side} as
            select rec from ({homes_sql(records, f"select join_key_{side} from around")}) as homes"""
        )
    _make_focus(
        con,
        f"select rec from members_l union select {rec_l}",
        f"select rec from members_r union select {rec_r}",
    )
    _meet(con)
    return bool(met)


def _make_focus(con: DuckDBPyConnection, lefts: str, rights: str) -> None:
    for side, records, chosen in (("l", "left_records", lefts), ("r", "right_records", rights)):
        con.execute(f"create or replace temp table focus_{side} as from {records} where rec in ({chosen})")


def _meet(con: DuckDBPyConnection) -> None:
    """Make `pairs` of the records in focus with all others: what the run's own join finds for them."""
    con.execute(
        f"""create or replace temp table focus_keys as select distinct key
        from ({keys_sql("focus_l", "left")} union all {keys_sql("focus_r", "right")})"""
    )
    wanted = "where key in (select key from focus_keys)"
    make_pairs(
        con,
        f"select * from ({keys_sql('left_records', 'left')}) {wanted}",
        f"select * from ({keys_sql('right_records', 'right')}) {wanted}",
    )
    con.execute(
        """delete from pairs where join_key_l not in (select rec from focus_l)
        and join_key_r not in (select rec from focus_r)"""
    )


def _waterfall(
    con: DuckDBPyConnection,
    model: Model,
    predictions: str,
    both: str,
    pair: tuple[int, int],
    larger: int,
    cardinality: Cardinality,
    evidence: Evidence,
    *,
    met: bool,
) -> Waterfall:
    con.execute(
        "create or replace temp table judged as "
        + judged_sql(model, predictions, cardinality=cardinality, evidence=evidence, every=True)
    )
    names = [c.name for c in COMPARISONS]
    columns = ", ".join(["tf_adj_name", *(f"gamma_{n}" for n in names), *(f"mw_{n}" for n in names)])
    ((summed, adjustment, *numbers),) = con.execute(
        f"select match_weight, {columns} from ({weights_sql(model, both=both, larger=larger, every=True)})"
    ).fetchall()
    gammas, weights = numbers[: len(names)], numbers[len(names) :]
    steps = tuple(
        _step(model, comparison, level_name(comparison.name, gamma), weight, adjustment)
        for comparison, gamma, weight in zip(COMPARISONS, gammas, weights, strict=True)
    )
    rules = f"({SAME_NUMBER}), ({OTHER_NUMBER}), ({NAME_HOLDS}), ({OTHER_BIRTH})"
    found = con.execute(
        f"""select match_weight, household, odds, rivals, probability, decision, shown, answer, {rules}
        from judged where rec_l = ? and rec_r = ?""",
        list(pair),
    ).fetchall()
    ((left_id, right_id),) = con.execute(
        """select (select record_id from left_records where rec = ?),
          (select record_id from right_records where rec = ?)""",
        list(pair),
    ).fetchall()
    rivals, count = _rivals(con, pair, cardinality)
    if found:
        weight, household, odds, all_odds, probability, decision, shown, answer, *held = found[0]
        code, words = rule(model, probability, decision, shown=shown, answer=answer, held=held)
    else:
        weight, household, decision = summed, 0.0, None
        odds = 2.0**summed
        all_odds = odds + sum(2.0**rival.weight for rival in rivals)
        probability = odds / (1 + all_odds)
        shown, code = False, "unlikely" if met else "not_met"
        words = rule_words(model, code)
    return Waterfall(
        left_id=left_id,
        right_id=right_id,
        larger=larger,
        known=model.known,
        start=prior_weight(model, larger),
        steps=steps,
        household=household,
        weight=weight + household,
        odds=odds,
        all_odds=all_odds,
        rivals=tuple(rivals),
        rivals_in_all=count,
        met=met,
        probability=probability,
        decision=decision if shown else None,
        rule=code,
        rule_words=words,
    )


def _step(model: Model, comparison: Comparison, name: str, weight: float, adjustment: float) -> Step:
    level = next(each for each in comparison.levels if each.name == name)
    chance = None if level.nothing else model.chances[comparison.name][name]
    adjusted = adjustment if level.frequency else 0.0
    return Step(
        comparison=comparison.name,
        words=comparison.words,
        level=name,
        level_words=_said(comparison, level),
        m=chance.m if chance else None,
        u=chance.u if chance else None,
        weight=weight,
        share=chance.u / 2**adjusted if chance and level.frequency else None,
        adjustment=adjusted,
    )


def _said(comparison: Comparison, level: Level) -> Words:
    """The level in words that stand alone: "not given" says of what."""
    if not level.nothing:
        return level.words
    return Words(f"{comparison.words.zh}{level.words.zh}", f"{comparison.words.en} {level.words.en}")


def _rivals(
    con: DuckDBPyConnection, pair: tuple[int, int], cardinality: Cardinality
) -> tuple[list[Rival], int]:
    """Those who compete for the record that has the stronger competition."""
    rec_l, rec_r = pair
    sides = {"one-to-one": ("r", "l"), "one-to-many": ("r",), "many": ()}[cardinality]
    best: list[Any] = []
    for side in sides:
        rec = rec_r if side == "r" else rec_l
        rows = con.execute(
            f"""select l.record_id, r.record_id, match_weight + household, odds from judged as j
            join left_records as l on l.rec = j.rec_l join right_records as r on r.rec = j.rec_r
            where rec_{side} = ? and not (rec_l = ? and rec_r = ?) and odds > 0 order by odds desc, 1, 2""",
            [rec, rec_l, rec_r],
        ).fetchall()
        if sum(row[3] for row in rows) > sum(row[3] for row in best):
            best = rows
    return [Rival(*row[:3]) for row in best[:_RIVALS_TOLD]], len(best)

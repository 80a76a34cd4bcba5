"""From scores to decisions: candidates of one record compete, and what a score must not decide alone goes to review."""

from dataclasses import dataclass
from typing import Literal

from lianxin.matching.comparisons import COMPARISONS, Comparison
from lianxin.matching.engines import Database
from lianxin.matching.model import Model

Cardinality = Literal["one-to-one", "one-to-many", "many"]

# A record of the smaller list is shown with at most so many candidates.
MOST_CANDIDATES = 3

# Names that may be one name written twice.
_NAME_HOLDS = ("exact", "sound", "look", "near", "order", "short")


_BEST = f"(settled = 1 and place = 1) or (settled = 0 and place <= {MOST_CANDIDATES})"


def level_number(comparison: Comparison, level: str) -> int:
    """Splink's number for a level: the best has the highest, 0 is "all other", -1 says nothing."""
    told = [each.name for each in comparison.levels if not each.nothing]
    return len(told) - 1 - told.index(level) if level in told else -1


def level_name(comparison: str, number: int) -> str:
    """The level that has this number."""
    (found,) = (c for c in COMPARISONS if c.name == comparison)
    return next(level.name for level in found.levels if level_number(found, level.name) == number)


def level_case(name: str, levels: tuple[str, ...]) -> str:
    """A condition on Splink's `gamma_` column: the level is one of these."""
    (comparison,) = (c for c in COMPARISONS if c.name == name)
    numbers = ", ".join(str(level_number(comparison, level)) for level in levels)
    return f"gamma_{name} in ({numbers})"


# What a score must not decide alone, as conditions on Splink's levels.
NAME_HOLDS = level_case("name", _NAME_HOLDS)
SAME_NUMBER = level_case("number", ("exact",))
OTHER_NUMBER = level_case("number", ("other",))
OTHER_BIRTH = level_case("birth", ("year", "else"))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known beside the scores, as tables: `household` (rec_l, rec_r, weight), `answers` (…, answer)."""

    household: str | None = None
    answers: str | None = None

    @property
    def columns(self) -> str:
        """The columns `household` and `answer` of a prediction."""
        household = "coalesce(h.weight, 0.0)" if self.household else "0.0::double"
        return f"{household} as household, {'a.answer' if self.answers else 'null::varchar'} as answer"

    @property
    def joins(self) -> str:
        """What brings them there."""
        known = [(self.household, "h"), (self.answers, "a")]
        return " ".join(
            f"left join {table} as {name} on {name}.rec_l = p.rec_l and {name}.rec_r = p.rec_r"
            for table, name in known
            if table
        )


def decide(
    con: Database,
    model: Model,
    predictions: str,
    *,
    cardinality: Cardinality = "one-to-one",
    evidence: Evidence = Evidence(),
) -> None:
    """Make the table `decided` from Splink's predictions: rec_l, rec_r, probability, decision and the levels.

    A record has at most one counterpart, so its candidates share one probability: five equally good ones have a fifth
    each. ("many", for one list with itself, lets each pair stand alone.) A name or birthday that differs
    needs the same identity number to be a match: father and son, brothers and twins share all else. Two valid numbers
    that differ are never one person. What a person has answered stands, and who was answered for competes no more.
    """
    judged = judged_sql(model, predictions, cardinality=cardinality, evidence=evidence)
    con.execute(
        f"""create or replace table decided as
        select rec_l, rec_r, match_weight, household, answer, probability, decision,
          {", ".join(f"gamma_{c.name}, mw_{c.name}" for c in COMPARISONS)}
        from ({judged}) where shown"""
    )


def judged_sql(
    model: Model, predictions: str, *, cardinality: Cardinality, evidence: Evidence, every: bool = False
) -> str:
    """A SELECT of predictions with odds, rivals, probability, decision, and whether they are shown.

    `every`: also those without a decision, for whoever wants to know why.
    """
    rivals = {"one-to-one": "greatest(odds_r, odds_l)", "one-to-many": "odds_r", "many": "odds"}[cardinality]
    taken = {
        "one-to-one": "(bool_or(answer = 'yes') over of_r or bool_or(answer = 'yes') over of_l)",
        "one-to-many": "bool_or(answer = 'yes') over of_r",
        "many": "false",
    }[cardinality]
    told = (
        f"case when answer = 'no' or (answer is distinct from 'yes' and coalesce({taken}, false)) then 0.0 "
        "else least(power(2, match_weight + household), 1e15) end"
        if evidence.answers
        else "least(power(2, match_weight + household), 1e15)"
    )
    return f"""
        with known as (
          select p.*, {evidence.columns} from {predictions} as p {evidence.joins}
        ), odds as (
          select *, {told} as odds from known window of_r as (partition by rec_r), of_l as (partition by rec_l)
        ), shared as (
          select *, sum(odds) over (partition by rec_r) as odds_r, sum(odds) over (partition by rec_l) as odds_l
          from odds
        ), fair as (
          select *, {rivals} as rivals,
            case when answer = 'yes' then 1.0 else odds / (1 + {rivals}) end as probability from shared
        ), judged as (
          select *, case
            when answer = 'yes' then 'match' when answer = 'no' then null when answer = 'unsure' then 'review'
            when probability >= {model.match} and not ({OTHER_NUMBER})
              and ({SAME_NUMBER} or ({NAME_HOLDS} and not ({OTHER_BIRTH}))) then 'match'
            when probability >= {model.review} and not ({OTHER_NUMBER}) then 'review' end as decision
          from fair
        ), ranked as (
          select *, row_number() over (
              partition by rec_r order by decision = 'match' desc nulls last, decision is null, odds desc, rec_l
            ) as place,
            max(case when decision = 'match' then 1 else 0 end) over (partition by rec_r) as settled
          from judged {"" if every else "where decision is not null"}
        )
        select *, decision is not null and ({"true" if cardinality == "many" else _BEST}) as shown from ranked"""

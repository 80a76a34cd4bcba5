"""From scores to decisions: candidates of one record compete, and what a score must not decide alone goes to review."""

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


def level_case(name: str, levels: tuple[str, ...]) -> str:
    """A condition on Splink's `gamma_` column: the level is one of these."""
    (comparison,) = (c for c in COMPARISONS if c.name == name)
    numbers = ", ".join(str(level_number(comparison, level)) for level in levels)
    return f"gamma_{name} in ({numbers})"


def decide(
    con: Database,
    model: Model,
    predictions: str,
    *,
    cardinality: Cardinality = "one-to-one",
) -> None:
    """Make the table `decided` from Splink's predictions: rec_l, rec_r, probability, decision and the levels.

    A record has at most one counterpart, so its candidates share one probability: five equally good ones have a fifth
    each. ("many", for one list with itself, lets each pair stand alone.) A name or birthday that differs
    needs the same identity number to be a match: father and son, brothers and twins share all else. Two valid numbers
    that differ are never one person.
    """
    holds = level_case("name", _NAME_HOLDS)
    same_number = level_case("number", ("exact",))
    other_number = level_case("number", ("other",))
    other_birth = level_case("birth", ("year", "else"))
    rivals = {"one-to-one": "greatest(odds_r, odds_l)", "one-to-many": "odds_r", "many": "odds"}[cardinality]
    kept = "true" if cardinality == "many" else _BEST
    con.execute(
        f"""create or replace table decided as
        with odds as (
          select *, least(power(2, match_weight), 1e15) as odds from {predictions}
        ), shared as (
          select *, sum(odds) over (partition by rec_r) as odds_r, sum(odds) over (partition by rec_l) as odds_l
          from odds
        ), fair as (
          select *, odds / (1 + {rivals}) as probability from shared
        ), judged as (
          select *, case
            when probability >= {model.match} and not ({other_number})
              and ({same_number} or ({holds} and not ({other_birth}))) then 'match'
            when probability >= {model.review} and not ({other_number}) then 'review' end as decision
          from fair
        ), ranked as (
          select *, row_number() over (partition by rec_r order by decision = 'match' desc, odds desc, rec_l) as place,
            max(case when decision = 'match' then 1 else 0 end) over (partition by rec_r) as settled
          from judged where decision is not null
        )
        select rec_l, rec_r, match_weight, probability, decision,
          {", ".join(f"gamma_{c.name}, mw_{c.name}" for c in COMPARISONS)}
        from ranked
        where {kept}"""
    )

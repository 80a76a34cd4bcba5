"""The weights of a few pairs in one statement: what Splink reckons for millions, without its preparations.

Splink takes longer to write its statements than a look-up may take in all. A test holds both against each other.
"""

from math import log2

from duckdb import DuckDBPyConnection

from lianxin.matching.comparisons import COMPARISONS, Comparison
from lianxin.matching.counting import both_sides
from lianxin.matching.deciding import level_number
from lianxin.matching.engines import Engine
from lianxin.matching.model import SMALLEST, Chance, Model
from lianxin.matching.scoring import LEAST


def prior_weight(model: Model, larger: int) -> float:
    """The weight from which every pair starts, for a larger list of so many records."""
    known = min(0.5, model.known / max(1, larger))
    return log2(known / (1 - known))


def level_weight(chance: Chance) -> float:
    """What reaching a level weighs."""
    return log2(max(chance.m, SMALLEST) / max(chance.u, SMALLEST))


def weigh(con: DuckDBPyConnection, model: Model, *, both: str, larger: int, table: str) -> None:
    """Make `table` with the columns of Splink's predictions from `both`: pairs with the columns of each side.

    `tf_adj_name` is what the frequency of the name adds.
    """
    con.execute(f"create or replace temp table {table} as {weights_sql(model, both=both, larger=larger)}")


def with_answered(con: Engine, model: Model, predictions: str, answers: str, *, larger: int) -> str:
    """The predictions and the pairs that a person has called one, however unlikely; answer the name of both."""
    con.execute(
        f"""create or replace temp table unlikely as select rec_l as join_key_l, rec_r as join_key_r
        from {answers} anti join {predictions} using (rec_l, rec_r) where answer = 'yes'"""
    )
    both = both_sides(con, "records", "unlikely")
    columns = ", ".join(
        ["rec_l, rec_r, match_weight", *(f"gamma_{c.name}, mw_{c.name}" for c in COMPARISONS)]
    )
    con.execute(
        f"""create or replace temp view scored_and_answered as select {columns} from {predictions}
        union all select {columns} from ({weights_sql(model, both=both, larger=larger, every=True)})"""
    )
    return "scored_and_answered"


def weights_sql(model: Model, *, both: str, larger: int, every: bool = False) -> str:
    """The SELECT of :func:`weigh`; `every`: also of pairs that are too unlikely to be told."""
    gammas = ", ".join(f"{_gamma(c)} as gamma_{c.name}" for c in COMPARISONS)
    weights = ", ".join(f"{_weight(model, c)} as mw_{c.name}" for c in COMPARISONS)
    summed = " + ".join(
        [repr(prior_weight(model, larger)), *(f"mw_{c.name}" for c in COMPARISONS), "tf_adj_name"]
    )
    return f"""
        with levels as (select *, {gammas} from {both}),
        weights as (select *, {weights}, {_adjustment(model)} as tf_adj_name from levels)
        select rec_l, rec_r, {summed} as match_weight, tf_adj_name,
          {", ".join(f"gamma_{c.name}, mw_{c.name}" for c in COMPARISONS)}
        from weights where {every} or {summed} >= {log2(LEAST / (1 - LEAST))!r}"""


def _gamma(comparison: Comparison) -> str:
    whens = " ".join(
        f"when {level.condition} then {level_number(comparison, level.name)}"
        for level in comparison.levels
        if level.condition != "ELSE"
    )
    return f"case {whens} else 0 end"


def _weight(model: Model, comparison: Comparison) -> str:
    chances = model.chances[comparison.name]
    whens = " ".join(
        f"when {level_number(comparison, level.name)} then {level_weight(chances[level.name])!r}::double"
        for level in comparison.levels
        if not level.nothing
    )
    return f"case gamma_{comparison.name} {whens} else 0.0::double end"


def _adjustment(model: Model) -> str:
    """A frequent name weighs less: its share in the larger list stands for the usual chance of a coincidence."""
    whens = [
        f"when gamma_{comparison.name} = {level_number(comparison, level.name)} then "
        f"{log2(max(model.chances[comparison.name][level.name].u, SMALLEST))!r} - "
        f"log2(greatest(tf_{level.frequency}_l, tf_{level.frequency}_r))"
        for comparison in COMPARISONS
        for level in comparison.levels
        if level.frequency
    ]
    return f"case {' '.join(whens)} else 0.0::double end"

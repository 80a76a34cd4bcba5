"""How often each level holds among given pairs: what models are made of."""

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from lianxin.matching.comparisons import COMPARISONS, Comparison
from lianxin.matching.engines import Database
from lianxin.matching.model import SMALLEST, Chance

Counts = Mapping[str, Mapping[str, float]]


def level_sql(comparison: Comparison) -> str:
    """A CASE over `…_l` and `…_r` that names the level of a pair."""
    whens = " ".join(
        f"when {level.condition} then '{level.name}'"
        for level in comparison.levels
        if level.condition != "ELSE"
    )
    return f"case {whens} else 'else' end"


def count_levels(con: DuckDBPyConnection, pairs: str, *, weight: str = "1.0") -> Counts:
    """Sums of `weight` by comparison and level; `pairs` selects columns `…_l` and `…_r` of both records."""
    counts: dict[str, dict[str, float]] = {}
    levels = ", ".join(f"{level_sql(c)} as level_{c.name}" for c in COMPARISONS)
    con.execute(f"create or replace temp table levels as select {levels}, {weight} as weight from {pairs}")
    for comparison in COMPARISONS:
        rows = con.execute(f"select level_{comparison.name}, sum(weight) from levels group by 1").fetchall()
        counts[comparison.name] = {str(level): float(total) for level, total in rows}
    con.execute("drop table levels")
    return counts


def both_sides(con: Database, records: str, pairs: str, *, right: str | None = None) -> str:
    """A subselect of `pairs` (join_key_l, join_key_r, …) with the columns of both records.

    `right`: where the right records lie, when not in the same table.
    """
    columns = [row[0] for row in con.execute(f"describe {records}").fetchall()]
    sides = ", ".join(f"{side}.{c} as {c}_{side}" for side in "lr" for c in columns)
    return (
        f"(select p.*, {sides} from {pairs} as p join {records} as l on l.rec = p.join_key_l "
        f"join {right or records} as r on r.rec = p.join_key_r)"
    )


def chances_of(
    same: Counts,
    other: Counts,
    *,
    before: Mapping[str, Mapping[str, Chance]] | None = None,
    weight: float = 0.5,
) -> dict[str, dict[str, Chance]]:
    """Chances from counts among pairs that are one person and others; `before` counts as `weight` pairs."""
    return {
        comparison.name: {
            level.name: Chance(
                _share(same, comparison, level.name, before, "m", weight),
                _share(other, comparison, level.name, before, "u", weight),
            )
            for level in comparison.levels
            if not level.nothing
        }
        for comparison in COMPARISONS
    }


def _share(
    counts: Counts,
    comparison: Comparison,
    level: str,
    before: Mapping[str, Mapping[str, Chance]] | None,
    which: str,
    weight: float,
) -> float:
    """The share of a level among pairs where both records say something."""
    told = [each.name for each in comparison.levels if not each.nothing]
    counted = counts.get(comparison.name, {})
    expected = getattr(before[comparison.name][level], which) if before else 1 / len(told)
    total = sum(counted.get(name, 0.0) for name in told)
    return float(max(SMALLEST, (counted.get(level, 0.0) + weight * expected) / (total + weight)))

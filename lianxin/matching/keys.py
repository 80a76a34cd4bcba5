"""Blocking: which pairs are looked at. Two records meet when they share a key; a key is one hashed number.

Every kind of key is one line below. One join finds all pairs, whatever the number of kinds.
"""

from dataclasses import dataclass

from lianxin.matching.engines import Database

# A key that would bring more pairs than this is left out: a phone that a whole office gives, 00000000.
MOST_PAIRS_OF_A_KEY = 200_000


@dataclass(frozen=True, slots=True)
class KeyKind:
    """What makes the key, what must be known for it, and on which side it is made."""

    name: str
    parts: str
    where: str
    side: str = "both"


_HOME = "street, door, room"
KINDS = (
    KeyKind("number", "id_number", "id_number is not null"),
    KeyKind("birth and surname", "birth, unnest(surname_sounds)", "birth is not null"),
    KeyKind("birth and given name", "birth, unnest(given_sounds)", "birth is not null"),
    KeyKind("phone", "phone", "phone is not null"),
    KeyKind("name and year", "unnest(nears), birth // 10000", "birth is not null"),
    KeyKind("name and day", "unnest(nears), birth % 10000", "birth is not null"),
    KeyKind(
        "home and surname",
        f"{_HOME}, unnest(surname_sounds)",
        "street is not null and door is not null and room is not null",
    ),
    KeyKind("name and employer", "unnest(nears), firm", "firm is not null"),
    # Where a birthday is missing, name and region must do; not where both are known.
    KeyKind("name and region", "unnest(nears), region, 1", "region is not null", "left"),
    KeyKind("name and region", "unnest(nears), region, 1", "region is not null and birth is null", "right"),
    KeyKind("name and region", "unnest(nears), region, 2", "region is not null and birth is null", "left"),
    KeyKind("name and region", "unnest(nears), region, 2", "region is not null", "right"),
)


def keys_sql(features: str, side: str) -> str:
    """A SELECT of `key` and `rec` over a table of features."""
    kinds = [(n, kind) for n, kind in enumerate(KINDS) if kind.side in {"both", side}]
    numbers = {kind.name: n for n, kind in reversed(list(enumerate(KINDS)))}
    return " union all ".join(
        f"select (hash({numbers[kind.name]}, {_unnested(kind.parts)}) >> 1)::bigint as key, rec "
        f"from (select rec, {_named(kind.parts)} from {features} where {kind.where})"
        for n, kind in kinds
    )


def _named(parts: str) -> str:
    return ", ".join(f"{part} as part{n}" for n, part in enumerate(parts.split(", ")))


def _unnested(parts: str) -> str:
    return ", ".join(f"part{n}" for n, _ in enumerate(parts.split(", ")))


def make_pairs(con: Database, left_keys: str, right_keys: str, *, same: bool = False) -> int:
    """Make the table `pairs` (join_key_l, join_key_r, match_key) from two relations of keys; answer how many.

    `same`: both are one list, in which each pair is met once.
    """
    once = "and l.rec < r.rec" if same else ""
    con.execute(f"create or replace temp table right_keys as {right_keys}")
    con.execute(
        f"create or replace temp table left_keys as select * from ({left_keys}) "
        "where key in (select key from right_keys)"
    )
    con.execute(
        f"""create or replace temp table crowded_keys as
        select key from (select key, count(*) as n from left_keys group by key) as l
        join (select key, count(*) as n from right_keys group by key) as r using (key)
        where l.n * r.n > {MOST_PAIRS_OF_A_KEY}"""
    )
    con.execute(
        f"""create or replace table pairs as
        select distinct l.rec as join_key_l, r.rec as join_key_r, '0' as match_key
        from left_keys as l join right_keys as r on l.key = r.key {once}
        where not exists (select 1 from crowded_keys as c where c.key = l.key)"""
    )
    con.execute("drop table left_keys; drop table right_keys; drop table crowded_keys")
    (rows,) = con.execute("select count(*) from pairs").fetchall()[0]
    return int(rows)

"""English names: the comparisons and the blocking for lists such as FEBRL's, as data. The engine beneath is the same.

Records have given_name, surname, street_number, address_1, suburb, postcode, state, date_of_birth (yyyymmdd) and
soc_sec_id, all as text. Spelling is compared by Jaro-Winkler on letters, which English names are written with.
"""

import logging
from typing import Any

from duckdb import DuckDBPyConnection

from lianxin.matching.comparisons import Comparison, Level
from lianxin.matching.keys import make_pairs
from lianxin.matching.words import Words

SEED = 1
_SAME, _OTHER = Words("一致", "the same"), Words("不同", "different")
_NEAR, _SLIP = Words("相近", "similar"), Words("差一两个字符", "one or two characters differ")


def _missing(column: str) -> Level:
    condition = f"{column}_l is null or {column}_r is null"
    return Level("missing", condition, Words("未填", "not given"), None, nothing=True)


def _exact(column: str, *, frequency: bool = False) -> Level:
    return Level("exact", f"{column}_l = {column}_r", _SAME, True, column if frequency else None)


def _alike(column: str, least: float) -> Level:
    condition = f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"
    return Level(f"alike_{least}", condition, _NEAR, True)


def _typed(column: str, most: int) -> Level:
    condition = f"damerau_levenshtein({column}_l, {column}_r) <= {most}"
    return Level(f"typed_{most}", condition, _SLIP, True)


def _one_is_the_others(other: str, column: str) -> Level:
    """Given name and surname stand in each other's column."""
    condition = f"{column}_l = {other}_r and {other}_l = {column}_r"
    return Level("swapped", condition, Words("姓与名互换", "given name and surname swapped"), True)


_ELSE = Level("else", "ELSE", _OTHER, False)

COMPARISONS = (
    Comparison(
        "given_name",
        Words("名", "given name"),
        (
            _missing("given_name"),
            _exact("given_name", frequency=True),
            _one_is_the_others("surname", "given_name"),
            _alike("given_name", 0.92),
            _alike("given_name", 0.8),
            _ELSE,
        ),
    ),
    Comparison(
        "surname",
        Words("姓", "surname"),
        (
            _missing("surname"),
            _exact("surname", frequency=True),
            _one_is_the_others("given_name", "surname"),
            _alike("surname", 0.92),
            _alike("surname", 0.8),
            _ELSE,
        ),
    ),
    Comparison(
        "date_of_birth",
        Words("出生日期", "date of birth"),
        (
            _missing("date_of_birth"),
            _exact("date_of_birth"),
            _typed("date_of_birth", 1),
            _typed("date_of_birth", 2),
            _ELSE,
        ),
    ),
    Comparison(
        "soc_sec_id",
        Words("社会保障号", "social security number"),
        (_missing("soc_sec_id"), _exact("soc_sec_id"), _typed("soc_sec_id", 1), _typed("soc_sec_id", 2), _ELSE),
    ),
    Comparison(
        "street_number",
        Words("门牌", "street number"),
        (_missing("street_number"), _exact("street_number"), _typed("street_number", 1), _ELSE),
    ),
    Comparison(
        "address_1",
        Words("街道", "street"),
        (
            _missing("address_1"),
            _exact("address_1", frequency=True),
            _alike("address_1", 0.9),
            _alike("address_1", 0.8),
            _ELSE,
        ),
    ),
    Comparison(
        "suburb",
        Words("城区", "suburb"),
        (_missing("suburb"), _exact("suburb", frequency=True), _alike("suburb", 0.9), _ELSE),
    ),
    Comparison(
        "postcode",
        Words("邮编", "postcode"),
        (_missing("postcode"), _exact("postcode", frequency=True), _typed("postcode", 1), _ELSE),
    ),
)  # fmt: skip

# What two records must share to be looked at; the same join as for Chinese lists finds the pairs.
KEYS = (
    "soc_sec_id",
    "date_of_birth",
    "given_name, surname",
    "surname, postcode",
    "given_name, postcode",
    "street_number, address_1",
    "surname, left(date_of_birth, 4)",
    "given_name, left(date_of_birth, 4)",
    "suburb, left(date_of_birth, 4)",
)


def settings() -> dict[str, Any]:
    """What Splink needs; the chances are yet to be learnt."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "rec",
        "sql_dialect": "duckdb",
        "comparisons": [
            {
                "output_column_name": comparison.name,
                "comparison_description": comparison.words.en,
                "comparison_levels": [_level(level) for level in comparison.levels],
            }
            for comparison in COMPARISONS
        ],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": "l.soc_sec_id = r.soc_sec_id", "sql_dialect": "duckdb"}
        ],
    }


def _level(level: Level) -> dict[str, Any]:
    told: dict[str, Any] = {"sql_condition": level.condition, "label_for_charts": level.name}
    if level.nothing:
        told["is_null_level"] = True
    if level.frequency:
        told["tf_adjustment_column"] = level.frequency
    return told


def keys_sql(records: str) -> str:
    """A SELECT of `key` and `rec` for each kind of key."""
    return " union all ".join(
        f"select (hash({number}, {parts}) >> 1)::bigint as key, rec from {records} "
        f"where {' and '.join(f'{column} is not null' for column in _columns(parts))}"
        for number, parts in enumerate(KEYS)
    )


def _columns(parts: str) -> list[str]:
    return [part for part in parts.replace("left(", "").replace(", 4)", "").split(", ") if part]


def link_english(con: DuckDBPyConnection, left: str, right: str) -> str:
    """Compare two tables with a whole number `rec`, each its own; answer the table of rec_l, rec_r, probability.

    The chances are learnt from the lists themselves, without knowing any answer. As for Chinese lists, a record has one
    counterpart at most, and its candidates share one probability.
    """
    from splink import DuckDBAPI, Linker, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    con.execute(f"create or replace view english_records as from {left} union all by name from {right}")
    make_pairs(con, keys_sql(left), keys_sql(right))
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register("english_records"), settings(), log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("soc_sec_id")], recall=0.8)
    training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=SEED)
    for column in ("soc_sec_id", "date_of_birth"):
        training.estimate_parameters_using_expectation_maximisation(block_on(column))
    linker.table_management.register_blocked_pairs_for_predict(api.register("pairs"))
    found = linker.inference.predict(threshold_match_probability=0.001, warning_mode="never")
    con.execute(
        f"""create or replace table english_pairs as
        with odds as (select rec_l, rec_r, least(power(2, match_weight), 1e15) as odds from {found.physical_name})
        select rec_l, rec_r, odds / (1 + greatest(
          sum(odds) over (partition by rec_l), sum(odds) over (partition by rec_r))) as probability
        from odds"""
    )
    return "english_pairs"

"""Scores of pairs by Splink: the Fellegi-Sunter model, with name frequencies of the larger list."""

import logging
from typing import Any

from duckdb import DuckDBPyConnection

from lianxin.matching.frequencies import PRIOR_ROWS
from lianxin.matching.model import Model

# Pairs less likely than this are neither told nor do they compete with others.
LEAST = 0.001


def add_frequencies(con: DuckDBPyConnection, larger: str, table: str, records: str) -> None:
    """Make `records`: `table` with the share of each name and reading in the larger list beside it.

    Short lists are filled up with what is commonly known of surnames, so that fifty rows need no counting.
    """
    for column in ("name", "sound", "near"):
        con.execute(
            f"create or replace temp table share_{column} as select {column}, "
            f"(count(*) + {PRIOR_ROWS} * any_value(expected)) / "
            f"((select count(*) from {larger}) + {PRIOR_ROWS}) as share from {larger} group by {column}"
        )
    shares = ", ".join(
        f"coalesce(share_{column}.share, {PRIOR_ROWS} * expected / "
        f"((select count(*) from {larger}) + {PRIOR_ROWS})) as tf_{column}"
        for column in ("name", "sound", "near")
    )
    joins = " ".join(
        f"left join share_{column} on share_{column}.{column} = {table}.{column}"
        for column in ("name", "sound", "near")
    )
    con.execute(f"create or replace view {records} as select {table}.*, {shares} from {table} {joins}")


def score_pairs(con: DuckDBPyConnection, model: Model, *, records: str, pairs: str, larger: int) -> str:
    """Score the pairs of a table; answer the name of the table of predictions."""
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.WARNING)
    api = DuckDBAPI(connection=con)
    linker = Linker(
        api.register(records), model.settings(larger=larger), log_level=None, validate_settings=False
    )
    _take_frequencies_from_columns(linker, api)
    linker.table_management.register_blocked_pairs_for_predict(api.register(pairs))
    predictions = linker.inference.predict(threshold_match_probability=LEAST, warning_mode="never")
    return str(predictions.physical_name)


def _take_frequencies_from_columns(linker: Any, api: Any) -> None:
    """Records bring their frequencies along; without this Splink would count them once more."""
    for column, kind in (("name", "varchar"), ("sound", "bigint"), ("near", "bigint")):
        known = api.duckdb_con.sql(f"select null::{kind} as {column}, null::double as tf_{column} limit 0")
        linker.table_management.register_term_frequency_lookup(api.register(known), column)

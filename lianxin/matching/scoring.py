"""Scores of pairs by Splink: the Fellegi-Sunter model, with name frequencies of the larger list."""

import logging
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from lianxin.matching.engines import Database
from lianxin.matching.frequencies import PRIOR_ROWS
from lianxin.matching.model import Model

# Pairs less likely than this are neither told nor do they compete with others.
LEAST = 0.001


def add_frequencies(con: Database, larger: str, table: str, records: str) -> None:
    """Make `records`: `table` with the share of each name and reading in the larger list beside it.

    Short lists are filled up with what is commonly known of surnames, so that fifty rows need no counting.
    """
    for column in ("name", "sound", "near"):
        con.execute(
            f"create or replace temp table share_{column} as select {column}, "
            f"(count(*) + {PRIOR_ROWS} * max(expected)) / "
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
    """Score the pairs of a table of DuckDB; answer the name of the table of predictions."""
    from splink import DuckDBAPI

    return predict(DuckDBAPI(connection=con), model, records=records, pairs=pairs, larger=larger)


def predict(api: Any, model: Model, *, records: str, pairs: str, larger: int) -> str:
    """Score the pairs of a table where Splink's `api` leads; answer the name of the table of predictions."""
    from splink import Linker

    logging.getLogger("splink").setLevel(logging.WARNING)
    dialect = api.sql_dialect.sql_dialect_str
    linker = Linker(
        api.register(records),
        model.settings(larger=larger, dialect=dialect),
        log_level=None,
        validate_settings=False,
    )
    _take_frequencies_from_columns(linker, api)
    linker.table_management.register_blocked_pairs_for_predict(api.register(pairs))
    predictions = linker.inference.predict(threshold_match_probability=LEAST, warning_mode="never")
    return str(predictions.physical_name)


def _take_frequencies_from_columns(linker: Any, api: Any) -> None:
    """Records bring their frequencies along; without this Splink would count them once more."""
    for column, kind in (("name", pa.string()), ("sound", pa.int64()), ("near", pa.int64())):
        schema = pa.schema([(column, kind), (f"tf_{column}", pa.float64())])
        known = api.register(schema.empty_table())
        linker.table_management.register_term_frequency_lookup(known, column)

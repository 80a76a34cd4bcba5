"""DuckDB's SQL in Spark's words: what comes out has to mean the same."""

import pytest

from lianxin.matching.comparisons import COMPARISONS
from lianxin.matching.engines.dialect import in_words_of, spark_sql, statements
from lianxin.matching.features import features_sql
from lianxin.matching.keys import keys_sql


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("list_has_any(nears_l, nears_r)", "ARRAYS_OVERLAP(nears_l, nears_r)"),
        ("birth_l // 10000 = birth_r // 10000", "birth_l DIV 10000 = birth_r DIV 10000"),
        ("hamming(phone_l, phone_r) = 1", "HAMMING(phone_l, phone_r) = 1"),
        ("contains(firm_l, firm_r)", "CONTAINS(firm_l, firm_r)"),
        ("(hash(1, birth) >> 1)::bigint", "CAST((SHIFTRIGHT(XXHASH64(1, birth), 1)) AS BIGINT)"),
        ("figures[1]", "figures[0]"),
        ("figures[array_length(figures)]", "figures[SIZE(figures) + -1]"),
        ("regexp_extract(address, '^[^0-9]+')", "REGEXP_EXTRACT(address, '^[^0-9]+', 0)"),
    ],
)
def test_an_expression_is_said_in_sparks_words(duckdb: str, spark: str) -> None:
    assert in_words_of("spark", duckdb) == spark


def test_duckdb_reads_its_conditions_as_they_are_written() -> None:
    for comparison in COMPARISONS:
        for level in comparison.levels:
            assert in_words_of("duckdb", level.condition) == level.condition


def test_the_level_of_all_others_stays_splinks_own_word() -> None:
    assert in_words_of("spark", "ELSE") == "ELSE"


def test_nothing_of_duckdbs_alone_is_left_for_spark() -> None:
    said = [in_words_of("spark", level.condition) for c in COMPARISONS for level in c.levels]
    said += [spark_sql(each) for side in ("left", "right") for each in statements(keys_sql("records", side))]
    said += [spark_sql(each) for each in statements(features_sql("records", "given_list"))]
    for sql in said:
        assert not any(sign in sql for sign in ("&&", "//", ">>", "::", " HASH(", "UNNEST", "LIST_", "[-"))


def test_several_statements_are_several() -> None:
    assert [each.sql() for each in statements("drop table a; drop table b;")] == [
        "DROP TABLE a",
        "DROP TABLE b",
    ]

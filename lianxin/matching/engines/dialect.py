"""DuckDB's SQL in Spark's words. sqlglot, which Splink brings along, knows both; what it leaves open stands here.

The two must answer alike, so what they do differently (what a hash is, which end of a list a negative number means) is
never relied on in our SQL.
"""

import sqlglot
from sqlglot import exp

from lianxin.matching.engines import Dialect


def in_words_of(dialect: Dialect, condition: str) -> str:
    """A condition of DuckDB's as that database reads it. ELSE stays, for it is Splink's word."""
    if dialect == "duckdb" or condition == "ELSE":
        return condition
    return spark_sql(sqlglot.parse_one(condition, read="duckdb"))


def statements(sql: str) -> list[exp.Expr]:
    """The statements of a text in DuckDB's words."""
    return [each for each in sqlglot.parse(sql, read="duckdb") if each is not None]


def spark_sql(expression: exp.Expr) -> str:
    """An expression or statement of DuckDB's as Spark reads it."""
    return expression.transform(_in_spark).sql(dialect="spark")


def _in_spark(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.ArrayOverlaps):
        return exp.func("arrays_overlap", node.this, node.expression)
    if isinstance(node, exp.Anonymous) and node.name.lower() == "hash":
        # A hash only decides who meets whom: two that are equal by chance bring a pair more, which its score drops.
        return exp.func("xxhash64", *node.expressions)
    return node

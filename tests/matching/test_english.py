"""English names through the same engine."""

from collections.abc import Iterator

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from lianxin.matching.english import COMPARISONS, keys_sql, link_english, settings

COLUMNS = [
    "given_name",
    "surname",
    "street_number",
    "address_1",
    "suburb",
    "postcode",
    "state",
    "date_of_birth",
    "soc_sec_id",
]


@pytest.fixture
def con() -> Iterator[DuckDBPyConnection]:
    with duckdb.connect() as connection:
        columns = ", ".join(f"{column} varchar" for column in COLUMNS)
        for table in ("lefts", "rights"):
            connection.execute(f"create table {table} (rec integer, {columns})")
        yield connection


def add(con: DuckDBPyConnection, table: str, rec: int, **changed: str | None) -> None:
    person: dict[str, str | None] = {
        "given_name": f"name{rec % 500 % 40}",
        "surname": f"family{rec % 500 % 70}",
        "street_number": str(rec % 500),
        "address_1": f"street {rec % 500 % 90}",
        "suburb": f"town {rec % 500 % 20}",
        "postcode": str(2000 + rec % 500 % 300),
        "state": "nsw",
        "date_of_birth": f"19{40 + rec % 500 % 55}{1 + rec % 500 % 12:02}{1 + rec % 500 % 28:02}",
        "soc_sec_id": str(1_000_000 + 7919 * (rec % 500)),
    }
    marks = ", ".join("?" for _ in range(len(COLUMNS) + 1))
    con.execute(f"insert into {table} values ({marks})", [rec, *(person | changed).values()])


def test_a_person_is_found_with_names_swapped_and_a_digit_wrong(con: DuckDBPyConnection) -> None:
    for rec in range(300):
        add(con, "lefts", rec)
        add(con, "rights", 500 + rec)
    con.execute("update rights set given_name = 'family7', surname = 'name7' where rec = 507")
    con.execute("update rights set soc_sec_id = '1063359' where rec = 508")
    con.execute("update rights set soc_sec_id = null, date_of_birth = null where rec = 509")
    pairs = link_english(con, "lefts", "rights")
    found = con.execute(f"select rec_l, rec_r from {pairs} where probability > 0.95").fetchall()
    assert sorted(found) == [(rec, 500 + rec) for rec in range(300)]


def test_a_key_is_made_only_of_what_is_known(con: DuckDBPyConnection) -> None:
    add(con, "lefts", 1)
    add(con, "lefts", 2, soc_sec_id=None, date_of_birth=None)
    counts = dict(con.execute(f"select rec, count(*) from ({keys_sql('lefts')}) group by rec").fetchall())
    assert counts == {1: 9, 2: 4}


def test_every_comparison_begins_with_what_is_missing_and_ends_with_the_rest() -> None:
    for comparison in COMPARISONS:
        assert comparison.levels[0].nothing
        assert comparison.levels[-1].condition == "ELSE"
    told = settings()["comparisons"]
    assert [each["output_column_name"] for each in told] == [each.name for each in COMPARISONS]
    assert told[0]["comparison_levels"][1]["tf_adjustment_column"] == "given_name"

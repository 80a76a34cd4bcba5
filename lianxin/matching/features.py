"""A clean roster becomes a table of features: all that comparing needs, one row a record, in whole numbers and texts.

Names are worked on beside the database (`forms`), once for each distinct name; everything else is SQL.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from lianxin.matching.forms import FORMS, form_batch
from lianxin.matching.paths import quoted

if TYPE_CHECKING:
    # Machines of a cluster work on names as well, and have no DuckDB.
    from duckdb import DuckDBPyConnection

__all__ = ["BATCH", "FORMS", "features_sql", "form_batch", "make_features"]

# More at a time is hardly faster, and holds more memory.
BATCH = 50_000


def make_features(con: "DuckDBPyConnection", clean: Path, *, table: str, first: int = 0) -> int:
    """Make `table` from a clean Parquet file; records are numbered from `first` on, in the order of the file.

    Answers how many records there are.
    """
    _make_forms(con, f"'{quoted(clean)}'")
    numbered = (
        f"(select file_row_number + {first} as number, * exclude (file_row_number) "
        f"from read_parquet('{quoted(clean)}', file_row_number = true))"
    )
    con.execute(features_sql(table, numbered))
    con.execute("drop table forms")
    (rows,) = con.execute(f"select count(*) from {table}").fetchall()[0]
    return int(rows)


def make_features_of(con: "DuckDBPyConnection", rows: str, *, table: str, first: int = 0) -> None:
    """The same from a few clean rows that the database holds as a table."""
    _make_forms(con, rows)
    numbered = f"(select row_number() over () - 1 + {first} as number, * from {rows})"
    con.execute(features_sql(table, numbered))
    con.execute("drop table forms")


def _make_forms(con: "DuckDBPyConnection", clean: str) -> None:
    names = con.execute(f"select distinct name from {clean} where name is not null").fetchall()
    batches = pa.RecordBatchReader.from_batches(FORMS, _form_batches(names))
    con.register("forms_batch", batches)
    con.execute("create or replace temp table forms as select * from forms_batch")
    con.unregister("forms_batch")


def _form_batches(names: list[tuple[str]]) -> Iterator[pa.RecordBatch]:
    for begin in range(0, len(names), BATCH):
        yield form_batch([name for (name,) in names[begin : begin + BATCH]])


def features_sql(table: str, numbered: str) -> str:
    """The statement that makes `table` from a clean list with its `number`s and the table `forms`."""
    return _FEATURES.format(table=table, numbered=numbered)


# Street is what stands before the first figure; the door is the first figure, the room the last of several.
_FEATURES = r"""
create or replace table {table} as
with parted as (
  select *, regexp_extract_all(address, '[0-9]+') as figures
  from {numbered}
)
select p.number::integer as rec, p.record_id, p.name, p.sex,
  case when length(p.id_number) >= 15 then p.id_number end as id_number, p.id_state,
  (year(p.birth_date) * 10000 + month(p.birth_date) * 100 + day(p.birth_date))::integer as birth,
  case when length(p.phone) >= 7 then p.phone end as phone,
  try_cast(p.region as integer) as region,
  p.address, nullif(regexp_extract(p.address, '^[^0-9]+'), '') as street,
  try_cast(figures[1] as integer) as door,
  case when array_length(figures) > 1 then try_cast(figures[array_length(figures)] as integer) end as room,
  case when array_length(figures) > 2 then try_cast(figures[2] as integer) end as house,
  p.employer, regexp_replace(p.employer, '(股份|责任|有限|集团|公司|厂)+$', '') as firm,
  f.* exclude (name)
from parted as p left join forms as f on f.name = p.name
"""

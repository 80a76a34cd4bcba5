"""A clean roster becomes a table of features: all that comparing needs, one row a record, in whole numbers and texts.

Names are worked on in Python, once for each distinct name; everything else is SQL.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from lianxin.matching.frequencies import expected_share
from lianxin.matching.names import NameForms, name_forms

if TYPE_CHECKING:
    # Machines of a cluster work on names as well, and have no DuckDB.
    from duckdb import DuckDBPyConnection

BATCH = 50_000

_LISTS = ("sounds", "nears", "looks", "slips", "surname_sounds", "given_sounds")
_NUMBERS = ("sound", "near", "bag")
FORMS = pa.schema(
    [("name", pa.string()), ("surname", pa.string()), ("given", pa.string()), ("expected", pa.float64())]
    + [(column, pa.int64()) for column in _NUMBERS]
    + [(column, pa.list_(pa.int64())) for column in _LISTS]
)


def make_features(con: "DuckDBPyConnection", clean: Path, *, table: str, first: int = 0) -> int:
    """Make `table` from a clean Parquet file; records are numbered from `first` on, in the order of the file.

    Answers how many records there are.
    """
    _make_forms(con, f"'{clean}'")
    numbered = (
        f"(select file_row_number + {first} as number, * exclude (file_row_number) "
        f"from read_parquet('{clean}', file_row_number = true))"
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


def form_batch(names: list[str]) -> pa.RecordBatch:
    """The forms of these names, as the database takes them in."""
    forms = [name_forms(name) for name in names]
    columns = [_column(forms, field) for field in FORMS]
    return pa.RecordBatch.from_arrays(columns, schema=FORMS)


def _column(forms: list[NameForms], field: pa.Field) -> pa.Array:
    if field.name == "expected":
        return pa.array([expected_share(form.surname, form.given) for form in forms], field.type)
    return pa.array([getattr(form, field.name) for form in forms], field.type)


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

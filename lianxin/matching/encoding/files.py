"""What an encoding looks like on disk: Parquet or CSV; at its head what it was made with, and nothing of the list."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from lianxin.matching.encoding import tokens
from lianxin.matching.names import places_of
from lianxin.matching.paths import quoted
from lianxin.matching.problems import Problem, problem_with
from lianxin.matching.surnames import surname_shares
from lianxin.matching.tables.headings import KNOWN, spelling
from lianxin.matching.tables.kinds import kind_of_file
from lianxin.matching.tables.texts import encoding_of
from lianxin.matching.words import Words

VERSION = 1
HEAD = "lianxin-encoding"
_LONGEST_HEAD = 10_000
_BATCH = 20_000

SCHEMA = pa.schema(
    [pa.field("record", pa.string(), nullable=False)]
    + [(name, pa.list_(pa.int64())) for name in tokens.LISTS]
    + [(name, pa.int64()) for name in (*tokens.SINGLES, *tokens.FILTERS)]
)
_SEEN = 1 << 16
_APART = re.compile(r"[,;\t|\r\n]")
_TELLING = {spelling(heading) for column in ("name", "id_number") for heading in KNOWN[column]}


@dataclass(frozen=True, slots=True)
class Head:
    """What an encoding was made with. Two encodings can be linked when all but `rows` agrees."""

    version: int
    hash: str
    fingerprint: str
    tables: str
    bits: int
    flips: int
    rows: int


@cache
def tables_digest() -> str:
    """Tells whether two installations know the same readings and shapes; other ones make other encodings."""
    common = (bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF))
    told = [repr(places_of(surname + "伟")) for surname in surname_shares()]
    told += [repr(places_of("王" + character)) for character in common]
    return blake2b("".join(told).encode(), digest_size=6).hexdigest()


def write_encoding(stream: IO[bytes], kind: str, head: Head, batches: Iterator[pa.RecordBatch]) -> None:
    """Write an encoding as `kind`, "parquet" or "csv"."""
    if kind == "parquet":
        schema = SCHEMA.with_metadata({HEAD: json.dumps(asdict(head))})
        with pq.ParquetWriter(stream, schema, compression="none") as writer:
            for batch in batches:
                writer.write_batch(batch.replace_schema_metadata(schema.metadata))
        return
    stream.write(f"#{HEAD} {json.dumps(asdict(head))}\n{','.join(SCHEMA.names)}\n".encode())
    for batch in batches:
        columns = [_as_text(column) for column in batch.columns]
        stream.write("".join(",".join(row) + "\n" for row in zip(*columns, strict=True)).encode())


def _as_text(column: pa.Array) -> list[str]:
    if pa.types.is_list(column.type):
        return [" ".join(map(str, value)) for value in column.to_pylist()]
    if pa.types.is_string(column.type):
        return ['"' + value.replace('"', '""') + '"' for value in column.to_pylist()]
    return ["" if value is None else str(value) for value in column.to_pylist()]


def read_encoding(con: DuckDBPyConnection, path: Path, table: str) -> Head:
    """Read an encoding into `table`, numbered by `rec`. Raises ``Problem``, see `read_head`."""
    head = read_head(path)
    if kind_of_file(path) == "parquet":
        source = _parquet_source(path)
    else:
        encoding_of(path)  # a line without end would be read for minutes, and then be left out
        source = _csv_source(path)
    try:
        con.execute(
            f"create or replace table {table} as select row_number() over () - 1 as rec, * from {source}"
        )
        rows, distinct = con.execute(f"select count(*), count(distinct record) from {table}").fetchall()[0]
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise
    except duckdb.Error:
        raise problem_with(path, "encoding_damaged", _DAMAGED) from None
    if rows != head.rows or distinct != rows:
        raise problem_with(path, "encoding_damaged", _DAMAGED)
    return head


def _parquet_source(path: Path) -> str:
    typed = ", ".join(f"{f.name}::{_SQL_TYPES[f.type]} as {f.name}" for f in SCHEMA)
    return f"(select {typed} from read_parquet('{quoted(path)}'))"


def _csv_source(path: Path) -> str:
    columns = ", ".join(f"'{field.name}': 'varchar'" for field in SCHEMA)
    typed = ", ".join(
        f"coalesce(string_split({f.name}, ' ')::bigint[], []) as {f.name}"
        if pa.types.is_list(f.type)
        else f"{f.name}::{_SQL_TYPES[f.type]} as {f.name}"
        for f in SCHEMA
    )
    return (
        f"(select {typed} from read_csv('{quoted(path)}', header=true, comment='#', auto_detect=false, delim=',', "
        f"quote='\"', escape='\"', nullstr='', columns={{{columns}}}))"
    )


_SQL_TYPES = {pa.string(): "varchar", pa.int64(): "bigint", pa.list_(pa.int64()): "bigint[]"}


def read_head(path: Path) -> Head:
    """The head of an encoding. Raises ``Problem``: a list as it is, another file, another version, a damaged head."""
    told = _told(path)
    if not isinstance(told, dict):
        raise (
            problem_with(path, "list_clear", _CLEAR)
            if looks_clear(path)
            else problem_with(path, "encoding_unknown", _UNKNOWN)
        )
    if told.get("version") != VERSION:
        raise Problem("encoding_version", _VERSION.format(name=path.name, ours=VERSION))
    try:
        return Head(**told)
    except TypeError:
        raise problem_with(path, "encoding_damaged", _DAMAGED) from None


def is_encoding(path: Path) -> bool:
    """Whether a file says of itself that it is an encoding, of whatever version."""
    return isinstance(_told(path), dict)


def _told(path: Path) -> object:
    kind = kind_of_file(path)
    try:
        if kind == "parquet":
            return json.loads((pq.read_schema(path).metadata or {}).get(HEAD.encode(), b"null"))
        with path.open("rb") as file:
            line = file.readline(_LONGEST_HEAD)
        return json.loads(line[len(HEAD) + 2 :]) if line.startswith(f"#{HEAD} ".encode()) else None
    except pa.ArrowException:
        raise problem_with(path, "encoding_damaged", _DAMAGED) from None
    except ValueError:
        return {}


def looks_clear(path: Path) -> bool:
    """Whether a file is a list of people as it is: its headings tell. An encoding is never a workbook."""
    kind = kind_of_file(path)
    if kind == "xlsx":
        return True
    if kind == "parquet":
        return any(spelling(name) in _TELLING for name in pq.read_schema(path).names)
    with path.open("rb") as file:
        seen = file.read(_SEEN)
    return any(
        spelling(cell.strip(" \"'\ufeff")) in _TELLING
        for encoding in ("utf-8", "gb18030", "utf-16")
        for cell in _APART.split(seen.decode(encoding, "ignore"))
    )


_CLEAR = Words(
    "“{name}”是未编码的原始名单，不应交出，也未作任何处理：请由名单所属部门先用 lianxin match encode 编码。",
    "“{name}” is a list as it is, not an encoding. It should not have been handed over, and nothing was done with it: "
    "the department it belongs to encodes it with lianxin match encode first.",
)
_UNKNOWN = Words(
    "“{name}”不是编码文件：编码文件由 lianxin match encode 生成。",
    "“{name}” is not an encoding: encodings are made by lianxin match encode.",
)
_VERSION = Words(
    "“{name}”由另一个版本编码（本程序用第 {ours} 版格式）：请两边用同一版本的连心重新编码。",
    "“{name}” was encoded by another version (this one uses format {ours}): encode both lists with the same version "
    "of Lianxin.",
)
_DAMAGED = Words(
    "编码文件“{name}”不完整或已损坏：请向编码的部门重新要一份。",
    "The encoding “{name}” is incomplete or damaged: ask the department that made it for another copy.",
)

"""Keys and encodings for tests."""

from pathlib import Path
from typing import Any

import duckdb

from lianxin.matching.encoding import Encoded, Key, encode
from lianxin.matching.encoding.files import read_encoding
from tests.matching.rosters import write

KEY = Key(bytes(range(100, 132)))
OTHER = Key(bytes(range(1, 33)))


def encoded(
    folder: Path,
    name: str,
    *people: dict[str, Any],
    key: Key = KEY,
    ids: bool = False,
    ending: str = "parquet",
) -> Path:
    """An encoding of these people, under their own ids unless `ids`."""
    return making(folder, name, *people, key=key, ids=ids, ending=ending).path


def making(
    folder: Path,
    name: str,
    *people: dict[str, Any],
    key: Key = KEY,
    ids: bool = False,
    ending: str = "parquet",
) -> Encoded:
    """The same, with all that came of it."""
    work = folder / f"work-{name}"
    work.mkdir()
    return encode(
        write(work / "clean.parquet", *people),
        out=folder / f"{name}.{ending}",
        ids=folder / f"{name}-ids.csv" if ids else None,
        key=key,
        work=work,
    )


def rows(path: Path) -> dict[str, dict[str, Any]]:
    """The rows of an encoding by record id."""
    with duckdb.connect() as con:
        read_encoding(con, path, "given")
        return {
            row["record"]: row
            for row in con.sql("select * exclude (rec) from given").to_arrow_table().to_pylist()
        }

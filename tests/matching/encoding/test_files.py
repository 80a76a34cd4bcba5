"""Encodings on disk: written and read again, and everything else refused for what it is."""

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lianxin.matching.encoding.files import (
    HEAD,
    VERSION,
    is_encoding,
    read_encoding,
    read_head,
    tables_digest,
)
from lianxin.matching.problems import Problem
from tests.matching.encoding.keys import KEY, encoded, rows
from tests.matching.rosters import number, person

PEOPLE = [
    person(
        "A#1", "王芳", id_number=number("21080319700101002"), phone="13900000001", address="新兴街1号2栋301室"
    ),
    person('A "2", x', "欧阳靖淳", phone="13900000002"),
    person("A3", "赵敏"),
]


def refusal(path: Path) -> str:
    with pytest.raises(Problem) as refused, duckdb.connect() as con:
        read_encoding(con, path, "given")
    assert path.name in refused.value.spoken("zh")
    assert path.name in refused.value.spoken("en")
    return refused.value.code


def test_parquet_and_csv_hold_the_same(tmp_path: Path) -> None:
    parquet = encoded(tmp_path, "one", *PEOPLE)
    text = encoded(tmp_path, "two", *PEOPLE, ending="csv")
    assert rows(parquet) == rows(text)
    assert set(rows(parquet)) == {"A#1", 'A "2", x', "A3"}
    assert read_head(parquet) == read_head(text)


def test_the_head_says_how_it_was_made_and_nothing_of_the_list(tmp_path: Path) -> None:
    head = read_head(encoded(tmp_path, "one", *PEOPLE))
    assert (head.version, head.hash, head.rows) == (VERSION, "sha256", 3)
    assert (head.fingerprint, head.tables) == (KEY.fingerprint, tables_digest())


def test_an_encoding_knows_itself(tmp_path: Path) -> None:
    clear = tmp_path / "clear.csv"
    clear.write_text("编号,姓名\n1,张三\n", encoding="utf-8")
    assert is_encoding(encoded(tmp_path, "one", *PEOPLE))
    assert is_encoding(encoded(tmp_path, "two", *PEOPLE, ending="csv"))
    assert not is_encoding(clear)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_clear_list_is_refused_as_one(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text("营口市名单\n编号,姓 名(必填)*,手机号\n1,张三,13900000001\n", encoding=encoding)
    assert refusal(path) == "list_clear"


def test_a_clear_list_as_parquet_or_workbook_is_refused_as_one(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    pq.write_table(pa.table({"record_id": ["1"], "name": ["张三"]}), path)
    assert refusal(path) == "list_clear"
    book = tmp_path / "list.xlsx"
    book.write_bytes(b"PK\x03\x04 and whatever follows")
    assert refusal(book) == "list_clear"


def test_another_file_is_no_encoding(tmp_path: Path) -> None:
    text = tmp_path / "notes.csv"
    text.write_text("a,b\n1,2\n", encoding="utf-8")
    assert refusal(text) == "encoding_unknown"
    table = tmp_path / "other.parquet"
    pq.write_table(pa.table({"a": [1]}), table)
    assert refusal(table) == "encoding_unknown"


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.98])
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_an_encoding_that_lost_its_end_is_refused(tmp_path: Path, ending: str, kept: float) -> None:
    path = encoded(tmp_path, "one", *PEOPLE, ending=ending)
    assert len(rows(path)) == 3
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert refusal(path) == "encoding_damaged"


def test_an_encoding_with_a_row_more_twice_or_torn_is_refused(tmp_path: Path) -> None:
    path = encoded(tmp_path, "one", *PEOPLE, ending="csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    for wrong in (
        [*lines, lines[-1]],
        [*lines[:-1], lines[-2]],
        [*lines[:-1], lines[-1].rsplit(",", 1)[0]],
        [*lines[:-1], lines[-1].rsplit(",", 1)[0] + ",张三"],
        ["#lianxin-encoding {", *lines[1:]],
    ):
        path.write_text("\n".join(wrong) + "\n", encoding="utf-8")
        assert refusal(path) in {"encoding_damaged", "encoding_version"}
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert len(rows(path)) == 3


def test_another_version_is_refused_as_one(tmp_path: Path) -> None:
    path = encoded(tmp_path, "one", *PEOPLE, ending="csv")
    first, rest = path.read_text(encoding="utf-8").split("\n", 1)
    told = json.loads(first.removeprefix(f"#{HEAD} "))
    later = {"version": VERSION + 1, "whatever": "else"}
    path.write_text(f"#{HEAD} {json.dumps(later)}\n{rest}", encoding="utf-8")
    assert refusal(path) == "encoding_version"
    del told["tables"]
    path.write_text(f"#{HEAD} {json.dumps(told)}\n{rest}", encoding="utf-8")
    assert refusal(path) == "encoding_damaged"


def test_parquet_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    path = encoded(tmp_path, "one", *PEOPLE)
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["sound0"]).replace_schema_metadata(table.schema.metadata), path)
    assert refusal(path) == "encoding_damaged"

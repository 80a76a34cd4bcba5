"""A list becomes an encoding, and the ids stay at home."""

import csv
import stat
from pathlib import Path
from typing import Any

import pytest

from lianxin.matching.encoding import encode
from lianxin.matching.encoding.files import read_head
from tests.matching.encoding.keys import KEY, OTHER, encoded, making, rows
from tests.matching.rosters import number, person, write

PEOPLE = [
    person(
        f"会员{n}",
        name,
        id_number=number(f"2108031970010{1 + n % 9}{n:03d}"),
        phone=f"139000000{n:02d}",
        region="210803",
        address=f"新兴街{n + 1}号2栋301室",
        employer="营口某某有限公司",
    )
    for n, name in enumerate(["王芳", "赵敏", "孙丽华", "周建军", "吴国强", "郑淑珍", "钱海涛", "林晓清"] * 3)
]


def ids_of(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["record_id"]: row["record"] for row in csv.DictReader(file)}


def content(path: Path) -> dict[str, Any]:
    return {record: {k: v for k, v in row.items() if k != "record"} for record, row in rows(path).items()}


def test_new_ids_are_random_and_the_file_beside_says_whose_they_are(tmp_path: Path) -> None:
    named = content(encoded(tmp_path, "named", *PEOPLE))
    made = making(tmp_path, "fresh", *PEOPLE, ids=True)
    ids = ids_of(tmp_path / "fresh-ids.csv")
    assert list(ids) == [row["record_id"] for row in PEOPLE]
    fresh = content(made.path)
    assert {own: fresh[new] for own, new in ids.items()} == named
    again = ids_of(making(tmp_path, "again", *PEOPLE, ids=True).ids or Path())
    assert not set(again.values()) & set(ids.values())


def test_the_order_of_rows_tells_nothing(tmp_path: Path) -> None:
    made = making(tmp_path, "fresh", *PEOPLE, ids=True)
    ids = list(ids_of(tmp_path / "fresh-ids.csv").values())
    order = list(rows(made.path))
    assert order == sorted(ids)
    assert order != ids


def test_only_the_owner_may_read_what_is_written(tmp_path: Path) -> None:
    made = making(tmp_path, "fresh", *PEOPLE, ids=True)
    assert made.ids
    assert [stat.S_IMODE(path.stat().st_mode) for path in (made.path, made.ids)] == [0o600, 0o600]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_nothing_of_the_list_stands_in_the_encoding(tmp_path: Path, ending: str) -> None:
    made = making(tmp_path, "fresh", *PEOPLE, ids=True, ending=ending)
    written = made.path.read_bytes()
    for row in PEOPLE:
        for value in ("record_id", "name", "id_number", "phone", "address", "employer"):
            assert str(row[value]).encode() not in written
    assert KEY.secret not in written
    assert KEY.secret.hex().encode() not in written


def test_several_processes_make_the_same_as_one(tmp_path: Path) -> None:
    one = encoded(tmp_path, "one", *PEOPLE)
    several, work = tmp_path / "several.parquet", tmp_path / "work-several"
    work.mkdir()
    clean = write(work / "clean.parquet", *PEOPLE)
    encode(clean, out=several, ids=None, key=KEY, work=work, processes=2)
    assert content(several) == content(one)


def test_who_has_no_birth_date_is_counted(tmp_path: Path) -> None:
    made = making(tmp_path, "one", *PEOPLE, person("x", "陈静"))
    assert (made.rows, made.without_birth) == (len(PEOPLE) + 1, 1)
    assert rows(made.path)["x"]["sound0"] is None


def test_the_fingerprint_tells_the_key(tmp_path: Path) -> None:
    one, other = making(tmp_path, "one", *PEOPLE), making(tmp_path, "other", *PEOPLE, key=OTHER)
    assert read_head(one.path).fingerprint == one.fingerprint == KEY.fingerprint
    assert read_head(other.path).fingerprint == OTHER.fingerprint


def test_what_goes_wrong_leaves_neither_file(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(_words: object, share: float) -> None:
        if share > 0.2:
            raise Stop

    out, ids, work = tmp_path / "out.parquet", tmp_path / "ids.csv", tmp_path / "work"
    work.mkdir()
    clean = write(work / "clean.parquet", *PEOPLE)
    with pytest.raises(Stop):
        encode(clean, out=out, ids=ids, key=KEY, work=work, progress=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["work"]
    (work / "encode.duckdb").unlink()
    encode(clean, out=out, ids=ids, key=KEY, work=work)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ids.csv", "out.parquet", "work"]


def test_ids_that_a_spreadsheet_would_run_are_made_harmless(tmp_path: Path) -> None:
    made = making(tmp_path, "one", person("=1+1", "陈静"), ids=True)
    assert made.ids
    assert list(ids_of(made.ids)) == ["'=1+1"]

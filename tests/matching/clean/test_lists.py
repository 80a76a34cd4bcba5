"""Whole lists: the SQL takes for clean, and reckons, what the functions do."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lianxin.matching.clean.addresses import clean_employer, clean_text, head_of, split_head
from lianxin.matching.clean.lists import COLUMNS, clean_list
from lianxin.matching.clean.names import clean_name
from lianxin.matching.clean.numbers import birth_in, check_character, clean_number, number_state, sex_in
from lianxin.matching.clean.phones import clean_phone
from lianxin.matching.words import Words

HAN = st.sampled_from("原名故张李王欧阳伟杰張偉傑乾女士先生不详一二三·")
NAMES = st.text(HAN | st.sampled_from(" (已退休)A1"), min_size=1, max_size=8)
NUMBERS = st.builds(
    lambda body, check, cut: (body + (check_character(body) if check is None else check))[cut:],
    st.from_regex(r"410102(19|20)[0-9]{2}(0[1-9]|1[0-9])[0-3][0-9]{4}", fullmatch=True),
    st.sampled_from([None, None, "1", "x", ""]),
    st.sampled_from([0, 0, 0, 1]),
)
PHONES = st.text(st.sampled_from("0123456789+- /转"), max_size=14) | st.just("13800000001")
PLACES = st.sampled_from(["河南省郑州市中原区", "宜州市", "南京", "", "郑州市", "鼓楼区"])
ADDRESSES = st.builds(
    lambda a, b: a + b, PLACES, st.text(st.sampled_from("建设路十二号栋幢3 -至號A"), max_size=8)
)


def _quiet(words: Words, share: float) -> None:
    assert 0 <= share < 1


def cleaned(folder: Path, rows: list[dict[str, str]]) -> list[dict[str, object]]:
    out = folder / "clean.parquet"
    with duckdb.connect() as con:
        columns = [pa.array([row.get(column) for row in rows], pa.string()) for column in COLUMNS]
        con.register("incoming", pa.table([pa.array(range(len(rows))), *columns], names=["line", *COLUMNS]))
        con.execute("create table given as from incoming")
        counts = clean_list(con, out, _quiet)
        found = con.sql(f"from '{out}'").to_arrow_table().to_pylist()
    return [{"counts": counts, **row} for row in found]


@settings(max_examples=10, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.lists(st.tuples(NAMES, NUMBERS, PHONES, ADDRESSES), min_size=20, max_size=60))
def test_the_list_holds_what_the_functions_say(
    tmp_path_factory: object, given_rows: list[tuple[str, str, str, str]]
) -> None:
    folder = Path(str(tmp_path_factory.mktemp("list")))  # type: ignore[attr-defined]
    rows = [
        {
            "record_id": str(n),
            "name": name,
            "id_number": number,
            "phone": phone,
            "address": address,
            "employer": address,
        }
        for n, (name, number, phone, address) in enumerate(given_rows)
    ]
    found = {row["record_id"]: row for row in cleaned(folder, rows)}
    for row in rows:
        number = clean_number(row["id_number"])
        text = clean_text(row["address"]) or ""
        code, length = split_head(head_of(text))
        assert {key: value for key, value in found[row["record_id"]].items() if key != "counts"} == {
            "record_id": row["record_id"],
            "name": clean_name(row["name"]),
            "id_number": number,
            "id_state": number_state(number),
            "sex": sex_in(number) if number else None,
            "birth_date": birth_in(number) if number else None,
            "phone": clean_phone(row["phone"]),
            "region": code,
            "address": text[length:] or None,
            "employer": clean_employer(row["employer"]),
            "raw_name": row["name"],
            "raw_id_number": row["id_number"] or None,
            "raw_phone": row["phone"] or None,
            "raw_address": row["address"] or None,
        }


def test_what_was_given_goes_before_what_the_number_says(tmp_path: Path) -> None:
    body = "41010219800101123"
    row = {"record_id": "1", "name": "张三", "id_number": body + check_character(body)}
    given = {**row, "record_id": "2", "sex": "女", "birth_date": "1981-02-03"}
    found = cleaned(tmp_path, [row, given])
    assert [(r["sex"], r["birth_date"]) for r in found] == [("M", date(1980, 1, 1)), ("F", date(1981, 2, 3))]


def test_a_region_is_the_more_precise_of_column_and_address(tmp_path: Path) -> None:
    address = "郑州市中原区建设路1号"
    regions = ["", "410000", "410103", "420000", "中原区"]
    rows = [
        {"record_id": str(n), "name": "张三", "region": region, "address": address}
        for n, region in enumerate(regions)
    ]
    found = cleaned(tmp_path, rows)
    assert [r["region"] for r in found] == ["410102", "410102", "410103", "420000", "410102"]
    assert {r["address"] for r in found} == {"建设路1号"}


def test_a_column_that_a_spreadsheet_program_rounded_keeps_what_is_left_and_says_so(tmp_path: Path) -> None:
    bodies = [f"410102198001{day:02}{n:03}" for day in range(1, 4) for n in range(0, 1000, 100)]
    rounded = [f"{body[:15]}000" for body in bodies]
    states = {number_state(number) for number in rounded}
    assert states == {"valid", "bad_check"}  # one in eleven looks right
    rows = [{"record_id": str(n), "name": "张三", "id_number": number} for n, number in enumerate(rounded)]
    rows.append({"record_id": "e", "name": "李四", "id_number": "4.10102E+17"})
    found = cleaned(tmp_path, rows)
    assert {row["id_state"] for row in found} == {"partial"}
    assert {len(str(row["id_number"])) for row in found[:-1]} == {15}
    counts = found[0]["counts"]
    assert isinstance(counts, dict)
    assert {kind: count for kind, count in counts.items() if count} == {"rounded": 31}


def test_a_number_that_really_ends_in_three_zeros_stays(tmp_path: Path) -> None:
    real = next(
        number
        for n in range(10)
        for number in [f"41010219800101{n}000"]
        if check_character(number[:17]) == "0"
    )
    other = "41010219800102" + "123"
    rows = [
        {"record_id": str(n), "name": "张三", "id_number": number}
        for n, number in enumerate([real, other + check_character(other)])
    ]
    assert [row["id_state"] for row in cleaned(tmp_path, rows)] == ["valid", "valid"]


def test_what_was_done_is_counted(tmp_path: Path) -> None:
    body = "41010219800101123"
    whole = body + check_character(body)
    rows = [
        {"record_id": "1", "name": "张 三", "id_number": whole, "birth_date": "1980", "address": "某路"},
        {"record_id": "2", "name": "李四", "id_number": whole[:6] + whole[8:17], "phone": "无", "sex": "男"},
        {"record_id": "3", "name": "王五", "id_number": whole[:-1], "phone": "13800000001"},
        {"record_id": "4", "name": "赵六", "id_number": body + ("1" if whole[-1] != "1" else "2")},
    ]
    assert cleaned(tmp_path, rows)[0]["counts"] == {
        "names": 1,
        "old_numbers": 1,
        "bad_checks": 1,
        "partial": 1,
        "rounded": 0,
        "births": 2,
        "sexes": 1,
        "no_date": 1,
        "no_phone": 1,
        "no_region": 1,
    }

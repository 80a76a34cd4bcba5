"""Two rosters in, pairs out: each kind of error that the engine exists for, and those it must not fall for."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lianxin.matching import Limits, Words, dedupe, link
from tests.matching.rosters import number, pairs, person, write

LIN = number("21080219850312347")
HOME = {"region": "210802", "address": "渤海路12号3栋2单元501室"}
STRANGERS = [
    person(
        f"R{n}", name, id_number=number(f"2108031970{n:02d}15{n:03d}"), phone=f"139{n:08d}", region="210803",
        address=f"新兴街{n}号{n}栋1单元10{n}室", employer="营口金鼎服装",
    )
    for n, name in enumerate(["王芳", "赵敏", "孙丽华", "周建军", "吴国强", "郑淑珍", "钱海涛"], start=1)
]  # fmt: skip

Link = Callable[..., dict[tuple[str, str], tuple[str, str]]]


@pytest.fixture
def linked(tmp_path: Path) -> Link:
    """Link a roster of strangers and `known` with one record."""

    def run(known: list[dict[str, Any]], listed: dict[str, Any], **options: Any) -> Any:
        left = write(tmp_path / "left.parquet", *STRANGERS, *known)
        right = write(tmp_path / "right.parquet", listed)
        link(left, right, out=tmp_path / "pairs.parquet", limits=Limits(threads=1), **options)
        return pairs(tmp_path / "pairs.parquet")

    return run


def lin(**changes: Any) -> dict[str, Any]:
    known = {"id_number": LIN, "phone": "13800000001", "employer": "营口港务物流", **HOME}
    return person("A", "林晓清", **{**known, **changes})


def listed(name: str, **changes: Any) -> dict[str, Any]:
    return {**lin(**changes), "record_id": "B", "name": name}


def test_the_same_record_is_a_match(linked: Link) -> None:
    assert linked([lin()], listed("林晓清")) == {
        ("A", "B"): (
            "match",
            "身份证号一致、姓名一致、出生日期一致、手机号一致、住址一致、单位一致。",
        )
    }


def test_the_reason_is_told_in_english(linked: Link) -> None:
    found = linked([lin()], listed("林晓青", phone="13900000009"), language="en")
    assert found[("A", "B")] == (
        "match",
        (
            "Same identity number, names read the same, same birth date, same address, same employer; "
            "but different phones."
        ),
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("林晓青", "姓名同音"),
        ("林晓情", "姓名同音"),
        ("林晓请", "姓名同音"),
        ("林晓睛", "姓名有一个形近字"),
        ("林晓婧", "姓名有一个形近字"),
        ("林小琴", "姓名音近"),
        ("林清晓", "姓名字序颠倒"),
        ("林晓", "姓名多一字或少一字"),
    ],
)
def test_a_name_written_otherwise_is_a_match_without_number(linked: Link, name: str, told: str) -> None:
    birth = {"id_number": None, "sex": "M", "birth_date": date(1985, 3, 12)}
    decision, reason = linked([lin()], listed(name, **birth))[("A", "B")]
    assert decision == "match"
    assert told in reason


def test_someone_renamed_is_found_by_the_number(linked: Link) -> None:
    decision, reason = linked([lin()], listed("林若涵"))[("A", "B")]
    assert decision == "match"
    assert "同姓不同名" in reason


@pytest.mark.parametrize(
    ("digits", "told"),
    [
        (LIN[:9] + "9" + LIN[10:], "身份证号错一位"),
        (LIN[:15] + LIN[16] + LIN[15] + LIN[17:], "身份证号两位颠倒"),
        (LIN[1:], "身份证号缺一段"),
        (LIN[:17], "身份证号缺一段"),
    ],
)
def test_a_number_written_wrong_is_a_match(linked: Link, digits: str, told: str) -> None:
    decision, reason = linked([lin()], listed("林晓清", id_number=digits, phone=None))[("A", "B")]
    assert decision == "match"
    assert told in reason


def test_a_twin_with_a_number_of_her_own_is_nobody_in_the_roster(linked: Link) -> None:
    sister = number(LIN[:16] + "9")
    assert linked([lin()], listed("林晓明", id_number=sister)) == {}


def test_a_twin_without_number_is_no_match(linked: Link) -> None:
    found = linked([lin()], listed("林晓明", id_number=None, birth_date=date(1985, 3, 12), sex="M"))
    assert all(decision == "review" for decision, _ in found.values())


def test_a_father_under_one_roof_with_one_phone_is_no_match(linked: Link) -> None:
    found = linked([lin()], listed("林清", id_number=None, birth_date=date(1958, 7, 1), sex="M"))
    assert all(decision == "review" for decision, _ in found.values())


def test_two_who_bear_one_common_name_and_birthday_are_not_told_apart(linked: Link) -> None:
    born = {"birth_date": date(1972, 3, 1), "sex": "M", "region": "210802"}
    crowd = [person("C1", "王伟", **born), person("C2", "王伟", **born)]
    found = linked(crowd, person("B", "王伟", **born))
    assert {key: decision for key, (decision, _) in found.items()} == {
        ("C1", "B"): "review",
        ("C2", "B"): "review",
    }


def test_a_phone_tells_one_of_a_crowd_apart(linked: Link) -> None:
    born = {"birth_date": date(1972, 3, 1), "sex": "M", "region": "210802"}
    crowd = [
        person("C1", "王伟", phone="13800000003", **born),
        person("C2", "王伟", phone="13800000004", **born),
    ]
    found = linked(crowd, person("B", "王伟", phone="13800000004", **born))
    assert {key: decision for key, (decision, _) in found.items()} == {("C2", "B"): "match"}


def test_pairs_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    left = write(tmp_path / "left.parquet", *STRANGERS)
    out = tmp_path / "pairs.parquet"
    temporary = tmp_path / "temporary"
    with pytest.raises(Exception, match="missing"):
        link(left, tmp_path / "missing.parquet", out=out, limits=Limits(temporary=temporary))
    assert not out.exists()
    assert list(temporary.iterdir()) == []


def test_nobody_in_common_gives_an_empty_table_with_its_columns(tmp_path: Path) -> None:
    left = write(tmp_path / "left.parquet", *STRANGERS[:3])
    right = write(tmp_path / "right.parquet", *STRANGERS[4:])
    linked = link(left, right, out=tmp_path / "pairs.parquet")
    assert (linked.matches, linked.reviews, linked.in_review) == (0, 0, 0)
    assert pq.read_table(tmp_path / "pairs.parquet").column_names[:5] == [
        "left_id",
        "right_id",
        "probability",
        "decision",
        "reason",
    ]


def test_one_person_twice_in_the_list_is_one_match_or_two(tmp_path: Path) -> None:
    left = write(tmp_path / "left.parquet", *STRANGERS, lin())
    right = write(tmp_path / "right.parquet", listed("林晓清"), {**listed("林晓清"), "record_id": "B2"})
    out = tmp_path / "pairs.parquet"
    assert link(left, right, out=out).matches == 0
    assert link(left, right, out=out, cardinality="one-to-many").matches == 2


def test_persons_twice_in_one_roster_are_found(tmp_path: Path) -> None:
    again = {**listed("林晓青"), "birth_date": None, "id_number": None, "id_state": None}
    roster = write(tmp_path / "left.parquet", *STRANGERS, lin(), again)
    dedupe(roster, out=tmp_path / "pairs.parquet")
    assert {key: decision for key, (decision, _) in pairs(tmp_path / "pairs.parquet").items()} == {
        ("A", "B"): "match"
    }


def test_progress_is_told_from_nothing_to_nearly_all(tmp_path: Path) -> None:
    told: list[tuple[Words, float]] = []
    roster = write(tmp_path / "left.parquet", *STRANGERS)
    link(
        roster,
        roster,
        out=tmp_path / "pairs.parquet",
        progress=lambda words, done: told.append((words, done)),
    )
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert told[0][0] == Words("读取左表", "Reading the left list")


def test_numbers_that_a_spreadsheet_program_rounded_alike_make_nobody_one_person(linked: Link) -> None:
    """All who were born in one county on one day have the same fifteen digits."""
    rounded = {"id_number": LIN[:15], "id_state": "partial"}
    cut, elsewhere = {**lin(), **rounded}, {"phone": "13700000007", "address": "新兴街8号"}
    other = {**listed("周建军", **elsewhere), **rounded}
    assert linked([cut], other).get(("A", "B"), ("", ""))[0] != "match"
    decision, why = linked([cut], {**cut, "record_id": "B"})[("A", "B")]
    assert (decision, "身份证号缺一段" in why) == ("match", True)

"""The others of a household raise a pair, and never merge those who only live together."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lianxin.matching import Limits, link
from tests.matching.rosters import number, pairs, person, write

OLD_HOME = {"region": "210802", "address": "渤海路12号3栋2单元501室"}
NEW_HOME = {"region": "210803", "address": "新兴街7号1栋1单元302室"}
WIFE = number("21080219720805024")
BORN = {"birth_date": date(1972, 3, 1), "sex": "M"}


def two_of_one_name(**home: Any) -> list[dict[str, Any]]:
    """Two who bear one common name and birthday; the first lives at the home given, the other elsewhere."""
    other = {"region": "210802", "address": "文化路3号1栋1单元201室"}
    return [person("C1", "王伟", **BORN, **home), person("C2", "王伟", **BORN, **other)]


def found(tmp_path: Path, roster: list[dict[str, Any]], listed: list[dict[str, Any]], **options: Any) -> Any:
    left, right = write(tmp_path / "left.parquet", *roster), write(tmp_path / "right.parquet", *listed)
    link(left, right, out=tmp_path / "pairs.parquet", limits=Limits(threads=1), **options)
    return pairs(tmp_path / "pairs.parquet")


@pytest.fixture
def listed() -> list[dict[str, Any]]:
    """A family that has moved; the wife has her number."""
    return [
        person("H", "王伟", **BORN, **NEW_HOME),
        person("W", "孙丽华", id_number=WIFE, **NEW_HOME),
    ]


def test_a_matched_wife_tells_which_of_two_is_her_husband(
    tmp_path: Path, listed: list[dict[str, Any]]
) -> None:
    wife = person("R", "孙丽华", id_number=WIFE, **OLD_HOME)
    told = found(tmp_path, [*two_of_one_name(**OLD_HOME), wife], listed)
    assert told[("R", "W")][0] == "match"
    assert told[("C1", "H")][0] == "match"
    assert told[("C1", "H")][1].startswith("姓名一致、出生日期一致、同住的家人也已对上；但住址不同")
    assert ("C2", "H") not in told


def test_a_wife_who_lives_elsewhere_tells_nothing(tmp_path: Path, listed: list[dict[str, Any]]) -> None:
    elsewhere = person("R", "孙丽华", id_number=WIFE, region="210802", address="和平路9号2栋1单元101室")
    told = found(tmp_path, [*two_of_one_name(**OLD_HOME), elsewhere], listed)
    assert told[("R", "W")][0] == "match"
    assert {told[("C1", "H")][0], told[("C2", "H")][0]} == {"review"}


def test_a_dormitory_is_no_household(tmp_path: Path, listed: list[dict[str, Any]]) -> None:
    wife = person("R", "孙丽华", id_number=WIFE, **OLD_HOME)
    others = [person(f"D{n}", "赵敏", birth_date=date(1990, 1, 1 + n), **OLD_HOME) for n in range(8)]
    told = found(tmp_path, [*two_of_one_name(**OLD_HOME), wife, *others], listed)
    assert told[("R", "W")][0] == "match"
    assert told[("C1", "H")][0] == "review"


def test_twins_and_father_and_son_are_not_merged_by_their_household(tmp_path: Path) -> None:
    mother, son = WIFE, number("21080219970805011")
    roster = [
        person("M", "孙丽华", id_number=mother, **OLD_HOME),
        person("S", "王晓明", id_number=son, **OLD_HOME),
        person("F", "王伟", **BORN, **OLD_HOME),
    ]
    listed = [
        person("m", "孙丽华", id_number=mother, **NEW_HOME),
        person("t", "王晓亮", birth_date=date(1997, 8, 5), sex="M", **NEW_HOME),
        person("s", "王炜", birth_date=date(1997, 8, 5), sex="M", **NEW_HOME),
        person("e", "王晓明", id_number=number("21080219970805033"), **NEW_HOME),
    ]
    told = found(tmp_path, roster, listed)
    assert [pair for pair, (decision, _) in told.items() if decision == "match"] == [("M", "m")]
    assert "同住" not in "".join(reason for _, reason in told.values())

"""Two encodings in: yes, no or review out, and nothing more."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lianxin.matching.encoding import Answered, Key, link_encodings
from lianxin.matching.encoding.files import read_head
from lianxin.matching.encoding.levels import LEVELS
from lianxin.matching.encoding.linking import check_alike, default_weights
from lianxin.matching.problems import Problem
from tests.matching.encoding.keys import KEY, OTHER, encoded
from tests.matching.rosters import number, person

NUMBER, TWIN = number("21080319710305002"), number("21080319710305004")
ADDRESS = "新兴街12号3栋301室"
ROSTER = [
    person(
        "R1",
        "张晓清",
        id_number=NUMBER,
        phone="13912345678",
        address=ADDRESS,
        region="210803",
        employer="港务局",
    ),
    person("R2", "王伟", id_number=number("21080319720301001"), phone="13700000001", region="210803"),
    person(
        "R3",
        "周国强",
        id_number=number("21080319650712001"),
        phone="13700000002",
        address="渤海街8号1栋202室",
    ),
]


def answers(
    folder: Path, right: list[dict[str, Any]], *, left: list[dict[str, Any]] = ROSTER, key: Key = KEY
) -> set[tuple[str | None, str, str]]:
    out, work = folder / "answers.parquet", folder / "work"
    work.mkdir()
    link_encodings(
        encoded(folder, "left", *left), encoded(folder, "right", *right, key=key), out=out, work=work
    )
    return {(row["left_id"], row["right_id"], row["answer"]) for row in pq.read_table(out).to_pylist()}


def listed(name: str = "张晓清", **known: Any) -> dict[str, Any]:
    return person("L", name, **known)


BORN: dict[str, Any] = {"birth_date": date(1971, 3, 5), "sex": "F"}


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (listed(id_number=NUMBER), "yes"),
        (listed("张小青", id_number=NUMBER), "yes"),
        (listed("李晓清", id_number=NUMBER, phone="13912345678"), "yes"),
        (listed(**BORN, phone="13912345678", address=ADDRESS), "yes"),
        (listed("张小青", **BORN, phone="13912345678", address=ADDRESS), "yes"),
        (listed(**BORN, phone="13912345678", id_number=NUMBER[:17] + "0"), "yes"),
        (listed("陈志远", birth_date=date(1980, 1, 1), phone="13600000000"), "no"),
        (listed(birth_date=date(1980, 1, 1)), "no"),
        (listed(), "no"),
    ],
)
def test_an_answer_says_yes_or_no(tmp_path: Path, given: dict[str, Any], answer: str) -> None:
    assert answers(tmp_path, [given]) == {("R1" if answer == "yes" else None, "L", answer)}


def test_a_twin_is_never_a_yes(tmp_path: Path) -> None:
    twin = {"phone": "13912345678", "address": ADDRESS, "region": "210803"}
    told = answers(
        tmp_path, [person("L1", "张晓霞", **BORN, **twin), person("L2", "张晓霞", id_number=TWIN, **twin)]
    )
    assert {answer for _, right, answer in told if right == "L2"} == {"no"}
    assert "yes" not in {answer for _, _, answer in told}


def test_two_valid_numbers_that_differ_are_two_persons(tmp_path: Path) -> None:
    same = {"phone": "13912345678", "address": ADDRESS}
    assert answers(tmp_path, [listed(id_number=TWIN, **same)]) == {(None, "L", "no")}


def test_equally_good_candidates_are_for_a_person_to_review(tmp_path: Path) -> None:
    crowd = [person(f"R{n}", "王伟", birth_date=date(1972, 3, 1), region="210803") for n in range(3)]
    told = answers(tmp_path, [person("L", "王伟", birth_date=date(1972, 3, 1), region="210803")], left=crowd)
    assert {answer for _, _, answer in told} <= {"review", "no"}


def test_there_is_an_answer_for_each_record_and_nothing_more(tmp_path: Path) -> None:
    right = [listed(id_number=NUMBER), person("M", "陈志远"), person("N", "林海")]
    told = answers(tmp_path, right)
    assert {record for _, record, _ in told} == {"L", "M", "N"}
    assert pq.read_schema(tmp_path / "answers.parquet").names == ["left_id", "right_id", "answer"]


def test_answers_are_counted(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    left = encoded(tmp_path, "left", *ROSTER)
    right = encoded(tmp_path, "right", listed(id_number=NUMBER), person("M", "陈志远"))
    told = link_encodings(left, right, out=tmp_path / "a.parquet", work=work)
    assert told == Answered(rows=2, yes=1, review=0, candidates=1)
    assert told.no == 1


def refusal(folder: Path, key: Key) -> Problem:
    with pytest.raises(Problem) as refused:
        answers(folder, [listed(id_number=NUMBER)], key=key)
    assert not (folder / "answers.parquet").exists()
    return refused.value


def test_two_keys_are_refused_and_both_fingerprints_said(tmp_path: Path) -> None:
    refused = refusal(tmp_path, OTHER)
    assert refused.code == "keys_differ"
    assert KEY.fingerprint in refused.spoken("en")
    assert OTHER.fingerprint in refused.spoken("zh")


def test_two_hashes_of_one_key_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, Key(KEY.secret, "sm3")).code == "keys_differ"


def test_other_tables_or_parameters_are_refused(tmp_path: Path) -> None:
    head = read_head(encoded(tmp_path, "one", *ROSTER))
    check_alike(head, replace(head, rows=7))
    for other in (replace(head, tables="0"), replace(head, bits=512), replace(head, flips=0)):
        with pytest.raises(Problem) as refused:
            check_alike(head, other)
        assert refused.value.code == "recipes_differ"


def test_shipped_weights_know_every_comparison() -> None:
    weights = default_weights()
    assert list(weights.levels) == list(LEVELS)
    assert 0.9 < weights.yes < 1
    assert 0 < weights.review < 0.5
    for name, levels in weights.levels.items():
        assert levels.get("same", 0) >= levels.get("differs", 0), name

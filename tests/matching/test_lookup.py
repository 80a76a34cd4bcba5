"""A look-up answers what a comparison with a list of one row does, and refuses what it cannot stand on."""

import json
import shutil
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

from lianxin.matching import Limits, default_model, link
from lianxin.matching.lookup import Prepared, lookup, prepare, prepare_clean
from lianxin.matching.problems import Problem
from tests.matching.rosters import number, person, write

SURNAMES = "王单林欧阳"
GIVEN = ["伟", "炜", "晓清", "晓青", "晓情", "清晓", "建国", "乐"]
ONE = Limits(threads=1)


def anybody(random: Random, record_id: str) -> dict[str, Any]:
    """Somebody out of so few names, days and homes that many are alike."""
    surname = random.choice(["王", "单", "林", "欧阳"])
    born = date(1980 + random.randrange(2), 1 + random.randrange(2), 1 + random.randrange(3))
    body = f"21080{random.randrange(2)}{born:%Y%m%d}{random.randrange(6):03d}"
    return person(
        record_id,
        surname + random.choice(GIVEN),
        id_number=random.choice([None, number(body), number(body), body]),
        birth_date=random.choice([None, born, born]),
        sex=random.choice([None, "M", "F"]),
        phone=random.choice([None, f"1390000000{random.randrange(6)}"]),
        region=random.choice([None, "210802", "210803"]),
        address=random.choice([None, f"新兴街{random.randrange(3)}号2栋50{random.randrange(2)}室"]),
        employer=random.choice([None, "营口港务物流", "营口港务物流有限公司"]),
    )


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = Random(3)
    people = [anybody(random, f"L{n}") for n in range(150)]
    return write(tmp_path_factory.mktemp("roster") / "roster.parquet", *people)


@pytest.fixture(scope="module")
def folder(roster: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "roster"
    assert prepare_clean(roster, folder, limits=ONE) == 150
    return folder


@pytest.fixture
def prepared(folder: Path) -> Iterator[Prepared]:
    with Prepared(folder) as opened:
        yield opened


@pytest.mark.parametrize("seed", range(12))
def test_a_look_up_answers_what_a_list_of_one_row_does(
    roster: Path, prepared: Prepared, tmp_path: Path, seed: int
) -> None:
    asked = anybody(Random(1000 + seed), "R")
    link(roster, write(tmp_path / "one.parquet", asked), out=tmp_path / "pairs.parquet", limits=ONE)
    linked = pq.read_table(tmp_path / "pairs.parquet").to_pylist()
    found = prepared.find_clean(asked)
    assert {(f.left_id, f.decision, f.reason) for f in found} == {
        (row["left_id"], row["decision"], row["reason"]) for row in linked
    }
    probabilities = {row["left_id"]: row["probability"] for row in linked}
    assert {f.left_id: f.probability for f in found} == pytest.approx(probabilities, rel=1e-9)


def test_the_histories_hold_matches_reviews_and_nobody(prepared: Prepared) -> None:
    kinds = [
        {f.decision for f in prepared.find_clean(anybody(Random(1000 + seed), "R"))} for seed in range(12)
    ]
    assert {frozenset(kind) for kind in kinds} >= {frozenset(), frozenset({"review"})}


def test_a_person_is_asked_for_as_a_list_writes_them(tmp_path: Path) -> None:
    known = person("A", "林晓清", id_number=number("21080219850312347"), phone="13800000001")
    folder = tmp_path / "roster"
    prepare_clean(write(tmp_path / "roster.parquet", known), folder)
    asked = {"name": "林 晓青(已退休)", "id_number": number("21080219850312347").lower()}
    (found,) = lookup(folder, asked, language="en")
    assert (found.left_id, found.decision) == ("A", "match")
    assert found.reason.startswith("Same identity number, names read the same")
    assert lookup(folder, {"name": "周建军"}) == []
    with pytest.raises(Problem) as refused:
        lookup(folder, {"name": "不详", "phone": "13800000001"})
    assert refused.value.code == "name_missing"


def test_a_prepared_roster_is_private_whole_and_can_be_copied(
    roster: Path, folder: Path, tmp_path: Path
) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    asked = anybody(Random(1003), "R")
    copied = shutil.copytree(folder, tmp_path / "copied")
    with Prepared(folder) as one, Prepared(copied) as other:
        assert one.find_clean(asked) == other.find_clean(asked)
    prepare_clean(roster, copied, limits=ONE)
    assert [path.name for path in tmp_path.iterdir()] == ["copied"]
    with pytest.raises(Problem) as refused:
        prepare_clean(roster, tmp_path, limits=ONE)
    assert refused.value.code == "target_closed"
    with pytest.raises(Problem) as refused:
        prepare_clean(roster, tmp_path / "none" / "roster", limits=ONE)
    assert refused.value.code == "target_closed"


def test_what_another_version_or_model_has_made_is_refused(folder: Path, tmp_path: Path) -> None:
    other = default_model().with_chances(default_model().chances, note="other")
    with pytest.raises(Problem) as refused:
        Prepared(folder, model=other)
    assert refused.value.code == "prepared_with_other_model"
    copied = shutil.copytree(folder, tmp_path / "copied")
    manifest = json.loads((copied / "manifest.json").read_text())
    (copied / "manifest.json").write_text(json.dumps({**manifest, "engine": "otherwise"}))
    with pytest.raises(Problem) as refused:
        Prepared(copied)
    assert refused.value.code == "prepared_otherwise"
    (copied / "manifest.json").unlink()
    with pytest.raises(Problem) as refused:
        Prepared(copied)
    assert refused.value.code == "not_prepared"


def test_a_roster_file_is_read_cleaned_and_prepared(tmp_path: Path) -> None:
    listed = tmp_path / "roster.csv"
    listed.write_text("编号,姓名,手机号\n1,張三,+86 138-0000-0001\n2,李四,13800000002\n", encoding="gb18030")
    work = tmp_path / "work"
    work.mkdir()
    told: list[float] = []
    rows = prepare(listed, tmp_path / "ready", work=work, progress=lambda _, share: told.append(share))
    assert rows == 2
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] < 1
    (found,) = lookup(tmp_path / "ready", {"name": "张三", "phone": "13800000001"})
    assert (found.left_id, found.decision) == ("1", "match")
    listed.write_text("编号,姓名\n1,\n", encoding="utf-8")
    with pytest.raises(Problem):
        prepare(listed, tmp_path / "faulty", work=work)
    assert not (tmp_path / "faulty").exists()

"""The same comparison on a real cluster: a standalone master and two workers, started here, on loopback.

One session serves all that the library can show; processes are begun only for what a command does by itself.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lianxin.bench.match.lists import Lists, make_lists
from lianxin.bench.match.people import Shape
from lianxin.matching import Answer, Words, link
from lianxin.matching.engines import Engine, Limits, Opening
from lianxin.matching.engines.cluster import spoken
from lianxin.matching.engines.spark import Spark, open_spark
from lianxin.matching.problems import Problem
from lianxin.matching.running import Order, run
from lianxin.matching.words import silent
from tests.matching.engines.clusters import Local, free_port, local_cluster, missing

ON_SPARK = ("--engine", "spark")


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    return make_lists(tmp_path_factory.mktemp("lists"), Shape(roster=3_000, listed=600), seed=41)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    lacking = missing()
    if lacking:
        pytest.skip(lacking)
    with local_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def session(cluster: Local, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """A session that stays open; a run of three seconds without a worker is given up."""
    folder = tmp_path_factory.mktemp("session")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in cluster.environment.items():
            patch.setenv(name, value)
        with open_spark(cluster.master, wait=3)(Limits(temporary=folder)) as opened:
            assert isinstance(opened, Spark)
            yield opened
    assert left_behind(folder) == []


@pytest.fixture
def engine(session: Spark) -> Opening:
    """The session for one run more; what goes wrong is said as at the end of a session of one's own."""

    @contextmanager
    def once_more(_limits: Limits) -> Iterator[Engine]:
        with spoken(lambda: session.cluster):
            yield session

    return once_more


_RUNS: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> Iterator[None]:
    """A run that a failed test has left alone is ended."""
    yield
    while _RUNS:
        with _RUNS.pop() as begun:
            begun.terminate()


def match(given: Sequence[Path], out: Path, *words: object, **environment: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "lianxin", "match", *given, "--out", out, "--json"]
    begun = subprocess.Popen(
        [*map(str, command), *map(str, words)],
        env=kept | {"LIANXIN_HOME": str(out.parent / "home")} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _RUNS.append(begun)
    return begun


def said(begun: subprocess.Popen[str]) -> tuple[int, Any]:
    out, err = begun.communicate()
    assert out, err
    return begun.returncode, json.loads(out)


Pairs = dict[tuple[str, str], tuple[float, str, str]]


def pairs(path: Path) -> Pairs:
    return {
        (row["left_id"], row["right_id"]): (row["probability"], row["decision"], row["reason"])
        for row in pq.read_table(path).to_pylist()
    }


def assert_alike(found: Path, expected: Path) -> None:
    ours, theirs = pairs(found), pairs(expected)
    assert ours.keys() == theirs.keys()
    for key, (probability, *told) in ours.items():
        assert told == list(theirs[key][1:])
        assert probability == pytest.approx(theirs[key][0], abs=1e-9)


def left_behind(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def answers_about(expected: Path, lists: Lists) -> list[Answer]:
    """A match called none, another left open, and two called one whom nobody would have taken for one."""
    found = pairs(expected)
    refused, open_, *_ = sorted(key for key, (_, decision, _) in found.items() if decision == "match")
    left, right = (
        next(key for key in sorted(pq.read_table(clean)["record_id"].to_pylist()) if key not in met)
        for clean, met in zip(
            (lists.clean_left, lists.clean_right), map(set, zip(*found, strict=True)), strict=True
        )
    )
    return [Answer(*refused, "no"), Answer(*open_, "unsure"), Answer(left, right, "yes")]


def doubled(lists: Lists, folder: Path) -> Path:
    """Four hundred persons, forty of whom stand there twice."""
    rows = pq.read_table(lists.left).slice(0, 400)
    again = rows.slice(0, 40)
    keys = pa.array([f"again-{n}" for n in range(len(again))], again.schema.field("record_id").type)
    path = folder / "doubled.parquet"
    pq.write_table(pa.concat_tables([rows, again.set_column(0, "record_id", keys)]), path)
    return path


def test_the_command_finds_doubles_writes_the_review_and_keeps_nothing(
    cluster: Local, lists: Lists, tmp_path: Path
) -> None:
    given, out, review = doubled(lists, tmp_path), tmp_path / "pairs.parquet", tmp_path / "review.csv"
    wanted = ("--master", cluster.master, "--review", review, "--review-matches", "5", "--dedupe")
    begun = match([given], out, *ON_SPARK, *wanted, **cluster.environment)
    here = Order(given, None, tmp_path / "here.parquet", review=tmp_path / "here.csv", review_matches=5)
    assert run(here, above=tmp_path / "home-here", progress=silent).linked.matches >= 40
    code, told = said(begun)
    assert (code, told.get("error")) == (0, None)
    assert_alike(out, here.out)
    assert len(review.read_text("utf-8-sig").splitlines()) > 5
    assert sorted(review.read_text("utf-8-sig").splitlines()) == sorted(
        (tmp_path / "here.csv").read_text("utf-8-sig").splitlines()
    )
    assert left_behind(tmp_path / "home") == []
    logs = [*cluster.folder.rglob("std*"), *cluster.folder.glob("*.log")]
    kept = "".join(path.read_text(errors="replace") for path in logs)
    assert [name for name in set(pq.read_table(given)["name"].to_pylist()) if name in kept] == []


def test_a_run_told_to_stop_ends_and_leaves_nothing(cluster: Local, lists: Lists, tmp_path: Path) -> None:
    wanted = (*ON_SPARK, "--master", cluster.master)
    begun = match([lists.left, lists.right], tmp_path / "pairs.csv", *wanted, **cluster.environment)
    while not list(tmp_path.glob("home/matching/**/forms-1/_SUCCESS")):
        assert begun.poll() is None
        time.sleep(0.05)
    begun.terminate()
    begun.communicate()
    assert begun.returncode == 143
    assert left_behind(tmp_path) == []


def test_a_cluster_that_loses_a_worker_finds_what_duckdb_finds_and_heeds_answers(
    engine: Opening, cluster: Local, lists: Lists, tmp_path: Path
) -> None:
    ours, theirs, plain = (tmp_path / f"{name}.parquet" for name in ("spark", "duckdb", "plain"))
    assert link(lists.clean_left, lists.clean_right, out=plain).matches > 250
    answers = answers_about(plain, lists)
    link(lists.clean_left, lists.clean_right, out=theirs, answers=answers)

    def lose_one(words: Words, _share: float) -> None:
        if words.en == "Finding candidates":
            cluster.workers[0].kill()

    link(lists.clean_left, lists.clean_right, out=ours, answers=answers, engine=engine, progress=lose_one)
    assert cluster.workers[0].wait() < 0
    assert_alike(ours, theirs)
    told = {key: decision for key, (_, decision, _) in pairs(ours).items()}
    refused, open_, joined = ((answer.left_id, answer.right_id) for answer in answers)
    assert (told.get(refused), told[open_], told[joined]) == (None, "review", "match")


def test_the_last_worker_lost_is_said_and_leaves_nothing(
    engine: Opening, cluster: Local, lists: Lists, tmp_path: Path
) -> None:
    out = tmp_path / "pairs.parquet"

    def lose_all(words: Words, _share: float) -> None:
        if words.en == "Finding candidates":
            for worker in cluster.workers:
                worker.kill()

    with pytest.raises(Problem) as problem:
        link(lists.clean_left, lists.clean_right, out=out, engine=engine, progress=lose_all)
    assert problem.value.code == "spark_forsaken"
    assert left_behind(tmp_path) == []


_IN_VAIN = {
    "spark_unnamed": {},
    "spark_unreachable": {"SPARK_MASTER": f"spark://127.0.0.1:{free_port()}"},
    "java_missing": {"SPARK_MASTER": "local[1]", "JAVA_HOME": "/nowhere"},
    "spark_python": {"SPARK_MASTER": "local[1]", "PYSPARK_PYTHON": "/nowhere/python3"},
}


def test_what_keeps_spark_from_running_is_said_in_one_sentence(lists: Lists, tmp_path: Path) -> None:
    lacking = missing()
    if lacking:
        pytest.skip(lacking)
    runs = {}
    for code, environment in _IN_VAIN.items():
        (tmp_path / code).mkdir()
        out = tmp_path / code / "pairs.csv"
        # What can be told at once is told before a list is looked at.
        given = [lists.left, lists.right] if code == "spark_python" else [tmp_path / "none.csv"] * 2
        runs[code] = match(given, out, *ON_SPARK, SPARK_LOCAL_IP="127.0.0.1", **environment)
    for code, begun in runs.items():
        returned, told = said(begun)
        assert (returned != 0, told["error"]) == (True, code)
        assert told["words"]["zh"].endswith("。")
        assert told["words"]["en"].endswith(".")
    assert left_behind(tmp_path) == []

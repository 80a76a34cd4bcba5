"""The same comparison on a real cluster: a standalone master and two workers, started here, on loopback."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lianxin.bench.match.lists import Lists, make_lists
from lianxin.bench.match.people import Shape
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


_RUNS: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> Iterator[None]:
    """A run that a failed test has left alone is ended."""
    yield
    while _RUNS:
        with _RUNS.pop() as run:
            run.terminate()


def match(lists: Lists, out: Path, *words: str, **environment: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    run = subprocess.Popen(
        [sys.executable, "-m", "lianxin", "match", lists.left, lists.right, "--out", out, "--json", *words],
        env=kept | {"LIANXIN_HOME": str(out.parent / "home")} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _RUNS.append(run)
    return run


def said(run: subprocess.Popen[str]) -> tuple[int, Any]:
    out, err = run.communicate()
    assert out, err
    return run.returncode, json.loads(out)


def pairs(path: Path) -> dict[tuple[str, str], tuple[float, str, str]]:
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


@pytest.fixture(scope="module")
def expected(lists: Lists, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What DuckDB answers."""
    out = tmp_path_factory.mktemp("duckdb") / "pairs.parquet"
    code, told = said(match(lists, out))
    assert (code, told["pairs"] > 250) == (0, True)
    return out


def test_a_cluster_that_loses_a_worker_finds_the_pairs_that_duckdb_finds_and_keeps_nothing(
    cluster: Local, lists: Lists, expected: Path, tmp_path: Path
) -> None:
    out = tmp_path / "pairs.parquet"
    run = match(lists, out, *ON_SPARK, "--master", cluster.master, "--wait", "300", **cluster.environment)
    _wait_for_work(run, tmp_path)
    cluster.workers[0].kill()
    code, told = said(run)
    assert (code, told.get("error")) == (0, None)
    assert_alike(out, expected)
    assert left_behind(tmp_path / "home") == []
    logs = [*cluster.folder.rglob("std*"), *cluster.folder.glob("*.log")]
    kept = "".join(path.read_text(errors="replace") for path in logs)
    names = pq.read_table(lists.left, columns=["name"])["name"].to_pylist()
    assert [name for name in set(names) if name in kept] == []


def test_a_run_told_to_stop_ends_and_leaves_nothing(cluster: Local, lists: Lists, tmp_path: Path) -> None:
    run = match(lists, tmp_path / "pairs.csv", *ON_SPARK, "--master", cluster.master, **cluster.environment)
    _wait_for_work(run, tmp_path)
    run.terminate()
    run.communicate()
    assert run.returncode == 143
    assert left_behind(tmp_path) == []


def test_the_last_worker_lost_is_said_and_leaves_nothing(
    cluster: Local, lists: Lists, tmp_path: Path
) -> None:
    out = tmp_path / "pairs.parquet"
    run = match(lists, out, *ON_SPARK, "--master", cluster.master, "--wait", "3", **cluster.environment)
    while not list(tmp_path.glob("home/matching/**/left_records.parquet")):
        assert run.poll() is None
        time.sleep(0.05)
    for worker in cluster.workers:
        worker.kill()
    assert said(run)[1]["error"] == "spark_forsaken"
    assert run.returncode != 0
    assert not out.exists()
    assert left_behind(tmp_path / "home") == []


def _wait_for_work(run: subprocess.Popen[str], folder: Path) -> None:
    """Until the first table lies in the shared folder."""
    while not list(folder.glob("home/matching/**/forms-1/_SUCCESS")):
        assert run.poll() is None
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("code", "environment"),
    [
        ("spark_unnamed", {}),
        ("spark_unreachable", {"SPARK_MASTER": f"spark://127.0.0.1:{free_port()}"}),
        ("java_missing", {"SPARK_MASTER": "local[1]", "JAVA_HOME": "/nowhere"}),
        ("spark_python", {"SPARK_MASTER": "local[1]", "PYSPARK_PYTHON": "/nowhere/python3"}),
    ],
)
def test_what_keeps_spark_from_running_is_said_in_one_sentence(
    lists: Lists, tmp_path: Path, code: str, environment: dict[str, str]
) -> None:
    lacking = missing()
    if lacking:
        pytest.skip(lacking)
    out = tmp_path / "pairs.csv"
    run = match(lists, out, *ON_SPARK, SPARK_LOCAL_IP="127.0.0.1", **environment)
    returned, told = said(run)
    assert (returned != 0, told["error"]) == (True, code)
    assert told["words"]["zh"].endswith("。")
    assert told["words"]["en"].endswith(".")
    assert not out.exists()
    assert left_behind(tmp_path / "home") == []

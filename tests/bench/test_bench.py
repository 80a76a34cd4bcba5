"""The commands, at sizes that say nothing about speed: that they run, print what is promised and leave nothing."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

CHECKOUT = Path(__file__).parents[2]
QUICK = ("--seconds", "0.3", "--rounds", "1", "--clients", "2", "--workers", "1")
FIGURE = {
    "name",
    "rate",
    "p50",
    "p95",
    "p99",
    "spread",
    "statements",
    "client_cpu",
    "server_cpu",
    "database_cpu",
}


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder outside pytest's own, which every other run of the same user closes to the server's user."""
    with tempfile.TemporaryDirectory(prefix="lianxin-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder).resolve()


def start(place: Path, *words: str) -> "subprocess.Popen[str]":
    others = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in others}
    return subprocess.Popen(
        [sys.executable, "-m", "lianxin", "bench", *words, "--home", str(place)],
        cwd=CHECKOUT,
        env=kept | {"LIANXIN_HOME": str(place)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def bench(place: Path, *words: str) -> tuple[int, str, str]:
    with start(place, *words) as running:
        said, complained = running.communicate()
    return running.returncode, said, complained


def processes_of(place: Path) -> list[psutil.Process]:
    everybody = psutil.process_iter(["cmdline", "environ"])
    return [
        one
        for one in everybody
        if str(place) in " ".join(one.info["cmdline"] or [])
        or (one.info["environ"] or {}).get("LIANXIN_HOME", "").startswith(f"{place}/bench-")
    ]


def answer(place: Path, *words: str) -> dict[str, Any]:
    code, said, complained = bench(place, *words, "--json")
    assert code == 0, complained
    return dict(json.loads(said))


def test_bench_intake_prints_limits_reports_and_shares_and_leaves_nothing(place: Path) -> None:
    told = answer(place, "intake", *QUICK)
    by_name = {figure["name"]: figure for figure in told["figures"]}
    assert set(by_name) >= {
        "one-row commit, database alone",
        "empty view",
        "view that commits one row",
        "report, confidential",
        "report, named",
        "report, anonymous",
        "report, by API",
        "report with a 200-kB photo",
    }
    assert all(set(figure) >= FIGURE and figure["rate"] > 0 for figure in told["figures"])
    assert by_name["empty view"]["statements"] == 0
    assert all(figure["statements"] > 6 for name, figure in by_name.items() if name.startswith("report"))
    assert set(told["shares"]) == {name for name in by_name if name.startswith("report")}
    assert told["memory_bytes"] > 2**20
    assert told["machine"]["fdatasync_ms"] > 0
    assert set(told["machine"]["versions"]) >= {"lianxin", "python", "postgresql"}
    assert list(place.iterdir()) == []
    assert processes_of(place) == []


def test_bench_told_to_stop_stops_what_it_started_and_removes_its_home(place: Path) -> None:
    with start(place, "intake", *QUICK) as running:
        assert running.stderr is not None
        # The server that counts is up, or coming up.
        assert any("Counting" in line for line in running.stderr)
        running.terminate()
        running.stderr.read()
        assert running.wait(120) == 143
    assert list(place.iterdir()) == []
    assert processes_of(place) == []


def test_bench_queue_prints_every_size_their_ratio_and_plans(place: Path) -> None:
    words = ("queue", "--sizes", "4000,6000", "--shape", "1,2,2,5", *QUICK)
    told = answer(place, *words)
    names = [figure["name"] for figure in told["figures"]]
    assert names == [
        "empty view",
        "view that commits one row",
        "queue at 4,000 cases",
        "queue at 6,000 cases",
    ]
    assert all(figure["rate"] > 0 for figure in told["figures"])
    assert told["figures"][2]["statements"] == told["figures"][3]["statements"]
    assert told["ratio"] > 0
    assert set(told["memory_bytes"]) == {"4000", "6000"}


def test_bench_intake_refuses_an_unknown_kind_by_name(place: Path) -> None:
    code, _, complained = bench(place, "intake", "--kind", "nothing", *QUICK)
    assert code == 1
    assert "No kind 'nothing'" in complained
    assert list(place.iterdir()) == []

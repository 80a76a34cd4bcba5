"""`lianxin match`, as it is typed."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HEADINGS = ["编号", "姓名", "身份证号", "手机号", "住址"]
NAMES = ["王芳", "赵敏", "孙丽华", "周建军", "吴国强", "郑淑珍", "钱海涛", "林晓清"]
CHECKS = "10X98765432"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(body: str) -> str:
    return body + CHECKS[sum(int(a) * b for a, b in zip(body, WEIGHTS, strict=True)) % 11]


def roster(path: Path, *, prefix: str, count: int = 8, encoding: str = "utf-8", spaced: bool = False) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for n in range(count):
            name = NAMES[n % len(NAMES)] + ("" if n < len(NAMES) else chr(0x4E00 + n))
            writer.writerow(
                [
                    f"{prefix}{n}",
                    f"{name[0]} {name[1:]}(已退休)" if spaced else name,
                    number(f"2108031970{1 + n % 12:02d}{1 + n % 28:02d}{n % 1000:03d}"),
                    f"139{n:08d}",
                    f"辽宁省营口市西市区新兴街{n}号",
                ]
            )
    return path


def match(*words: object, home: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, "-m", "lianxin", "match", *map(str, words)],
        env=kept | {"LIANXIN_HOME": str(home), "DATABASE_URL": "postgresql://nowhere.invalid/x"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def left_behind(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_two_lists_become_pairs(tmp_path: Path, home: Path) -> None:
    left = roster(tmp_path / "left.csv", prefix="L")
    right = roster(tmp_path / "right.csv", prefix="R", encoding="gb18030", spaced=True)
    out = tmp_path / "pairs.csv"
    done = match(left, right, "--out", out, "--json", home=home)
    assert done.returncode == 0, done.stderr
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["left_id"], row["right_id"]) for row in rows if row["decision"] == "match"} == {
        (f"L{n}", f"R{n}") for n in range(8)
    }
    told = json.loads(done.stdout)
    assert (told["rows"], told["noticed"][1]["names"]) == ([8, 8], 8)
    assert left_behind(home) == []
    assert not any(value in done.stderr for value in ("王芳", "13900000001", "210803"))


def test_one_list_is_searched_for_doubles(tmp_path: Path, home: Path) -> None:
    one = roster(tmp_path / "one.csv", prefix="L")
    with one.open("a", encoding="utf-8") as file:
        file.write(f"L99,王 芳,{number('21080319700101000')},13900000000,辽宁省营口市西市区新兴街0号\n")
    done = match("--dedupe", one, "--out", tmp_path / "pairs.parquet", "--lang", "en", home=home)
    assert done.returncode == 0, done.stderr
    assert "1 match" in done.stdout


def test_what_cannot_be_is_said_and_leaves_nothing(tmp_path: Path, home: Path) -> None:
    left = roster(tmp_path / "left.csv", prefix="L")
    copy = tmp_path / "copy.csv"
    copy.write_bytes(left.read_bytes())
    large = roster(tmp_path / "large.csv", prefix="R", count=1000)
    twice = tmp_path / "twice.csv"
    twice.write_text("编号,姓名\n1,张三\n1,李四\n", encoding="utf-8")
    out = tmp_path / "pairs.csv"
    said = {
        "lists_same": (left, copy),
        "lists_swapped": (left, large),
        "list_faulty": (left, twice),
        "file_missing": (left, tmp_path / "none.csv"),
    }
    for code, lists in said.items():
        done = match(*lists, "--out", out, "--json", home=home)
        assert (done.returncode, json.loads(done.stdout)["error"]) == (1, code)
        assert left_behind(home) == []
        assert not out.exists()
    before = left.read_bytes()
    for words in ((left, large, "--out", left), (left, large, "--out", out, "--review", out)):
        done = match(*words, "--any-order", "--json", home=home)
        assert (done.returncode, json.loads(done.stdout)["error"]) == (1, "target_taken")
    assert (left.read_bytes(), out.exists()) == (before, False)
    assert match(left, "--out", out, home=home).returncode == 1
    assert match(left, large, "--out", out, "--any-order", home=home).returncode == 0


def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path, home: Path) -> None:
    left = roster(tmp_path / "left.csv", prefix="L", count=20_000)
    right = roster(tmp_path / "right.csv", prefix="R", count=10_000)
    words = [
        sys.executable,
        "-m",
        "lianxin",
        "match",
        str(left),
        str(right),
        "--out",
        str(tmp_path / "p.csv"),
    ]
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    for how, remains in ((signal.SIGTERM, False), (signal.SIGKILL, True)):
        with subprocess.Popen(words, env=kept | {"LIANXIN_HOME": str(home)}, stderr=subprocess.PIPE) as run:
            while not list(home.glob("matching/match-*/work")):
                assert run.poll() is None
                time.sleep(0.01)
            run.send_signal(how)
            run.communicate()
        assert run.returncode != 0
        assert bool(left_behind(home)) == remains
        assert not (tmp_path / "p.csv").exists()
    # The next run removes what the killed one could not.
    done = match(left, right, "--out", tmp_path / "p.csv", home=home)
    assert done.returncode == 0, done.stderr
    assert left_behind(home) == []

"""`lianxin match encode` and `lianxin match link`, from files to files."""

import csv
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lianxin.matching.encoding.keyfile import make_key
from lianxin.matching.encoding.running import EncodeOrder, run_encode, run_link
from lianxin.matching.problems import Problem
from tests.matching.test_running import roster


def silent(_words: object, _share: float) -> None:
    return None


def encode(folder: Path, given: Path, **wanted: Any) -> Path:
    settings: dict[str, Any] = {
        "roster": given,
        "key": folder / "k.key",
        "out": folder / f"{given.stem}.parquet",
    }
    order = EncodeOrder(**settings | wanted)
    run_encode(order, above=folder / "home", progress=silent)
    return order.out


def refused(folder: Path, given: Path, **wanted: Any) -> str:
    before = sorted(path for path in folder.rglob("*") if path.name != "home")
    with pytest.raises(Problem) as problem:
        encode(folder, given, **wanted)
    assert sorted(path for path in folder.rglob("*") if path.name != "home") == before
    return problem.value.code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_key(tmp_path / "k.key")
    return tmp_path


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_two_departments_learn_who_is_in_both_lists(folder: Path, ending: str) -> None:
    left = encode(folder, roster(folder / "l.csv", prefix="L"), keep_ids=True)
    listed = roster(folder / "r.csv", prefix="R", encoding="gb18030", spaced=True)
    right = encode(folder, listed, out=folder / f"right.{ending}")
    out = folder / f"answers.{ending}"
    told = run_link(left, right, out=out, memory=1 << 30, above=folder / "home", progress=silent)
    assert (told.rows, told.yes, told.no) == (8, 8, 0)
    with (folder / "right-ids.csv").open(encoding="utf-8-sig", newline="") as file:
        own = {row["record"]: row["record_id"] for row in csv.DictReader(file)}
    if ending == "csv":
        with out.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    else:
        rows = pq.read_table(out).to_pylist()
    assert {(row["left_id"], own[row["right_id"]], row["answer"]) for row in rows} == {
        (f"L{n}", f"R{n}", "yes") for n in range(8)
    }
    assert list((folder / "home").iterdir()) == []


def test_a_list_cannot_be_encoded_without_a_good_key(folder: Path) -> None:
    given = roster(folder / "l.csv", prefix="L")
    assert refused(folder, given, key=folder / "none.key") == "key_missing"
    assert refused(folder, given, key=given) in {"key_open", "key_unknown"}
    (folder / "k.key").chmod(0o644)
    assert refused(folder, given) == "key_open"


def test_an_encoding_is_not_encoded_again(folder: Path) -> None:
    made = encode(folder, roster(folder / "l.csv", prefix="L"))
    assert refused(folder, made, out=folder / "again.parquet") == "list_encoded"


def test_ids_of_an_earlier_encoding_are_never_replaced(folder: Path) -> None:
    given = roster(folder / "l.csv", prefix="L")
    encode(folder, given)
    kept = (folder / "l-ids.csv").read_bytes()
    assert refused(folder, given) == "ids_exist"
    assert refused(folder, given, out=folder / "x.csv", ids=folder / "x.csv") == "ids_exist"
    assert (folder / "l-ids.csv").read_bytes() == kept
    encode(folder, given, ids=folder / "other.csv")


def test_only_endings_that_fit_are_written(folder: Path) -> None:
    given = roster(folder / "l.csv", prefix="L")
    for wanted in ({"out": folder / "l.xlsx"}, {"out": folder / "l.doc"}, {"ids": folder / "ids.parquet"}):
        assert refused(folder, given, **wanted) == "ending_unknown"
    assert refused(folder, given, out=folder / "nowhere" / "l.parquet") == "target_closed"


def test_a_list_with_faults_leaves_no_encoding_and_no_ids(folder: Path) -> None:
    given = folder / "twice.csv"
    given.write_text("编号,姓名\n1,张三\n1,李四\n", encoding="utf-8")
    assert refused(folder, given) == "list_faulty"


def test_a_clear_list_is_never_linked(folder: Path) -> None:
    clear = roster(folder / "l.csv", prefix="L")
    made = encode(folder, clear)
    for left, right in ((clear, made), (made, clear)):
        with pytest.raises(Problem) as problem:
            run_link(
                left, right, out=folder / "a.csv", memory=1 << 30, above=folder / "home", progress=silent
            )
        assert problem.value.code == "list_clear"
        assert "lianxin match encode" in problem.value.spoken("zh")
    assert not (folder / "a.csv").exists()
    assert list((folder / "home").iterdir()) == []


def test_one_encoding_given_twice_is_refused(folder: Path) -> None:
    made = encode(folder, roster(folder / "l.csv", prefix="L"))
    copy = folder / "copy.parquet"
    copy.write_bytes(made.read_bytes())
    for other in (made, copy):
        with pytest.raises(Problem) as problem:
            run_link(
                made, other, out=folder / "a.csv", memory=1 << 30, above=folder / "home", progress=silent
            )
        assert problem.value.code == "lists_same"


def command(*words: object, folder: Path, largest: int | None = None) -> subprocess.CompletedProcess[str]:
    with begun(*words, folder=folder, largest=largest) as run:
        said = run.communicate()
    return subprocess.CompletedProcess(run.args, run.returncode, *said)


def begun(*words: object, folder: Path, largest: int | None = None) -> subprocess.Popen[str]:
    """A run of the command that goes on; no file of its may grow over `largest` bytes."""
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    run = subprocess.Popen(
        [sys.executable, "-m", "lianxin", "match", *map(str, words)],
        env=kept | {"LIANXIN_HOME": str(folder / "home"), "DATABASE_URL": "postgresql://nowhere.invalid/x"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if largest is not None:
        resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (largest, largest))
    return run


def test_the_commands_as_they_are_typed(tmp_path: Path) -> None:
    key = tmp_path / "k.key"
    made = command("encode", "--new-key", key, "--hash", "sm3", "--json", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    left = roster(tmp_path / "l.csv", prefix="L")
    encoded = command(
        "encode", left, "--key", key, "--out", tmp_path / "l.parquet", "--json", folder=tmp_path
    )
    assert encoded.returncode == 0, encoded.stderr
    fingerprint = json.loads(made.stdout)["fingerprint"]
    assert json.loads(encoded.stdout)["fingerprint"] == fingerprint
    encode(tmp_path, roster(tmp_path / "r.csv", prefix="R"))
    linked = command(
        *(
            "link",
            tmp_path / "l.parquet",
            tmp_path / "r.parquet",
            "--out",
            tmp_path / "a.csv",
            "--lang",
            "en",
        ),
        folder=tmp_path,
    )
    assert linked.returncode == 0, linked.stderr
    assert linked.stdout.strip() == "8 records: 8 yes, 0 to be reviewed, 0 no."
    said = "".join(done.stdout + done.stderr for done in (made, encoded, linked))
    secret = key.read_text(encoding="ascii").split()[-2]
    assert not any(value in said for value in (secret, "王芳", "13900000001", "210803"))


def test_wrong_words_are_said(tmp_path: Path) -> None:
    left = roster(tmp_path / "l.csv", prefix="L")
    done = command("encode", left, "--out", tmp_path / "l.parquet", "--lang", "en", folder=tmp_path)
    assert done.returncode == 1
    assert "--key" in done.stderr
    assert not (tmp_path / "l.parquet").exists()


def test_a_full_disk_is_said_and_nothing_is_left(folder: Path) -> None:
    given = roster(folder / "l.csv", prefix="L", count=4000)
    before = sorted(path.name for path in folder.iterdir())
    words = ("encode", given, "--key", folder / "k.key", "--out", folder / "l.parquet", "--json")
    done = command(*words, folder=folder, largest=1 << 20)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"] == "disk_full"
    assert sorted(path.name for path in folder.iterdir()) == sorted([*before, "home"])
    assert [path for path in (folder / "home").rglob("*") if path.is_file()] == []
    assert command(*words, folder=folder).returncode == 0


def test_a_full_disk_is_said_by_linking_and_nothing_is_left(folder: Path) -> None:
    made = [encode(folder, roster(folder / f"{name}.csv", prefix=name)) for name in "lr"]
    out = folder / "a.csv"
    done = command("link", *made, "--out", out, "--json", folder=folder, largest=1 << 12)
    assert (done.returncode, json.loads(done.stdout)["error"]) == (1, "disk_full")
    assert not list(folder.glob("*a.csv*"))
    assert [path for path in (folder / "home").rglob("*") if path.is_file()] == []


def test_a_line_of_five_gigabytes_is_refused(folder: Path) -> None:
    given = roster(folder / "l.csv", prefix="L")
    made = encode(folder, given, out=folder / "e.csv")
    other = encode(folder, roster(folder / "r.csv", prefix="R"), out=folder / "f.csv")
    for path in (given, made):
        with path.open("a") as file:
            file.write("x" * (4 << 20))
        os.truncate(path, 5 << 30)  # takes no space
    assert refused(folder, given, out=folder / "g.csv") in {"line_too_long", "file_misnamed"}
    with pytest.raises(Problem) as problem:
        run_link(made, other, out=folder / "a.csv", memory=1 << 30, above=folder / "home", progress=silent)
    assert problem.value.code in {"line_too_long", "file_misnamed"}
    assert not (folder / "a.csv").exists()


def test_a_killed_run_leaves_no_part_of_a_file_and_starts_over(folder: Path) -> None:
    given = roster(folder / "l.csv", prefix="L", count=6_000)
    words = ("encode", given, "--key", folder / "k.key", "--out", folder / "l.parquet")
    before = {path.name for path in folder.iterdir()} | {"home"}
    for how, remains in ((signal.SIGTERM, False), (signal.SIGKILL, True)):
        with begun(*words, folder=folder) as run:
            while not list(folder.glob(".l.parquet.*.part")):
                assert run.poll() is None
                time.sleep(0.01)
            run.send_signal(how)
            run.communicate()
        assert run.returncode != 0
        left = {path.name for path in folder.iterdir()} - before
        assert all(name.startswith(".l.parquet.") for name in left)
        assert (bool(left), any((folder / "home" / "matching").iterdir())) == (remains, remains)
    done = command(*words, folder=folder)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in folder.iterdir()} - before == {"l.parquet", "l-ids.csv"}
    assert list((folder / "home" / "matching").iterdir()) == []

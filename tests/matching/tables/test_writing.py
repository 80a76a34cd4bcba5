"""Tables out: whole or not at all, and never a formula."""

import csv
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from lianxin.matching.problems import Problem
from lianxin.matching.tables import save_table
from lianxin.matching.tables.writing import PAIRS, check_apart, check_target, taken_back, whole

COLUMNS = [column.name for column in PAIRS]
ROWS = [("1", "=1+1", 0.5, "match", "姓名一致。"), ("@x", "2", 0.25, "review", "-姓名不同。")]


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs-in.parquet"
    columns = dict(zip(COLUMNS, map(list, zip(*ROWS, strict=True)), strict=True))
    pq.write_table(pa.table({**columns, "level_name": ["exact", "other"]}), path)
    return path


def test_pairs_become_csv_that_runs_nothing(pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert save_table(pairs, out) == 2
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            COLUMNS,
            ["1", "'=1+1", "0.500000", "match", "姓名一致。"],
            ["'@x", "2", "0.250000", "review", "'-姓名不同。"],
        ]


def test_pairs_become_a_workbook_of_texts(pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    save_table(pairs, out)
    rows = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    assert rows == [COLUMNS, *map(list, ROWS)]
    assert b"<f>" not in out.read_bytes()


def test_pairs_become_parquet(pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    save_table(pairs, out)
    assert [tuple(row.values()) for row in pq.read_table(out).to_pylist()] == ROWS


def test_nothing_appears_when_writing_ends_early(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    with pytest.raises(RuntimeError), whole(out) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert out.read_text() == "before"


def test_what_a_killed_run_left_beside_the_target_goes(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    (tmp_path / ".out.csv.abc.part").write_text("half")
    with whole(out) as stream:
        stream.write(b"all")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    """In a process that may write files of 64 kB only: the system then refuses as a full disk does."""
    pairs = tmp_path / "pairs-in.parquet"
    many = {name: [str(n) for n in range(20_000)] for name in COLUMNS}
    pq.write_table(pa.table({**many, "probability": [0.5] * 20_000}), pairs)
    for ending in ("csv", "xlsx", "parquet"):
        code = f"""
import resource, sys
from pathlib import Path
from lianxin.matching.problems import Problem
from lianxin.matching.tables import save_table
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
try:
    save_table(Path({str(pairs)!r}), Path({str(tmp_path / "out")!r} + ".{ending}"))
except Problem as problem:
    sys.exit(problem.code)
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.strip()) == (1, "disk_full")
    assert [path.name for path in tmp_path.iterdir()] == ["pairs-in.parquet"]


def test_a_target_that_cannot_be_written_is_refused_first(tmp_path: Path) -> None:
    for path, code in (
        (tmp_path / "none" / "a.csv", "target_closed"),
        (tmp_path / "a.doc", "ending_unknown"),
    ):
        with pytest.raises(Problem) as raised:
            check_target(path)
        assert raised.value.code == code


def test_what_is_read_is_never_written_over(tmp_path: Path) -> None:
    left, out = tmp_path / "left.csv", tmp_path / "out.csv"
    check_apart([out, None], [left, None])
    (tmp_path / "link.csv").symlink_to(left)
    for written, read in (([left], [left]), ([out, out], [left]), ([tmp_path / "link.csv"], [left])):
        with pytest.raises(Problem) as problem:
            check_apart(written, read)
        assert problem.value.code == "target_taken"


def test_what_was_written_goes_when_the_rest_fails_and_what_stood_there_stays(tmp_path: Path) -> None:
    made, before = tmp_path / "made", tmp_path / "before"
    before.write_text("as it was")
    for path in (made, before, None):
        with pytest.raises(RuntimeError), taken_back(path):
            made.touch()
            raise RuntimeError
        if path == made:
            assert not made.exists()
    assert before.read_text() == "as it was"

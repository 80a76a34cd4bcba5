"""The folder of a run."""

import signal
import subprocess
import sys
from pathlib import Path

from lianxin.matching.tables.working import remove_abandoned, working_folder

HOLD = """
import sys, time
from pathlib import Path
from lianxin.matching.tables import working_folder
with working_folder(Path(sys.argv[1])) as folder:
    (folder / "secret").write_text("x")
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_folder_is_for_its_owner_and_goes(tmp_path: Path) -> None:
    with working_folder(tmp_path) as folder:
        (folder / "file").write_text("x")
        assert folder.parent.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_is_cleared_away_and_a_running_one_is_not(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as held:
        assert held.stdout is not None
        assert held.stdout.readline() == "held\n"
        assert remove_abandoned(tmp_path) == 0
        assert len(list(tmp_path.rglob("secret"))) == 1
        held.send_signal(signal.SIGKILL)
        held.wait()
    with working_folder(tmp_path):
        assert list(tmp_path.rglob("secret")) == []
    assert list(tmp_path.iterdir()) == []

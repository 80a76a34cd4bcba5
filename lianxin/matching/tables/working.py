"""A folder for a run's own files. Whoever comes next removes what a killed run left."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "match-"
_LOCK = "lock"


@contextmanager
def working_folder(above: Path) -> Iterator[Path]:
    """A new folder that only its owner may read, gone afterwards; folders of runs that died are removed first.

    A running process holds a lock on a file in its folder, which ends with the process whatever kills it.
    """
    above.mkdir(parents=True, exist_ok=True)
    remove_abandoned(above)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=above))
    try:
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            inside = folder / "work"
            inside.mkdir(mode=0o700)
            yield inside
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(above: Path) -> int:
    """Remove the folders whose process is gone, and return how many there were."""
    removed = 0
    for folder in above.glob(f"{_PREFIX}*"):
        # One that was just made and not yet locked has no lock file: it is left alone unless it is empty and old.
        try:
            with (folder / _LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
        except (BlockingIOError, FileNotFoundError, NotADirectoryError):
            continue
    return removed

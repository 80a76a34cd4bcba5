"""What stands outside the database: one line for each checkpoint and countersignature, and the keys they used.

A database that is put back to an earlier day no longer has what its anchors say. The file is only appended to; copy
it to another body's machine, or print it, and it holds against whoever owns both database and home.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

Line = dict[str, Any]


def read() -> list[Line]:
    """All lines, oldest first; raises ``ValueError`` (with the number of the line) when one is damaged."""
    path = _path()
    lines: list[Line] = []
    if not path.exists():
        return lines
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            lines.append(dict(json.loads(text)))
        except (TypeError, ValueError):
            message = f"line {number}"
            raise ValueError(message) from None
    return lines


def add(missing: Callable[[list[Line]], list[Line]]) -> None:
    """Append what ``missing`` finds wanting in the lines there are; the file is flushed to disk.

    The lock makes two processes append one after the other, so that nothing is told twice.
    """
    with _locked():
        fresh = missing(read())
        if not fresh:
            return
        with _path().open("a", encoding="utf-8") as file:
            for line in fresh:
                file.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def _locked() -> Iterator[None]:
    _path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _path().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _path() -> Path:
    return Path(settings.ANCHORS_ROOT) / "checkpoints.jsonl"

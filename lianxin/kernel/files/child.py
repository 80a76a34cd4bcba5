"""Decoding in a process of its own, so that a fault in a native library cannot reach the server's memory.

``python -m lianxin.kernel.files.child KIND FORM LIMITS`` reads a file from standard input and writes one line
of JSON (``fault``, or ``width`` and ``height``) and then the prepared bytes. FFmpeg, libheif and qpdf are
only ever loaded here. The process has a bound on time and memory, opens no file for writing, and keeps nothing.
"""

import contextlib
import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from lianxin.kernel.files.faults import Fault
from lianxin.kernel.files.limits import Limits

_CODE = Path(__file__).resolve().parents[3]
# Less address space for the threads of the libraries, so that the bound means the same on many cores.
_ENVIRONMENT = {
    "PYTHONPATH": str(_CODE),
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "2",
    "LC_ALL": "C.UTF-8",
}


def recode_apart(
    kind: str, form: str, content: bytes, limits: Limits
) -> tuple[bytes, int | None, int | None]:
    """Prepare ``content`` in a child; returns bytes, width and height. A child that dies is a ``Fault``."""
    unreadable = f"{kind}_unreadable"
    command = [sys.executable, "-s", "-P", "-m", __name__, kind, form, json.dumps(asdict(limits))]
    try:
        answer = subprocess.run(
            command,
            input=content,
            capture_output=True,
            check=False,
            cwd="/",
            env=_ENVIRONMENT,
            timeout=limits.child_seconds * 2,
        )
    except subprocess.TimeoutExpired as error:
        raise Fault(unreadable) from error
    line, _, prepared = answer.stdout.partition(b"\n")
    if answer.returncode != 0 or not line:
        raise Fault(unreadable)
    head = json.loads(line)
    if "fault" in head:
        raise Fault(head["fault"])
    return prepared, head.get("width"), head.get("height")


def main(kind: str, form: str, limits: Limits) -> None:
    """Answer one request on standard input and output."""
    _bound(limits)
    content = sys.stdin.buffer.read()
    try:
        prepared, width, height = _recode(kind, form, content, limits)
        head: dict[str, object] = {"width": width, "height": height}
    except Fault as fault:
        prepared, head = b"", {"fault": fault.code}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + prepared)


def _bound(limits: Limits) -> None:
    bounds = {
        resource.RLIMIT_CPU: limits.child_seconds,
        resource.RLIMIT_AS: limits.child_memory,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in bounds.items():
        # Some systems know a bound and refuse to set it; the time-out of the parent still holds.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _recode(kind: str, form: str, content: bytes, limits: Limits) -> tuple[bytes, int | None, int | None]:
    # Each library is loaded only for its own kind: loading costs more than most files.
    if kind == "voice":
        from lianxin.kernel.files.voices import recode_voice

        return recode_voice(content, form, limits), None, None
    if kind == "document":
        from lianxin.kernel.files.documents import recode_document

        return recode_document(content, limits), None, None
    from lianxin.kernel.files.photos import recode_photo

    if form == "HEIF":
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False)
    return recode_photo(content, form, limits)


if __name__ == "__main__":
    # What a library prints must not mix with the answer or reach the log with somebody's data in it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    main(sys.argv[1], sys.argv[2], Limits(**json.loads(sys.argv[3])))

"""The keeper: one small process per home that starts the server, brings it back when it dies, and stops it last.

Holders share a lock on `run/holders.lock`. The keeper waits for that lock alone, which the operating system
gives it the moment the last holder has ended, by whatever end, `kill -9` included. Nobody else starts or stops
a server, so there is nothing to agree upon. Whoever finds no keeper (holding.py) starts one.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from lianxin.database import embedded
from lianxin.database.embedded import Embedded
from lianxin.database.problems import DatabaseProblem

GIVE_UP_AFTER = 30.0
STOP_WITHIN = 60.0
LOOK_EVERY = 0.1


def main() -> int:
    """Keep the server of the home named by the one argument until nobody holds it."""
    server = Embedded(Path(sys.argv[1]))
    lock = os.open(server.run / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    if not _become_the_keeper(lock):
        return 0
    asked_to_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked_to_stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_await_the_last_holder, args=(server, asked_to_stop), daemon=True).start()
    try:
        embedded.make_reachable(server)
        embedded.create_cluster(server)
        try:
            _keep(server, asked_to_stop)
        finally:
            # Whatever ends a keeper, it leaves no server behind; also one that outlived the keeper before.
            _stop_what_runs(server)
    except Exception as problem:
        # Whoever waits for the database reads this file and says it; nobody is at this process's terminal.
        (server.run / "problem").write_text(str(problem) or repr(problem), encoding="utf-8")
        if not isinstance(problem, DatabaseProblem):
            raise
        return 1
    return 0


def _keep(server: Embedded, asked_to_stop: threading.Event) -> None:
    failing_since: float | None = None
    while not asked_to_stop.is_set():
        child, pid = _adopt_or_start(server)
        while _lives(child, pid):
            if asked_to_stop.wait(LOOK_EVERY):
                _stop(child, pid)
                return
            if failing_since is not None and _is_ready(server):
                failing_since = None
        _say(server, f"the server {pid} has ended; starting it again")
        _end_orphans(server)
        failing_since = failing_since or time.monotonic()
        if time.monotonic() - failing_since > GIVE_UP_AFTER:
            raise DatabaseProblem(_why(server))
        asked_to_stop.wait(LOOK_EVERY)


def _become_the_keeper(lock: int) -> bool:
    # Holders look whether there is a keeper by taking this lock for an instant: try past such a look.
    for _ in range(20):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return True
    return False


def _await_the_last_holder(server: Embedded, asked_to_stop: threading.Event) -> None:
    holders = os.open(server.run / "holders.lock", os.O_RDWR | os.O_CREAT, 0o600)
    # Kept until this process ends, so a new holder waits for the stop to be complete before it starts a keeper.
    fcntl.flock(holders, fcntl.LOCK_EX)
    asked_to_stop.set()


def _adopt_or_start(server: Embedded) -> "tuple[subprocess.Popen[bytes] | None, int]":
    """A server that outlived its keeper is taken over as it is; otherwise a new one is started."""
    running = running_server(server)
    if running is not None:
        return None, running
    (server.data / "postmaster.pid").unlink(missing_ok=True)
    _end_orphans(server)
    embedded.make_reachable(server)
    child = embedded.start(server)
    return child, child.pid


def running_server(server: Embedded) -> int | None:
    """The process id of the living server of this home. A stale file, or another process's id, is nobody."""
    try:
        pid = int((server.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or Path(process.cwd()) != server.data:
            return None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return pid


def _lives(child: "subprocess.Popen[bytes] | None", pid: int) -> bool:
    if child is not None:
        return child.poll() is None
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _stop(child: "subprocess.Popen[bytes] | None", pid: int) -> None:
    """PostgreSQL's fast stop; after a minute its immediate one, which loses nothing acknowledged either."""
    for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + STOP_WITHIN
        while time.monotonic() < deadline:
            if not _lives(child, pid):
                return
            time.sleep(0.02)


def _end_orphans(server: Embedded) -> None:
    """End what is left of a killed server: a busy child would keep its shared memory and block the next start."""
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "postgres" and process.info["cwd"] == str(server.data):
            try:
                process.send_signal(signal.SIGQUIT)
                process.wait(5)
            except psutil.TimeoutExpired:
                process.kill()
            except psutil.Error:
                continue


def _stop_what_runs(server: Embedded) -> None:
    running = running_server(server)
    if running is not None:
        _stop(None, running)


def _is_ready(server: Embedded) -> bool:
    try:
        return "ready" in (server.data / "postmaster.pid").read_text(encoding="utf-8").split()
    except OSError:
        return False


def _why(server: Embedded) -> str:
    try:
        lines = server.log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    reason = fatal[-1] if fatal else "its log is empty"
    return f"The embedded PostgreSQL does not start: {reason} (more in {server.log})"


def _say(server: Embedded, words: str) -> None:
    with server.log.open("a", encoding="utf-8") as log:
        log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} keeper: {words}\n")


if __name__ == "__main__":
    sys.exit(main())

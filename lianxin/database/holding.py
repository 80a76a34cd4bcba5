"""Holding the embedded server: it runs while any process holds it, and no longer."""

import atexit
import contextlib
import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg

from lianxin.database import external
from lianxin.database.address import ROLE
from lianxin.database.embedded import Embedded
from lianxin.database.problems import DatabaseProblem

ANSWER_WITHIN = 120.0
LOOK_EVERY = 0.5

_held: dict[Path, int] = {}
_keepers: "dict[Path, subprocess.Popen[bytes]]" = {}
_one_at_a_time = threading.Lock()


def hold(server: Embedded) -> None:
    """Hold the server until this process ends, and return when it answers to the application's role."""
    with _one_at_a_time:
        if server.home not in _held:
            _held[server.home] = _share_in_holding(server)
            atexit.register(release, server)
            threading.Thread(
                target=_watch_the_keeper, args=(server,), daemon=True, name="keeper-watch"
            ).start()
        _await_answer(server)


def release(server: Embedded) -> None:
    """Let go, and when nobody else holds the server, return only when it has stopped."""
    with _one_at_a_time:
        descriptor = _held.pop(server.home, None)
        if descriptor is None:
            return
        with contextlib.suppress(OSError, DatabaseProblem):
            _leave_no_server_without_keeper(server)
        os.close(descriptor)
    with contextlib.suppress(OSError):
        _await_stop(server)


def _share_in_holding(server: Embedded) -> int:
    try:
        # Closed to others; the keeper opens a passage for the server's own user where we are root.
        server.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        server.run.mkdir(exist_ok=True)
        descriptor = os.open(server.run / "holders.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        message = (
            f"{server.home} cannot be written ({error.strerror}): choose another folder with LIANXIN_HOME."
        )
        raise DatabaseProblem(message) from error
    # What a keeper of an earlier start complained of is over.
    (server.run / "problem").unlink(missing_ok=True)
    # Waits here while a keeper is stopping the server for the last holder before us.
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _await_answer(server: Embedded) -> None:
    deadline = time.monotonic() + ANSWER_WITHIN
    while True:
        try:
            psycopg.connect(server.address.conninfo(), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if _lacks_role_or_database(error):
                _bootstrap(server)
                continue
            _start_keeper_if_none(server)
            if time.monotonic() > deadline:
                message = f"The embedded PostgreSQL does not answer: {error}".strip()
                raise DatabaseProblem(message) from error
            time.sleep(0.05)
        else:
            return


def _bootstrap(server: Embedded) -> None:
    with psycopg.connect(server.superuser.conninfo(), autocommit=True) as connection:
        external.bootstrap(connection, ROLE, as_superuser=True)


def _lacks_role_or_database(error: psycopg.OperationalError) -> bool:
    return f'"{ROLE}" does not exist' in str(error)


def _start_keeper_if_none(server: Embedded) -> None:
    problem = server.run / "problem"
    if problem.exists():
        told = problem.read_text(encoding="utf-8")
        problem.unlink(missing_ok=True)
        raise DatabaseProblem(told)
    started = _keepers.get(server.home)
    if _has_keeper(server) or (started is not None and started.poll() is None):
        return
    server.log.parent.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "lianxin.database.keeper", str(server.home)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with server.log.open("ab") as log:
        keeper = subprocess.Popen(
            words,
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _keepers[server.home] = keeper


def _leave_no_server_without_keeper(server: Embedded) -> None:
    """The keeper may have been killed just now; somebody must be there to stop the server after us."""
    from lianxin.database.keeper import running_server

    if not _has_keeper(server) and running_server(server) is not None:
        _start_keeper_if_none(server)


def _has_keeper(server: Embedded) -> bool:
    descriptor = os.open(server.run / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _watch_the_keeper(server: Embedded) -> None:
    """The keeper watches the server, and every holder watches the keeper."""
    while server.home in _held:
        time.sleep(LOOK_EVERY)
        with contextlib.suppress(OSError, DatabaseProblem), _one_at_a_time:
            if server.home in _held:
                _start_keeper_if_none(server)


def _await_stop(server: Embedded) -> None:
    """Wait for the keeper if we were the last; a new descriptor, as a forked child may still share the old one."""
    descriptor = os.open(server.run / "holders.lock", os.O_RDWR)
    try:
        started = _keepers.get(server.home)
        while _has_keeper(server) or (started is not None and started.poll() is None):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not _keeper_is_stopping(descriptor):
                    return
            else:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            time.sleep(0.01)
    finally:
        os.close(descriptor)


def _keeper_is_stopping(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False

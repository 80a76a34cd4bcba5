"""The server that is measured: ``lianxin serve`` in processes of its own, and what they use."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from lianxin.bench.requests import HOST

READY_WITHIN = 60.0
STOP_WITHIN = 40.0


class BenchProblem(Exception):
    """What keeps the bench from measuring; the message says it to the operator."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, and the process that looks after the others."""

    port: int
    process: psutil.Process

    def family(self) -> list[psutil.Process]:
        """Itself and every process it started."""
        return [self.process, *self.process.children(recursive=True)]

    def memory(self) -> int:
        """Bytes held by all its processes, what they share counted once."""
        return sum(_held(process) for process in self.family())

    def cpu(self) -> float:
        """Seconds of processor time used so far by all its processes."""
        return sum(_used(process) for process in self.family())


@contextmanager
def serving(
    home: Path, *, workers: int, threads: int, database: str = "", log: str = "server"
) -> Iterator[Server]:
    """Serve the home on a free port of the loopback for as long as the block runs."""
    port = _free_port()
    words = [sys.executable, "-m", "lianxin", "serve", "--host", HOST, "--port", str(port)]
    words += ["--workers", str(workers), "--threads", str(threads)]
    variables = os.environ | {"LIANXIN_BENCH_DATABASE": database, "LIANXIN_LOG_LEVEL": "ERROR"}
    path = home / "logs" / f"bench-{log}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as sink:
        child = subprocess.Popen(
            words, env=variables, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
    try:
        _await(child, port, path)
        yield Server(port, psutil.Process(child.pid))
    finally:
        _stop(child)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _await(child: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if child.poll() is not None:
            break
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = f"The server did not come up; {log} says: {_tail(log)}"
    raise BenchProblem(message)


def _stop(child: "subprocess.Popen[bytes]") -> None:
    """End the server and whatever it started, and nobody else."""
    try:
        family = psutil.Process(child.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    child.terminate()
    try:
        child.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    _, alive = psutil.wait_procs(family, timeout=2)
    for process in alive:
        process.kill()


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "nothing"


def _held(process: psutil.Process) -> int:
    try:
        facts = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(facts, "pss", 0) or facts.rss)


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)

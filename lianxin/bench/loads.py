"""Putting a load on a server, and a bare one on its database."""

import base64
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from lianxin.bench.figures import Round, round_of
from lianxin.bench.limits import INSERT
from lianxin.bench.requests import HOST
from lianxin.bench.serving import BenchProblem, Server
from lianxin.database.embedded import Embedded, program
from lianxin.database.keeper import running_server
from lianxin.database.programs import environment

CLIENTS = 8
WARM_UP = 0.5


def ask(
    server: Server,
    requests: Sequence[bytes],
    *,
    seconds: float,
    database: Embedded,
    expected: Sequence[int] = (200,),
    warm_up: float = WARM_UP,
) -> Round:
    """One kept connection for each request, each asking again as soon as it is answered.

    Raises ``BenchProblem`` as soon as one answer is not what was expected: a fast refusal is no figure.
    """
    job = {
        "host": HOST,
        "port": server.port,
        "seconds": seconds,
        "warm_up": warm_up,
        "expected": list(expected),
        "requests": [base64.b64encode(request).decode() for request in requests],
    }
    before = server.cpu(), database_cpu(database), time.perf_counter()
    result = _client(job)
    spent = time.perf_counter() - before[2]
    if result["unexpected"]:
        message = f"{result['unexpected']} answers were not {list(expected)}: {result['statuses']}\n{result['sample']}"
        raise BenchProblem(message)
    return round_of(
        result["latencies"],
        wall=result["wall"],
        client=result["client_cpu"],
        # Over the whole of the client's life, its start included: a little too low rather than too high.
        server=(server.cpu() - before[0]) / spent,
        database=(database_cpu(database) - before[1]) / spent,
    )


def _client(job: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "lianxin.bench.client"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        message = f"The clients could not go on: {last[0]}"
        raise BenchProblem(message)
    return dict(json.loads(done.stdout))


def commit_rows(database: Embedded, *, seconds: float, clients: int = CLIENTS) -> Round:
    """The bare limit of the database: so many connections each commit one row after the other, by pgbench."""
    with tempfile.TemporaryDirectory(prefix="lianxin-bench-") as folder:
        script = Path(folder, "insert.sql")
        script.write_text(f"{INSERT};\n", encoding="utf-8")
        words = [program("pgbench"), "--no-vacuum", f"--file={script}", f"--client={clients}", "--jobs=1"]
        words += [f"--time={max(1, round(seconds))}", "--log", f"--log-prefix={folder}/log"]
        began = time.perf_counter()
        done = subprocess.run(
            words, env=environment(database.address), capture_output=True, text=True, check=False
        )
        wall = time.perf_counter() - began
        if done.returncode:
            message = f"pgbench: {done.stderr.strip().splitlines()[-1]}"
            raise BenchProblem(message)
        # Each line: client, transaction, latency in microseconds, …
        taken = [
            int(line.split()[2]) / 1e6
            for log in Path(folder).glob("log.*")
            for line in log.read_text(encoding="utf-8").splitlines()
        ]
    return round_of(taken, wall=min(wall, float(max(1, round(seconds)))))


def database_cpu(database: Embedded) -> float:
    """Seconds of processor time used so far by the database's living processes."""
    pid = running_server(database)
    if pid is None:
        return 0.0
    total = 0.0
    for process in psutil.Process(pid).children():
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total

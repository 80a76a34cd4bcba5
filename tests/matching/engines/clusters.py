"""A standalone Spark cluster of this machine's own, on loopback: a master and two workers, each a process."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

# Small lists: compiling for speed would take longer than what it speeds up.
_QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_SETTINGS = {
    "spark.driver.extraJavaOptions": _QUICK_START,
    "spark.executor.extraJavaOptions": _QUICK_START,
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.shuffle.partitions": "2",
    # A core of each worker, so that a second run finds one as well.
    "spark.cores.max": "2",
    "spark.executor.memory": "512m",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.authenticate": "true",
    "spark.authenticate.secret": "a secret of the tests",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
}


def missing() -> str | None:
    """Why there can be no cluster here, if so."""
    if find_spec("pyspark") is None:
        return "Spark is not installed: run make test, or pip install 'lianxin[spark]'"
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        return "there is no Java on this machine, and Spark needs one (17 or newer)"
    return None


@dataclass(slots=True)
class Local:
    """A running cluster."""

    master: str
    folder: Path
    environment: dict[str, str]  # what to set on top for whoever uses the cluster
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)


@contextmanager
def local_cluster(folder: Path, *, workers: int = 2) -> Iterator[Local]:
    """Start master and workers; they end with the block."""
    conf = folder / "conf"
    conf.mkdir()
    lines = [f"{name} {value}" for name, value in _SETTINGS.items()]
    (conf / "spark-defaults.conf").write_text("\n".join(lines), encoding="utf-8")
    environment = {
        "SPARK_CONF_DIR": str(conf),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": _QUICK_START,
        "SPARK_LAUNCHER_OPTS": _QUICK_START,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "PYSPARK_PYTHON": sys.executable,
    }
    port = free_port()
    cluster = Local(f"spark://127.0.0.1:{port}", folder, environment)
    with ExitStack() as stack:
        master = ["org.apache.spark.deploy.master.Master", "--port", str(port)]
        stack.enter_context(_process(cluster, "master", *master))
        _wait_for(port)
        for number in range(workers):
            words = ["org.apache.spark.deploy.worker.Worker", "--cores", "2", "--memory", "1400m"]
            words += ["--work-dir", str(folder / f"work-{number}"), cluster.master]
            worker = stack.enter_context(_process(cluster, f"worker-{number}", *words))
            cluster.workers.append(worker)
        yield cluster


@contextmanager
def _process(cluster: Local, name: str, role: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    home = Path(str(files("pyspark")))
    with (cluster.folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [home / "bin" / "spark-class", role, "--host", "127.0.0.1", "--webui-port", "0", *words],
            env=os.environ | cluster.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """A port on loopback at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(1200):
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the master does not listen")

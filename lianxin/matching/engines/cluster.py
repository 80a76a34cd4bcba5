"""A connection to a Spark cluster: found, opened, watched, closed; and what goes wrong, in words of ours.

What Spark says may hold values of records, so none of it is passed on: neither its sentences nor its log.
"""

import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from lianxin.matching.problems import Problem
from lianxin.matching.words import Words

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
_OLDEST_JAVA = 17
_TICK = 0.5


@dataclass(slots=True)
class Cluster:
    """An open session. `wait`: seconds without any worker after which work that stands still is given up."""

    session: Any
    wait: float
    forsaken: bool = False
    _closing: threading.Event = field(default_factory=threading.Event)

    @property
    def context(self) -> Any:
        """Spark's own entrance."""
        return self.session.sparkContext

    def watch(self) -> None:
        """Give up what no worker is left for, until the cluster is closed: Spark itself would wait for ever."""
        since = monotonic()
        while not self._closing.wait(_TICK):
            with suppress(Exception):  # the connection may be closing under our hands
                if self._workers() or not self._working():
                    since = monotonic()
                elif monotonic() - since > self.wait:
                    self.forsaken = True
                    self.context.cancelAllJobs()

    def _workers(self) -> int:
        local = self.context.master.startswith("local")
        return 1 if local else int(self.context._jsc.sc().getExecutorMemoryStatus().size()) - 1

    def _working(self) -> bool:
        return bool(self.context.statusTracker().getActiveJobsIds())

    def close(self) -> None:
        """No more watching."""
        self._closing.set()


def check_ready(master: str) -> None:
    """What can be told without starting anything: packages, Java, somebody at the master. Raises ``Problem``."""
    _check_packages()
    _check_java()
    _check_master(master)


@contextmanager
def open_cluster(master: str, *, folder: Path, jars: Callable[[], str], wait: float) -> Iterator[Cluster]:
    """A session on `master`; its own Java process lives in `folder` and ends with it. Raises ``Problem``."""
    check_ready(master)
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    wanted = {"SPARK_LOCAL_DIRS": str(folder)}
    if master.startswith("local"):
        wanted["PYSPARK_PYTHON"] = sys.executable
    conf = SparkConf(loadDefaults=False).setMaster(master).setAppName("lianxin match")
    own = {"spark.jars": jars(), "spark.sql.warehouse.dir": (folder / "warehouse").as_uri()}
    for name, value in {**_SETTINGS, **own}.items():
        conf.set(name, value)
    cluster: Cluster | None = None
    gateway = None
    try:
        with _environment(wanted), spoken(lambda: cluster):
            gateway = launch_gateway(
                conf, popen_kwargs={"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            )
            context = SparkContext(gateway=gateway, conf=conf)
            cluster = Cluster(SparkSession(context), wait)
            threading.Thread(target=cluster.watch, daemon=True).start()
            yield cluster
    finally:
        if cluster is not None:
            cluster.close()
            aside(cluster.session.stop)
        if gateway is not None:
            _end(gateway, SparkContext)


@contextmanager
def _environment(wanted: dict[str, str]) -> Iterator[None]:
    """What nobody has set is set for the run, for Spark's processes read it."""
    own = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            os.environ.pop(name, None)


# No page and no record of what was asked: both would keep texts that nobody guards. Values that cannot be are empty,
# as in DuckDB.
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.eventLog.enabled": "false",
    "spark.log.level": "OFF",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
}


def _end(gateway: Any, context_class: Any) -> None:
    """End the Java process that we have started, and let the next run start its own."""
    aside(gateway.shutdown)
    process = gateway.proc
    if process is not None:
        process.stdin.close()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    context_class._gateway = None
    context_class._jvm = None


def aside(*deeds: Callable[[], object], seconds: float = 20) -> None:
    """Do it in a thread, which has a line of its own to Java: a run that was told to stop left this one busy."""

    def done() -> None:
        for deed in deeds:
            with suppress(Exception):  # what is gone cannot be asked to go
                deed()

    thread = threading.Thread(target=done, daemon=True)
    thread.start()
    thread.join(seconds)


def _check_packages() -> None:
    try:
        import pyspark  # noqa: F401 - only asked whether it is there
    except ImportError:
        raise Problem(
            "spark_missing",
            Words(
                "未安装 Spark：请先执行 pip install 'lianxin[spark]'。",
                "Spark is not installed: run pip install 'lianxin[spark]' first.",
            ),
        ) from None


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin" if home else None)
    version = _java_version(found) if found else 0
    if version < _OLDEST_JAVA:
        raise Problem(
            "java_missing",
            Words(
                "找不到 Java {oldest} 或更新的版本：Spark 需要它，请安装，或把 JAVA_HOME 指向它。",
                "Java {oldest} or newer is not there: Spark needs it; install it, or point JAVA_HOME at it.",
            ).format(oldest=_OLDEST_JAVA),
        )


def _java_version(java: str) -> int:
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    _, _, rest = told.partition('"')
    number = rest.partition(".")[0].partition('"')[0]
    return int(number) if number.isdigit() else 0


def _check_master(master: str) -> None:
    """Whether somebody listens at one of a standalone cluster's masters; other managers are asked by Spark itself."""
    scheme, _, places = master.partition("://")
    if scheme != "spark":
        return
    for place in places.split(","):
        host, _, port = place.rpartition(":")
        with (
            suppress(OSError, ValueError),
            socket.create_connection((host.strip("[]"), int(port)), timeout=5),
        ):
            return
    raise Problem(
        "spark_unreachable",
        Words(
            "连接不上 Spark 主节点 {master}：请检查地址、端口和防火墙，以及主节点是否已启动。",
            "The Spark master {master} cannot be reached: check address, port and firewall, and whether it runs.",
        ).format(master=master),
    )


@contextmanager
def spoken(cluster: Callable[[], Cluster | None]) -> Iterator[None]:
    """Say in one sentence what Spark says in a hundred lines with values of records among them."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException, ConnectionError, EOFError) as error:
        opened = cluster()
        raise problem_of(
            str(error), forsaken=opened is not None and opened.forsaken, begun=opened is not None
        ) from None


def problem_of(said: str, *, forsaken: bool, begun: bool) -> Problem:
    """What to tell about a failure of Spark's, from what it said."""
    if forsaken:
        return Problem("spark_forsaken", _FORSAKEN)
    for code, (signs, words) in _SIGNS.items():
        if any(sign in said for sign in signs):
            return Problem(code, words)
    return Problem("spark_failed", _FAILED) if begun else Problem("spark_closed", _CLOSED)


_FORSAKEN = Words(
    "没有可用的 Spark 工作节点，比对已放弃：请检查工作节点是否在运行、内存和核数是否够用，然后重新运行。",
    "No Spark worker is left or willing, and the comparison was given up: check that workers run and have enough "
    "memory and cores, then run it again.",
)
_CLOSED = Words(
    "Spark 没能启动：请检查 spark-defaults.conf（口令、内存、网络）和集群的日志。",
    "Spark did not start: check spark-defaults.conf (secret, memory, network) and the cluster's logs.",
)
_FAILED = Words(
    "Spark 中途失败，没有留下结果：请查看工作节点的状态后重新运行。",
    "Spark failed on the way and left no result: look at the state of the workers and run it again.",
)
_SIGNS = {
    "spark_python": (
        ("PYTHON_VERSION_MISMATCH", "Cannot run program", "ModuleNotFoundError", "ImportError"),
        Words(
            "工作节点上的 Python 不合用：需要 Python {version}、pyarrow 和 numpy，路径用 PYSPARK_PYTHON 指明。",
            "The workers' Python does not serve: it has to be Python {version} with pyarrow and numpy, its path "
            "given by PYSPARK_PYTHON.",
        ).format(version=PYTHON),
    ),
    "disk_full": (
        ("No space left on device",),
        Words(
            "Spark 集群的磁盘已满：请腾出本地目录和共享文件夹的空间后重试，没有留下半个文件。",
            "A disk of the Spark cluster is full: free space in the local directories and the shared folder and try "
            "again; nothing was kept.",
        ),
    ),
    "memory_short": (
        ("OutOfMemoryError",),
        Words(
            "Spark 内存不足：请在 spark-defaults.conf 中加大 spark.executor.memory 或 spark.driver.memory。",
            "Spark ran out of memory: raise spark.executor.memory or spark.driver.memory in spark-defaults.conf.",
        ),
    ),
    "spark_folder": (
        ("PATH_NOT_FOUND", "FileNotFoundException", "Permission denied", "Mkdirs failed"),
        Words(
            "Spark 集群读写不了共享文件夹：每台机器都要能以同一路径读写它，请用 --shared 指定。",
            "The Spark cluster cannot use the shared folder: every machine has to read and write it under one path; "
            "name it with --shared.",
        ),
    ),
}

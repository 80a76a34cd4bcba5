"""The machine under a figure: without it, no figure says anything."""

import os
import platform
import statistics
import time
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django
import psutil
from django.db import connection

import lianxin
from lianxin.kernel import clock

SYNCS = 100
BLOCK = b"x" * 8192


def facts(home: Path) -> dict[str, Any]:
    """Cores, memory, load, speed of the storage, date and versions, as they stand now."""
    versions = {
        "django": django.get_version(),
        "psycopg": version("psycopg"),
        "granian": version("granian"),
        "postgresql": _postgresql(),
    }
    return facts_beside(home, versions)


def facts_beside(home: Path, versions: dict[str, str]) -> dict[str, Any]:
    """The same with the versions of what is measured, and without asking a database."""
    now: datetime = clock.now()
    return {
        "date": now.isoformat(timespec="minutes"),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "load": round(os.getloadavg()[0], 2),
        "fdatasync_ms": round(fdatasync_ms(home), 3),
        "versions": {
            "lianxin": lianxin.__version__,
            "python": platform.python_version(),
            **versions,
        },
    }


def fdatasync_ms(folder: Path) -> float:
    """The median time in which the storage under a folder takes 8 KiB for good."""
    path = folder / "bench-sync"
    taken = []
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    # macOS has no fdatasync.
    sync = getattr(os, "fdatasync", os.fsync)
    try:
        for _ in range(SYNCS):
            os.write(descriptor, BLOCK)
            began = time.perf_counter()
            sync(descriptor)
            taken.append(time.perf_counter() - began)
    finally:
        os.close(descriptor)
        path.unlink()
    return statistics.median(taken) * 1000


def _postgresql() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])

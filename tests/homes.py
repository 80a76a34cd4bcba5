"""Homes of their own, for tests of what happens to a whole home: its server, its keys, its files.

The tables of such a home are made by `lianxin migrate` once, as for the test database (template.py), and copied from
then on: making them anew takes many times as long as most of what is tried on them.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg

from lianxin.database.embedded import Embedded
from tests import settings, template

CHECKOUT = Path(__file__).parents[1]
KEPT = Path(settings.HOME) / "kept-home"


def environment(home: Path, **variables: str) -> dict[str, str]:
    """What a command on this home is given: its own embedded database, whichever the tests themselves run on."""
    ours = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"LIANXIN_HOME": str(home)} | variables


def lianxin(*words: str, home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """One command, as it is typed."""
    return subprocess.run(
        [sys.executable, "-m", "lianxin", *words],
        cwd=CHECKOUT,
        env=environment(home, **variables),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def migrated(home: Path) -> Path:
    """Have this home hold a cluster with all tables, as `lianxin migrate` leaves it; its server does not run."""
    home.mkdir(mode=0o700, parents=True)
    shutil.copytree(_kept_cluster(), home / "database")
    return home


def rows_of(home: Path, statement: str) -> list[tuple[object, ...]]:
    """What a running home's database answers, seen with everything open."""
    with psycopg.connect(Embedded(home).address.conninfo()) as client:
        client.execute("SELECT set_config('lianxin.wide', '*', true)")
        done = client.execute(statement.encode())
        return done.fetchall() if done.description else []


def _kept_cluster() -> Path:
    cluster = KEPT / template.digest() / "database"
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not cluster.is_dir():
            for other in KEPT.iterdir():
                if other.is_dir():
                    shutil.rmtree(other)
            made = lianxin("migrate", "--verbosity=0", home=KEPT / "new")
            assert made.returncode == 0, made.stderr
            (KEPT / "new").rename(cluster.parent)
    return cluster

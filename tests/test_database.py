"""The embedded database: who holds it, what it survives, where it may lie; and the one that DATABASE_URL names."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from django.db import connection

from lianxin.database.address import Address, django_settings, from_url
from lianxin.database.embedded import LONGEST_SOCKET_PATH, Embedded
from lianxin.database.keeper import running_server
from lianxin.database.pooling import SCOPE, forget_viewer
from lianxin.database.problems import DatabaseProblem
from lianxin.kernel import scope
from tests.homes import environment, migrated

Holder = subprocess.Popen[str]
Hold = Callable[[Path], Holder]

HOLD = """
import sys
from lianxin import database
database.ensure()
print("held", flush=True)
sys.stdin.readline()
"""

WRITE = """
import time, psycopg
from lianxin import database
from lianxin.home import home
database.ensure()
address = database.embedded_server().address.conninfo()
connection, number = None, 0
while True:
    try:
        if connection is None:
            connection = psycopg.connect(address, autocommit=True)
            connection.execute("CREATE TABLE IF NOT EXISTS acts (number bigint PRIMARY KEY)")
        connection.execute("INSERT INTO acts VALUES (%s) ON CONFLICT DO NOTHING", [number])
    except psycopg.Error:
        connection = None
        time.sleep(0.02)
        continue
    print(number, flush=True)
    number += 1
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder outside pytest's own, which every other run of the same user closes to the server's user."""
    with tempfile.TemporaryDirectory(prefix="lianxin-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


@pytest.fixture
def new_home(tmp_path: Path) -> Path:
    """Nothing is there yet."""
    return tmp_path / "home"


@pytest.fixture
def home(new_home: Path) -> Path:
    """A cluster is there, and nobody holds it."""
    return migrated(new_home)


@pytest.fixture
def hold() -> Iterator[Hold]:
    """Start processes that hold the database of a home until they are told to end."""
    holders: list[Holder] = []

    def start(home: Path) -> Holder:
        holder = begin(HOLD, home)
        holders.append(holder)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        return holder

    yield start
    for holder in holders:
        end(holder)


def begin(code: str, home: Path, **variables: str) -> Holder:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(home, **variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def end(holder: Holder) -> None:
    if holder.poll() is None:
        holder.communicate("\n", timeout=30)
    for pipe in (holder.stdin, holder.stdout):
        if pipe is not None:
            pipe.close()


def run(code: str, home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", code]
    return subprocess.run(
        words, env=environment(home, **variables), capture_output=True, text=True, check=False
    )


def server_of(home: Path) -> int:
    pid = running_server(Embedded(home))
    assert pid is not None
    return pid


def awaited(condition: Callable[[], object], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def keepers_of(home: Path) -> list[int]:
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and "lianxin.database.keeper" in (process.info["cmdline"] or [])
        and str(home) in process.info["cmdline"]
    ]


def keeper_of(home: Path) -> int:
    (keeper,) = keepers_of(home)
    return keeper


def _answers(home: Path, *, after: int) -> bool:
    """Whether another server than this one runs and can be reached."""
    if running_server(Embedded(home)) in {None, after}:
        return False
    try:
        psycopg.connect(Embedded(home).address.conninfo()).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.django_db
def test_application_is_bound_by_row_level_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)


def test_killed_server_comes_back_with_every_acknowledged_row(home: Path, hold: Hold) -> None:
    hold(home)
    writer = begin(WRITE, home)
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(200)]

    first = server_of(home)
    os.kill(first, signal.SIGKILL)
    assert awaited(lambda: _answers(home, after=first))
    with psycopg.connect(Embedded(home).address.conninfo()) as client:
        (before,) = client.execute("SELECT max(number) FROM acts").fetchone() or (0,)
    # Acknowledged before the kill but not yet read, and then those after the restart.
    while acknowledged[-1] < before + 200:
        acknowledged.append(int(writer.stdout.readline()))
    writer.kill()
    acknowledged += [int(line) for line in writer.stdout.read().splitlines()[:-1]]
    end(writer)

    with psycopg.connect(Embedded(home).address.conninfo()) as client:
        kept = {row[0] for row in client.execute("SELECT number FROM acts").fetchall()}
    assert set(acknowledged) <= kept


def test_killed_server_answers_again(home: Path, hold: Hold) -> None:
    hold(home)
    first = server_of(home)
    os.kill(first, signal.SIGKILL)

    assert awaited(lambda: _answers(home, after=first))


def test_server_is_shared_and_stops_with_the_last_holder(home: Path, hold: Hold) -> None:
    one, other = hold(home), hold(home)
    server = server_of(home)
    end(one)
    assert server_of(home) == server
    end(other)
    # No waiting: a holder that was the last returns only when the server has stopped.
    assert running_server(Embedded(home)) is None


def test_server_stops_when_its_only_holder_is_killed(home: Path, hold: Hold) -> None:
    holder = hold(home)
    holder.kill()
    assert awaited(lambda: running_server(Embedded(home)) is None)


def test_killed_keeper_is_replaced_and_its_server_kept(home: Path, hold: Hold) -> None:
    holder = hold(home)
    server, keeper = server_of(home), keeper_of(home)
    os.kill(keeper, signal.SIGKILL)
    assert awaited(lambda: not psutil.pid_exists(keeper) or psutil.Process(keeper).status() == "zombie")
    assert awaited(lambda: keepers_of(home) not in ([], [keeper]))
    assert server_of(home) == server
    end(holder)
    assert running_server(Embedded(home)) is None


def test_server_and_keeper_killed_together_come_back(home: Path, hold: Hold) -> None:
    hold(home)
    server = server_of(home)
    os.kill(keeper_of(home), signal.SIGKILL)
    os.kill(server, signal.SIGKILL)
    assert awaited(lambda: running_server(Embedded(home)) not in {None, server})


def test_moved_home_starts_with_its_rows(home: Path, hold: Hold, tmp_path: Path) -> None:
    holder = hold(home)
    with psycopg.connect(Embedded(home).address.conninfo()) as client:
        client.execute("CREATE TABLE kept AS SELECT 7 AS number")
    end(holder)
    elsewhere = tmp_path / "elsewhere" / "连心 home"
    elsewhere.parent.mkdir()
    shutil.move(home, elsewhere)
    hold(elsewhere)
    with psycopg.connect(Embedded(elsewhere).address.conninfo()) as client:
        assert client.execute("SELECT number FROM kept").fetchone() == (7,)


def test_copied_home_runs_beside_the_original(home: Path, hold: Hold, tmp_path: Path) -> None:
    end(hold(home))
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)
    hold(home)
    hold(copy)
    assert server_of(home) != server_of(copy)


def test_home_with_a_long_path_starts(tmp_path: Path, hold: Hold) -> None:
    home = tmp_path / "long" / ("x" * 120)
    hold(home)
    server = Embedded(home)
    assert len(os.fsencode(server.socket)) < LONGEST_SOCKET_PATH
    with psycopg.connect(server.address.conninfo()) as client:
        assert client.execute("SELECT 1").fetchone() == (1,)
    shutil.rmtree(server.socket, ignore_errors=True)


def test_stale_server_file_of_another_process_is_not_believed(home: Path, hold: Hold) -> None:
    end(hold(home))
    # After a restart of the machine the number in it may belong to anybody; here it is this very process.
    (home / "database" / "postmaster.pid").write_text(f"{os.getpid()}\n{home}/database\n0\n5432\n")
    hold(home)
    assert server_of(home) != os.getpid()


def test_only_its_owner_reaches_the_socket(new_home: Path, hold: Hold) -> None:
    hold(new_home)
    assert Embedded(new_home).socket.stat().st_mode & 0o777 == 0o700
    assert (new_home / "database").stat().st_mode & 0o777 == 0o700


def test_home_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    told = run(HOLD, tmp_path / "file" / "home")
    assert "choose another folder with LIANXIN_HOME" in told.stderr


def test_settings_touch_nothing_when_imported(new_home: Path) -> None:
    told = run("import lianxin.settings", new_home)
    assert told.returncode == 0
    assert not new_home.exists()


def test_cluster_keeps_text_in_byte_order_and_utf8(new_home: Path, hold: Hold) -> None:
    hold(new_home)
    with psycopg.connect(Embedded(new_home).address.conninfo()) as client:
        client.execute("CREATE TABLE words (word text)")
        client.execute("INSERT INTO words VALUES ('b'), ('a'), ('B'), ('连'), ('é')")
        ordered = [row[0] for row in client.execute("SELECT word FROM words ORDER BY word").fetchall()]
        assert ordered == sorted(["b", "a", "B", "连", "é"])
        assert client.execute("SELECT lower('É')").fetchone() == ("é",)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p%40ss@db.example:6543/city", Address("city", "u", "p@ss", "db.example", 6543)),
        ("postgresql://u@/city?host=/run/pg", Address("city", "u", "", "/run/pg")),
        ("postgresql:///city?host=/run/pg&port=5433&user=u", Address("city", "u", "", "/run/pg", 5433)),
        (
            "postgresql://u@[::1]/city?sslmode=require",
            Address("city", "u", "", "::1", None, {"sslmode": "require"}),
        ),
    ],
)
def test_database_url_is_read(url: str, expected: Address) -> None:
    assert from_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:secret@h/city",
        "postgresql://u:secret@h",
        "postgresql://u:secret@h:no/city",
        "u:secret@h/city",
    ],
)
def test_database_url_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseProblem) as refused:
        from_url(url)
    assert "postgresql://user:password@host:5432/name" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_address_shows_no_password() -> None:
    address = from_url("postgresql://u:secret@h:1/city")
    assert "secret" not in f"{address} {address!r}"


def test_role_is_taken_by_every_connection() -> None:
    entry = django_settings(Address("city", options={"options": "-c jit=off"}), role="lianxin")
    assert entry["OPTIONS"] == {"options": "-c jit=off -c role=lianxin"}


def test_named_database_that_does_not_answer_is_said_in_a_sentence(new_home: Path) -> None:
    told = run(HOLD, new_home, DATABASE_URL="postgresql://u:secret@127.0.0.1:1/city")
    assert "The database city at 127.0.0.1:1 does not answer" in told.stderr
    assert "secret" not in told.stderr
    assert not new_home.exists()


def test_superuser_of_a_named_server_acts_as_our_role(home: Path, hold: Hold, tmp_path: Path) -> None:
    hold(home)
    url = f"postgresql://postgres@/city?host={Embedded(home).socket}"
    code = """
import os, django
from lianxin import database
database.ensure()
from django.conf import settings
settings.configure(DATABASES={"default": database.connection_settings()})
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE ours (n int)")
    cursor.execute("SELECT current_user, current_setting('is_superuser'), tableowner FROM pg_tables "
                   "WHERE tablename = 'ours'")
    print(cursor.fetchone())
"""
    told = run(code, tmp_path / "unused", DATABASE_URL=url)
    assert told.stdout == "('lianxin', 'off', 'lianxin')\n", told.stderr
    assert not (tmp_path / "unused").exists()


def test_pool_forgets_every_setting_that_a_scope_makes() -> None:
    assert re.findall(r"'(lianxin\.\w+)'", scope._SET[False]) == list(SCOPE)


def test_connection_that_is_made_to_forget_knows_no_viewer(home: Path, hold: Hold) -> None:
    hold(home)
    with psycopg.connect(Embedded(home).address.conninfo()) as client:
        client.execute("SELECT set_config('lianxin.wide', '*', false)")
        forget_viewer(client)
        assert client.execute("SELECT current_setting('lianxin.wide')").fetchone() == ("",)


def test_pooled_connection_is_proved_alive_and_forgets_in_one_statement(home: Path) -> None:
    code = """
from lianxin import database
database.ensure()
from django.conf import settings
given = database.connection_settings() | {"CONN_MAX_AGE": 0}
given["OPTIONS"]["pool"] = database.pool_options(1)
settings.configure(DATABASES={"default": given})
from django.db import connection
def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
mine = "SELECT pg_backend_pid()"
first = ask(mine)
ask("SELECT set_config('lianxin.wide', '*', false)")
connection.close()
print(ask(mine) == first, repr(ask("SELECT current_setting('lianxin.wide')")))
connection.close()
import psycopg
with psycopg.connect(database.embedded_server().address.conninfo()) as other:
    other.execute("SELECT pg_terminate_backend(%s)", [first])
print(ask(mine) == first)
connection.close()
"""
    told = run(code, home)
    assert told.stdout == "True ''\nFalse\n", told.stderr

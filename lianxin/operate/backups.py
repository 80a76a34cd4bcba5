"""Backups: one folder with the database as of one moment, the attachments, and on request the keys.

The manifest holds a hash of every file and the number of rows of every table as of the dump's own snapshot, so
a backup can be checked without restoring it, and a restored database is compared with what was dumped.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

import lianxin
from lianxin import database
from lianxin.database.address import ROLE, Address, from_url
from lianxin.database.programs import client, environment

FORMAT = 1
DUMP = "database.dump"
MANIFEST = "manifest.json"
HEAD_LINES = 50
FOLDERS = {"attachments": "attachments", "keys": "keys"}
TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""

Say = Callable[[str], None]


class BackupProblem(Exception):
    """A backup could not be made, checked or restored; the message says why."""


@dataclass(frozen=True)
class Source:
    """What is backed up or restored into: a home, and the database as somebody who may read all its rows."""

    home: Path
    address: Address

    @property
    def maintenance(self) -> Address:
        """The server's own database, for creating and renaming others."""
        return replace(self.address, name="postgres")


def source(home: Path) -> Source:
    """The installation at hand. Row-level security hides rows from its role, so another one reads them."""
    server = database.embedded_server()
    if server is not None:
        return Source(home, replace(server.superuser, name=ROLE))
    # An ordinary user of DATABASE_URL sees too little; LIANXIN_BACKUP_URL names one that may see everything.
    return Source(home, from_url(os.environ.get("LIANXIN_BACKUP_URL") or os.environ["DATABASE_URL"]))


def make(of: Source, into: Path, *, with_keys: bool, say: Say) -> dict[str, Any]:
    """Write a backup into a new folder and return its manifest. Appears under its name only when it is whole."""
    if into.exists():
        message = f"{into} exists already; a backup is never written over."
        raise BackupProblem(message)
    draft = into.with_name(f"{into.name}.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    say("Dumping the database")
    rows, version = _dump(of, draft / DUMP)
    # After the dump: an attachment is stored before its row and never changed, so none of the dump's is missing.
    for name, folder in FOLDERS.items():
        if (name != "keys" or with_keys) and (of.home / name).is_dir():
            say(f"Copying the {name}")
            shutil.copytree(of.home / name, draft / folder)
    say("Hashing the files")
    manifest = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "lianxin": lianxin.__version__,
        "postgresql": version,
        "with_keys": with_keys,
        "rows": rows,
        "files": {str(path.relative_to(draft)): _hash(path) for path in _files(draft)},
    }
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
    _sync(draft)
    draft.rename(into)
    return manifest


def check(backup: Path) -> dict[str, Any]:
    """Prove a backup whole: every file there, none changed, none added, and the dump readable."""
    try:
        manifest = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{backup} is not a backup: it has no readable {MANIFEST}."
        raise BackupProblem(message) from error
    if manifest.get("format") != FORMAT:
        message = f"{backup} is of format {manifest.get('format')}; this release reads format {FORMAT}."
        raise BackupProblem(message)
    found = {str(path.relative_to(backup)): path for path in _files(backup) if path.name != MANIFEST}
    for name, expected in manifest["files"].items():
        if name not in found:
            message = f"{backup} lacks {name}."
            raise BackupProblem(message)
        if _hash(found[name]) != expected:
            message = f"{backup / name} has been changed since the backup was made."
            raise BackupProblem(message)
    if added := sorted(found.keys() - manifest["files"].keys()):
        message = f"{backup} holds a file that is not of the backup: {added[0]}."
        raise BackupProblem(message)
    return dict(manifest)


def restore(backup: Path, to: Source, *, with_keys: bool, do_replace: bool, say: Say) -> list[str]:
    """Put a backup in place of what is there, and return what was set aside and where.

    The database is restored beside the present one and compared with the manifest; only then do they change
    places. What was there before is kept under another name, for the operator to remove.
    """
    say("Checking the backup")
    manifest = check(backup)
    if with_keys and not manifest["with_keys"]:
        message = f"{backup} was made without keys."
        raise BackupProblem(message)
    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    folders = ["attachments", "keys"] if with_keys else ["attachments"]
    _refuse_what_is_in_use(to, folders, do_replace=do_replace)
    beside = f"{to.address.name}_restoring"
    say("Restoring the database")
    _load(backup / DUMP, to, beside)
    say("Comparing it with the backup")
    _compare(replace(to.address, name=beside), manifest["rows"])
    aside = _change_places(to, beside, stamp)
    for name in folders:
        if (backup / FOLDERS[name]).is_dir():
            say(f"Restoring the {name}")
            aside += _restore_folder(backup / FOLDERS[name], to.home / name, stamp)
    return aside


def _dump(of: Source, target: Path) -> tuple[dict[str, int], int]:
    with psycopg.connect(of.address.conninfo()) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        version = connection.info.server_version // 10000
        connection.execute("SET row_security = off")
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        words = [client("pg_dump", version), "--format=custom", "--no-owner", f"--snapshot={snapshot}"]
        _run([*words, f"--file={target}"], of.address, "The database could not be dumped")
        try:
            rows = _count_rows(connection)
        except psycopg.Error as error:
            message = f"The tables could not be read whole: {str(error).strip()}. See LIANXIN_BACKUP_URL."
            raise BackupProblem(message) from error
    return rows, version


def _count_rows(connection: psycopg.Connection) -> dict[str, int]:
    tables = [row[0] for row in connection.execute(TABLES).fetchall()]
    return {table: _one(connection, sql.SQL("SELECT count(*) FROM " + table)) for table in tables}  # noqa: S608


def _load(dump: Path, to: Source, name: str) -> None:
    with psycopg.connect(to.maintenance.conninfo(), autocommit=True) as connection:
        version = connection.info.server_version // 10000
        as_role = connection.info.parameter_status("is_superuser") == "on"
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        owner = sql.Identifier(ROLE) if as_role else sql.SQL("CURRENT_USER")
        make = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0")
        connection.execute(make.format(sql.Identifier(name), owner))
    address = replace(to.address, name=name)
    script = [client("pg_restore", version), "--no-owner", "--file=-", str(dump)]
    runner = [
        client("psql", version),
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
    ]
    runner += [f"--command=SET ROLE {ROLE}", "--file=-"] if as_role else ["--file=-"]
    _pipe(script, runner, address)


def _pipe(script: list[str], runner: list[str], address: Address) -> None:
    """Feed the dump as a script to psql, which stops at the first error; pg_restore itself would go on."""
    variables = environment(address)
    reading = subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running = subprocess.Popen(
        runner, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=variables
    )
    with reading, running:
        if reading.stdout is None or running.stdin is None:
            message = "The dump could not be read."
            raise BackupProblem(message)
        try:
            for line in _without_newer_settings(reading.stdout):
                running.stdin.write(line)
            running.stdin.close()
        except BrokenPipeError:
            reading.kill()
        complaint = running.stderr.read() if running.stderr else b""
        if running.wait() != 0 or reading.wait() != 0:
            lines = complaint.decode(errors="replace").strip().splitlines() or ["no reason given"]
            message = f"The dump could not be restored: {lines[-1]}"
            raise BackupProblem(message)


def _without_newer_settings(script: Iterator[bytes]) -> Iterator[bytes]:
    # The one setting of the script's head that PostgreSQL 15 and 16 do not know.
    for number, line in enumerate(script):
        if number < HEAD_LINES and line.startswith(b"SET transaction_timeout"):
            continue
        yield line


def _compare(address: Address, expected: Mapping[str, int]) -> None:
    with psycopg.connect(address.conninfo()) as connection:
        connection.execute("SET row_security = off")
        found = _count_rows(connection)
    for table in sorted(expected.keys() | found.keys()):
        if expected.get(table) != found.get(table):
            message = f"{table} has {found.get(table)} rows after the restore; the backup has {expected.get(table)}."
            raise BackupProblem(message)


def _refuse_what_is_in_use(to: Source, folders: list[str], *, do_replace: bool) -> None:
    with psycopg.connect(to.address.conninfo()) as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        if _one(connection, others):
            message = "The database is in use: stop `lianxin serve` and `lianxin worker` first."
            raise BackupProblem(message)
        has_tables = bool(connection.execute(TABLES).fetchone())
    in_the_way = ["the database"] if has_tables else []
    in_the_way += [name for name in folders if _is_filled(to.home / name)]
    if in_the_way and not do_replace:
        message = f"There is already something in {' and '.join(in_the_way)}: give --replace to set it aside."
        raise BackupProblem(message)


def _change_places(to: Source, beside: str, stamp: str) -> list[str]:
    present, before = sql.Identifier(to.address.name), f"{to.address.name}_before_{stamp}"
    with psycopg.connect(to.address.conninfo()) as connection:
        has_tables = bool(connection.execute(TABLES).fetchone())
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with psycopg.connect(to.maintenance.conninfo(), autocommit=True) as connection:
        if has_tables:
            connection.execute(rename.format(present, sql.Identifier(before)))
        else:
            connection.execute(sql.SQL("DROP DATABASE {}").format(present))
        connection.execute(rename.format(sql.Identifier(beside), present))
    return [f"database {before}"] if has_tables else []


def _restore_folder(backup: Path, target: Path, stamp: str) -> list[str]:
    draft = target.with_name(f"{target.name}.restoring")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(backup, draft)
    _sync(draft)
    aside = []
    if _is_filled(target):
        before = target.with_name(f"{target.name}.before-{stamp}")
        target.rename(before)
        aside = [str(before)]
    elif target.exists():
        target.rmdir()
    draft.rename(target)
    return aside


def _is_filled(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    """Have the disk hold it before its name says that it is whole."""
    for path in [folder, *folder.rglob("*")]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _run(words: list[str], address: Address, failing: str) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=environment(address))
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        message = f"{failing}: {lines[-1]}"
        raise BackupProblem(message)


def _one(connection: psycopg.Connection, query: Any) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None

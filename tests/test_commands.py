"""The command line and what set-up promises."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.management import get_commands

from lianxin.database import holding
from lianxin.database.embedded import Embedded
from tests.homes import CHECKOUT, environment, lianxin, migrated

OURS = sorted(name for name, app in get_commands().items() if app.startswith("lianxin"))


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder outside pytest's own, which every other run of the same user closes to the server's user."""
    with tempfile.TemporaryDirectory(prefix="lianxin-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


@pytest.fixture(scope="module")
def places() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lianxin-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


@pytest.fixture(scope="module")
def filled_home(places: Path) -> Iterator[Path]:
    """A home with all tables, an attachment and a key."""
    home = migrated(places / "home")
    (home / "attachments" / "ab").mkdir(parents=True)
    (home / "attachments" / "ab" / "photo").write_bytes(b"evidence")
    (home / "keys").mkdir(exist_ok=True)
    (home / "keys" / "ring").write_bytes(b"key")
    holding.hold(Embedded(home))
    yield home
    holding.release(Embedded(home))


@pytest.fixture(scope="module")
def held(places: Path) -> Iterator[Path]:
    """A home with all tables whose server runs, as beside `lianxin serve`; nobody changes it."""
    home = migrated(places / "held")
    holding.hold(Embedded(home))
    yield home
    holding.release(Embedded(home))


@pytest.fixture(scope="module")
def backup(filled_home: Path, places: Path) -> Path:
    """A backup of it, keys included."""
    folder = places / "backup"
    made = lianxin("backup", str(folder), "--with-keys", home=filled_home)
    assert made.returncode == 0, made.stderr
    return folder


# Each command in a process of its own, forked off one that has loaded the product.
HELP = """
import contextlib, io, json, os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "lianxin.settings"
django.setup()
from lianxin.__main__ import main
for command in sys.argv[1:]:
    sys.argv = ["lianxin", command.replace("_", "-"), "--help"]
    if os.fork() == 0:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            try:
                main()
            except SystemExit as end:
                code = end.code
        print(json.dumps([command, code, said.getvalue()]), flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.fixture(scope="module")
def helps(places: Path) -> dict[str, tuple[int, str]]:
    """The outcome and the words of each command's help, on a home that nobody has made."""
    told = subprocess.run(
        [sys.executable, "-c", HELP, *OURS],
        cwd=CHECKOUT,
        env=environment(places / "no-home"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr == ""
    answers = [json.loads(line) for line in told.stdout.splitlines()]
    return {command: (code, said) for command, code, said in answers}


@pytest.mark.parametrize("command", OURS)
def test_every_command_has_help(command: str, helps: dict[str, tuple[int, str]]) -> None:
    code, said = helps[command]
    assert code == 0
    assert said.startswith(f"usage: lianxin {command}")


def test_help_needs_no_database(helps: dict[str, tuple[int, str]], places: Path, tmp_path: Path) -> None:
    assert set(helps) == set(OURS)
    assert not (places / "no-home" / "database").exists()
    told = lianxin("load-rewards", "--help", home=tmp_path / "home")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == helps["load_rewards"][1]
    assert not (tmp_path / "home" / "database").exists()


DOCUMENTS = "\n".join(
    file.read_text(encoding="utf-8") for file in [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")]
)


@pytest.mark.parametrize("command", OURS)
def test_every_command_is_in_the_documents(command: str) -> None:
    assert f"lianxin {command.replace('_', '-')}" in DOCUMENTS


def test_every_variable_is_in_the_documents() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (CHECKOUT / "lianxin").rglob("*.py"))
    read = set(re.findall(r"""(?:environ(?:\.get)?[(\[]|_flag\()\s*"(LIANXIN_\w+|DATABASE_URL)""", code))
    assert len(read) > 8
    assert {name for name in read if f"`{name}`" not in DOCUMENTS} == set()


def test_unknown_command_fails(tmp_path: Path) -> None:
    assert lianxin("frobnicate", "--help", home=tmp_path / "home").returncode != 0


def test_failing_command_says_why_in_one_line(tmp_path: Path) -> None:
    told = lianxin("migrate", home=tmp_path / "home", DATABASE_URL="oracle://nowhere")
    assert told.returncode == 1
    assert told.stderr.startswith("lianxin: DATABASE_URL begins with 'oracle'")
    assert told.stderr.count("\n") == 1


def test_serve_refuses_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = lianxin("serve", "--port", str(taken.getsockname()[1]), home=tmp_path / "home")
    assert told.returncode == 1
    assert "choose another with --host and --port" in told.stderr


def test_backup_holds_what_was_there(backup: Path) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    assert set(manifest["files"]) >= {"database.dump", "attachments/ab/photo", "keys/ring"}
    assert manifest["rows"]["public.django_migrations"] > 0
    assert backup.stat().st_mode & 0o777 == 0o700


def test_backup_leaves_keys_out_unless_asked(filled_home: Path, tmp_path: Path) -> None:
    told = lianxin("backup", str(tmp_path / "backup"), "--json", home=filled_home)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["with_keys"] is False
    assert not (tmp_path / "backup" / "keys").exists()


def test_backup_is_never_written_over(backup: Path, filled_home: Path) -> None:
    told = lianxin("backup", str(backup), home=filled_home)
    assert told.returncode == 1
    assert "exists already" in told.stderr


def test_restored_home_is_the_one_backed_up(backup: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    told = lianxin("restore", str(backup), "--with-keys", home=home)
    assert told.returncode == 0, told.stderr
    assert (home / "attachments" / "ab" / "photo").read_bytes() == b"evidence"
    assert (home / "keys" / "ring").read_bytes() == b"key"
    again = lianxin("backup", str(tmp_path / "again"), "--with-keys", home=home)
    assert again.returncode == 0, again.stderr
    rows = [
        json.loads((folder / "manifest.json").read_text())["rows"] for folder in (backup, tmp_path / "again")
    ]
    assert rows[0] == rows[1]
    assert lianxin("migrate", "--check", home=home).returncode == 0


TELL = """
from django.core.management import call_command
from lianxin.kernel.audit.services import record
from lianxin.kernel.clock import now
record("test.{word}", stream="test:1", actor="system", at=now())
call_command("checkpoint")
"""


def tell(home: Path, word: str) -> None:
    """One more entry in the log, sealed by a checkpoint."""
    told = lianxin("shell", "-v0", "-c", TELL.format(word=word), home=home)
    assert told.returncode == 0, told.stderr


def test_database_put_back_to_an_earlier_backup_is_told_by_verify(tmp_path: Path) -> None:
    home, earlier = migrated(tmp_path / "home"), tmp_path / "earlier"
    tell(home, "first")
    assert lianxin("backup", str(earlier), home=home).returncode == 0
    tell(home, "second")
    assert lianxin("verify", home=home).returncode == 0
    # Everything of that day is in it, signed by our own key; only the anchors outside know of a later one.
    replaced = lianxin("restore", str(earlier), "--replace", home=home)
    assert replaced.returncode == 0, replaced.stderr
    told = lianxin("verify", "--json", home=home)
    assert told.returncode == 1
    assert {(finding["code"], finding["where"]) for finding in json.loads(told.stdout)} == {
        ("rolled_back", "checkpoint 2")
    }


def test_restore_over_something_needs_replace_and_then_sets_it_aside(backup: Path, tmp_path: Path) -> None:
    home = migrated(tmp_path / "home")
    (home / "attachments").mkdir()
    (home / "attachments" / "photo").write_bytes(b"there before")
    refused = lianxin("restore", str(backup), home=home)
    assert refused.returncode == 1
    assert "give --replace" in refused.stderr
    replaced = lianxin("restore", str(backup), "--replace", home=home)
    assert replaced.returncode == 0, replaced.stderr
    assert re.search(r"Set aside: database lianxin_before_\d{14}\n", replaced.stdout)
    assert len(list(home.glob("attachments.before-*"))) == 1


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("change", "has been changed"),
        ("remove", "lacks attachments/ab/photo"),
        ("add", "is not of the backup"),
    ],
)
def test_harmed_backup_is_refused(backup: Path, held: Path, tmp_path: Path, harm: str, said: str) -> None:
    harmed = tmp_path / "harmed"
    shutil.copytree(backup, harmed)
    photo = harmed / "attachments" / "ab" / "photo"
    if harm == "change":
        photo.write_bytes(b"EVIDENCE")
    elif harm == "remove":
        photo.unlink()
    else:
        photo.with_name("stranger").write_bytes(b"")
    for words in (("backup", "--check", str(harmed)), ("restore", str(harmed), "--replace")):
        told = lianxin(*words, home=held)
        assert told.returncode == 1
        assert said in told.stderr
    assert not (held / "attachments").exists()


def test_restore_refuses_a_database_in_use(backup: Path, held: Path) -> None:
    with psycopg.connect(Embedded(held).address.conninfo()):
        told = lianxin("restore", str(backup), "--replace", home=held)
    assert told.returncode == 1
    assert "is in use" in told.stderr


@pytest.mark.parametrize("name", ["requirements/base.txt", "requirements/dev.txt"])
def test_python_locks_name_hashes_and_no_place(name: str) -> None:
    text = (CHECKOUT / name).read_text()
    pins = re.findall(r"^[a-z0-9][a-z0-9._-]*==[^\s\\;]+", text, re.MULTILINE)
    assert pins
    assert len(pins) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= len(pins)
    assert not re.search(r"https?:|file:/|--index|--find-links|--trusted|(^|\s)/", text)


def test_npm_lock_names_integrity_and_no_place() -> None:
    lock = json.loads((CHECKOUT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())


def test_nothing_in_the_repository_names_this_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True).stdout
    own = [CHECKOUT / name for name in listed.decode().split("\0") if name]
    texts = {path: path.read_bytes() for path in own if path.is_file()}
    assert [path for path, text in texts.items() if os.fsencode(CHECKOUT) + b"/" in text] == []

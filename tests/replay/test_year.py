"""The replayed year, by the commands a newcomer types: on a home of its own, with the embedded database."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lianxin.home import CODE

pytestmark = pytest.mark.xdist_group("year")
FACTS = tomllib.loads((CODE / "replay" / "facts.toml").read_text(encoding="utf-8"))["fact"]
INVENTED = re.compile(r"\w[甲乙丙丁戊己庚辛壬癸][一二三四五六七八九]")


class Home:
    """A home and the commands on it."""

    def __init__(self, folder: Path, first: subprocess.CompletedProcess[str]) -> None:
        self.folder = folder
        self.first = first

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return lianxin(self.folder, *words)

    def sql(self, statement: str) -> str:
        """What a query answers, seen with everything open; for a change, with the guards of its table taken away."""
        code = f"""
from django.db import connection
from lianxin.kernel import scope
scope.enter(scope.EVERYTHING)
with connection.cursor() as cursor:
    cursor.execute({statement!r})
    print("\\n".join(str(row[0]) for row in cursor.fetchall()) if cursor.description else "")
"""
        done = self.run("shell", "-v0", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def lianxin(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    return subprocess.run(
        [sys.executable, "-m", "lianxin", *words],
        env={**kept, "LIANXIN_HOME": str(folder)},
        cwd=CODE.parent,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )


@pytest.fixture(scope="module")
def year() -> Iterator[Home]:
    """The year, replayed once for all tests here."""
    folder = Path(tempfile.mkdtemp(prefix="lx-year-"))
    folder.chmod(0o755)
    try:
        yield Home(folder, lianxin(folder, "demo", "--no-serve"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_demo_replays_the_year_and_prints_figures_and_accounts(year: Home) -> None:
    assert year.first.returncode == 0, year.first.stderr
    assert f"{len(FACTS)} of {len(FACTS)} facts hold" in year.first.stderr
    assert "工会审批人 union key-holder" in year.first.stdout


def test_figures_reproduce_every_fact(year: Home) -> None:
    done = year.run("figures", "--json")
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 0
    assert set(rows) == {fact["id"] for fact in FACTS}
    assert [row["id"] for row in rows.values() if not row["ok"] or "SELECT" not in row["source"]] == []


def test_demo_a_second_time_does_nothing(year: Home) -> None:
    before = year.sql("SELECT count(*) FROM audit_logentry")
    done = year.run("demo", "--no-serve")
    assert done.returncode == 0
    assert "The year is here already" in done.stdout
    assert year.sql("SELECT count(*) FROM audit_logentry") == before


def test_year_holds_every_turn_a_case_can_take(year: Home) -> None:
    taken = set(year.sql("SELECT DISTINCT step FROM cases_act").split())
    turns = {"decline", "merge", "object", "reject", "return", "complete", "extend", "withdraw"}
    assert turns - taken == set()
    assert int(year.sql("SELECT count(*) FROM audit_logentry WHERE action LIKE '%.escalate'")) > 0
    modes = set(year.sql("SELECT DISTINCT mode FROM cases_reporter").split())
    assert modes == {"named", "confidential", "anonymous"}


def test_year_has_invented_people_only(year: Home) -> None:
    names = year.sql("SELECT name FROM people_person").split()
    assert len(names) > 50
    assert [name for name in names if not INVENTED.fullmatch(name)] == []


def test_year_tells_no_phone_to_log_or_file(year: Home) -> None:
    # Hashes are full of digits; a phone number stands by itself.
    alone = "(^|[^0-9a-f])1[3-9][0-9]{9}([^0-9a-f]|$)"
    assert year.sql(f"SELECT count(*) FROM audit_logentry WHERE body ~ '{alone}'") == "0"
    for file in (year.folder / "logs").rglob("*"):
        assert not re.search(r"\b1[3-9]\d{9}\b", file.read_text(errors="replace"))


def test_money_of_the_year_adds_up(year: Home) -> None:
    assert year.sql("SELECT coalesce(sum(amount), 0) FROM ledger_posting") == "0"
    assert year.sql("SELECT count(*) FROM ledger_payout p WHERE p.approved_by_id = p.released_by_id") == "0"


def test_verify_is_green_and_red_after_one_row_is_changed(year: Home) -> None:
    assert year.run("verify").returncode == 0
    year.sql("ALTER TABLE audit_logentry DISABLE TRIGGER USER")
    year.sql(
        "UPDATE audit_logentry SET body = replace(body, 'paid', 'Paid') WHERE id = "
        "(SELECT min(id) FROM audit_logentry WHERE body LIKE '%paid%')"
    )
    done = year.run("verify", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)


def test_figures_fail_when_a_row_says_otherwise(year: Home) -> None:
    year.sql(
        "UPDATE safety_suggestion SET verified_at = NULL WHERE case_id = "
        "(SELECT case_id FROM safety_suggestion WHERE verified_at IS NOT NULL LIMIT 1)"
    )
    done = year.run("figures", "--json")
    failed = [row["id"] for row in json.loads(done.stdout) if not row["ok"]]
    assert (done.returncode, failed) == (1, ["yingkou.suggestions.rectified"])

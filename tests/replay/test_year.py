"""The replayed year, by the commands a newcomer types: on a home of its own, with the embedded database."""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lianxin.home import CODE
from tests.homes import lianxin, rows_of
from tests.test_database import HOLD, begin, end

FACTS = tomllib.loads((CODE / "replay" / "facts.toml").read_text(encoding="utf-8"))["fact"]
INVENTED = re.compile(r"\w[甲乙丙丁戊己庚辛壬癸][一二三四五六七八九]")

REAL = """
    2b28646c4a1f 3fca72a09306 40a7a3038ad6 44fbde5b032d 4c16d4df579a 50e969889f7c 66ba8ddb81d9
    71616009465e 758179b8376a 8084b2b0b66d 82aede2a983f 8dea05af9ccf 952cb4ff99b1 9d34108fe0f1
    b11d51261df1 b84897118114 c2329705ff1a c80c4399cf2f cc2d247df300 db277124b307 ebdf06844421
    ede4cb632a73
"""
TABLES = """
SELECT tablename FROM pg_tables
WHERE schemaname = 'public' AND tablename !~ '^(orgs_region|auth_|django_)'
"""
RECOUNT = """
import json
from lianxin.kernel.metrics.periods import month
from lianxin.kernel.metrics.registry import metrics
from lianxin.kernel.metrics.totals import recount, value
rows = [
    (metric.id, at, str(value(metric, month(2025, at))), str(recount(metric, month(2025, at))))
    for metric in metrics() for at in range(1, 13)
]
print(json.dumps(rows))
"""
STORIES = """
import json
from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.cases.models import Act, Attachment, Case
scope.enter(scope.EVERYTHING)
for case in Case.objects.filter(kind="hazard", opened_at__year=2025):
    acts = list(Act.objects.filter(case=case).order_by("id"))
    last = {act.step: act.person_id for act in acts}
    entries = LogEntry.objects.filter(stream=f"case:{case.pk}", ledger_entry=None, act__isnull=False)
    proofs = Attachment.objects.filter(case=case, evidence__in=("before", "after", "on_site"))
    print(json.dumps({
        "steps": [act.step for act in acts],
        "logged": entries.count(),
        "ordered_in_time": [act.at for act in acts] == sorted(act.at for act in acts),
        "outcome": case.outcome,
        "evidence": sorted(set(proofs.values_list("evidence", flat=True))),
        "verifier": last.get("verify"),
        "rectifier": last.get("rectify"),
    }))
"""


class Home:
    """A home and the commands on it."""

    def __init__(self, folder: Path, first: subprocess.CompletedProcess[str]) -> None:
        self.folder = folder
        self.first = first

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return lianxin(*words, home=self.folder)

    def sql(self, statement: str) -> str:
        """What a query answers, seen with everything open; for a change, with the guards of its table taken away."""
        return "\n".join(str(first) for first, *_rest in rows_of(self.folder, statement))

    def python(self, code: str) -> str:
        """What a piece of code prints in the product's shell."""
        done = self.run("shell", "-v0", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def year() -> Iterator[Home]:
    """The year, replayed once for all tests here."""
    folder = Path(tempfile.mkdtemp(prefix="lx-year-"))
    folder.chmod(0o755)
    try:
        first = lianxin("demo", "--no-serve", home=folder)
        # Held, so that not each command below starts the server and stops it.
        holder = begin(HOLD, folder)
        yield Home(folder, first)
        end(holder)
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


def test_year_names_nobody_of_the_page(year: Home) -> None:
    """By digests of persons and enterprises that the page names, so that this file does not name them either."""
    named = set(REAL.split())
    dump = "\n".join(year.sql(f"SELECT t::text FROM {table} t") for table in year.sql(TABLES).split())
    runs = re.findall(r"[\u4e00-\u9fff]{3,}", dump)
    windows = {run[at : at + n] for run in runs for n in (3, 4, 5) for at in range(len(run) - n + 1)}
    assert len(windows) > 5_000
    assert [one for one in windows if hashlib.sha256(one.encode()).hexdigest()[:12] in named] == []


def test_rolled_up_figures_equal_their_recount(year: Home) -> None:
    counted = json.loads(year.python(RECOUNT))
    assert len(counted) > 50
    assert [row for row in counted if row[2] != row[3]] == []


def test_every_report_has_a_whole_history(year: Home) -> None:
    stories = [json.loads(line) for line in year.python(STORIES).splitlines()]
    assert len(stories) > 60
    for story in stories:
        assert story["steps"][0] == "open"
        assert story["logged"] == len(story["steps"])
        assert story["ordered_in_time"]
        if story["outcome"] in {"closed", "confirmed"}:
            assert {"accept", "grade", "order", "rectify", "verify"} <= set(story["steps"])
            assert story["evidence"] == ["after", "before", "on_site"]
            assert story["verifier"] != story["rectifier"]


def test_payouts_met_every_obstacle_and_were_paid(year: Home) -> None:
    in_2025 = "SELECT {} FROM ledger_payout WHERE paid_at < '2026-01-01+08'"
    assert year.sql(in_2025.format("count(DISTINCT award_id)")) == "34"
    assert year.sql(in_2025.format("sum(amount)::bigint")) == "7200000"
    steps = year.sql(
        "SELECT a.step FROM cases_act a JOIN cases_case c ON c.id = a.case_id WHERE c.kind = 'payout'"
    ).split()
    assert [steps.count(step) for step in ("decline", "void", "fail", "retry")] == [1, 1, 1, 1]
    blind = "SELECT count(*) FROM ledger_payout WHERE person_id IS NULL AND paid_at IS NOT NULL"
    assert int(year.sql(blind)) > 3


def test_log_is_sealed_each_month_and_countersigned(year: Home) -> None:
    months = "SELECT to_char(at AT TIME ZONE 'Asia/Shanghai', 'MM') FROM audit_checkpoint WHERE at < '2026-01-01+08'"
    assert sorted(set(year.sql(months).split())) == [f"{month:02d}" for month in range(2, 13)]
    unsigned = """SELECT count(*) FROM audit_checkpoint c
        WHERE NOT EXISTS (SELECT FROM audit_countersignature s WHERE s.checkpoint_id = c.id)"""
    assert year.sql(unsigned) == "0"


def test_accident_register_is_counted_not_assumed(year: Home) -> None:
    assert year.sql("SELECT extract(year FROM day)::int FROM safety_accident") == "2024"


def test_cast_is_for_the_owner_of_the_home_alone(year: Home) -> None:
    file = year.folder / "demo.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert {"label_zh", "label_en", "username", "role_zh", "role_en"} <= set(json.loads(file.read_text())[0])


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

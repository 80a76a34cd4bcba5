"""The script by itself: whether what it says can be played, and comes to what the year has to come to."""

import csv
import io
import re
import tomllib
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

from lianxin.home import CODE
from lianxin.kernel.cases.deadlines import is_working_day
from lianxin.kernel.clock import CHINA
from lianxin.kernel.metrics.figures import figures, read_facts
from lianxin.kernel.money import Money
from lianxin.replay import hazards, payments, suggestions
from lianxin.replay.agenda import moment
from lianxin.replay.figures import YINGKOU
from lianxin.replay.media import SCENES
from lianxin.replay.people import invented_names
from lianxin.replay.present import _when
from lianxin.replay.script import read
from lianxin.replay.stage import chance_of
from lianxin.replay.street import DISTRICT, STREET, spread
from lianxin.safety.rules import at_least, risk_of, worst_risk

PLACES = {f"{e['key']}.{site[0]}" for e in read("places")["enterprise"] for site in e["sites"]}
METHODS = {e["key"]: e.get("method", "lec") for e in read("places")["enterprise"]}
REWARDS = {
    ("larger", "inside"): 500,
    ("larger", "outside"): 2_000,
    ("critical", "inside"): 3_000,
    ("critical", "outside"): 5_000,
}
AVERTED = 8_000
# Reports from December on are paid in the year after.
LAST_AWARDED = "12"


def grade_of(row: hazards.Row) -> str:
    """The worst risk of a report by the method of its enterprise; empty for one that is never graded."""
    method = METHODS[row.place.partition(".")[0]]
    grades = []
    for factors in row.risk:
        exposure = Decimal(str(factors[1])) if len(factors) == 3 else None
        likelihood, consequence = Decimal(str(factors[0])), Decimal(str(factors[-1]))
        grades.append(risk_of(method, likelihood=likelihood, exposure=exposure, consequence=consequence)[1])
    return worst_risk([grade.value for grade in grades]) if grades else ""


def rewarded() -> list[int]:
    """What each rewarded report earns, in yuan, by the demonstration scale."""
    rows = [row for row in hazards.rows() if row.on < LAST_AWARDED and at_least(grade_of(row), "larger")]
    return [AVERTED if row.averted else REWARDS[grade_of(row), row.duty] for row in rows]


def test_hazards_of_the_script_earn_what_was_paid() -> None:
    assert (len(rewarded()), sum(rewarded())) == (34, 72_000)
    assert Counter(rewarded()) == {500: 6, 2_000: 22, 3_000: 4, 5_000: 1, 8_000: 1}


def test_hazards_of_the_script_can_be_played() -> None:
    rows = hazards.rows()
    assert 61 <= len(rows) <= 69
    assert [row.on for row in rows] == sorted(row.on for row in rows)
    known = {row.key or row.on for row in rows}
    for row in rows:
        assert row.place in PLACES, row.place
        assert row.scene in SCENES
        assert not row.into or (row.into in known and row.into < row.on)
        assert len(row.risk) in {0, len(row.told)}
        assert all(
            len(factors) == (3 if METHODS[row.place.split(".")[0]] == "lec" else 2) for factors in row.risk
        )
        assert bool(row.risk) == bool(row.fix), row.told


def test_hazards_tell_the_three_kinds_of_the_page() -> None:
    rows = {row.key: row for row in hazards.rows() if row.key}
    assert ("车钥匙" in rows["unloading"].told[0], rows["unloading"].duty) == (True, "inside")
    assert "报警" in rows["handover"].told[0]
    assert len(rows["dike"].told) == 2


def test_suggestions_of_the_script_come_to_the_figures() -> None:
    rows = suggestions.rows()
    assert len(rows) == 154
    assert sum(bool(row.by) and not row.wait for row in rows) == 83
    for row in rows:
        assert row.at in PLACES, row.at
        ends = [bool(row.by), bool(row.no), bool(row.same), row.gone]
        assert sum(ends) == 1, row.idea
    keys = {row.key for row in rows if row.key}
    assert {row.same for row in rows if row.same} <= keys


def test_nothing_is_said_twice() -> None:
    texts = [text for row in hazards.rows() for text in row.told]
    texts += [row.idea for row in suggestions.rows()] + [row.what for row in suggestions.rows()]
    assert [text for text, times in Counter(texts).items() if times > 1] == []


def test_suggestions_are_spread_over_the_working_days() -> None:
    when = suggestions.moments(2025, 154)
    assert when == sorted(when)
    assert all(is_working_day(at.date()) for at in when)
    assert {at.month for at in when} == set(range(1, 13))
    assert max(Counter(at.date() for at in when).values()) <= 3


def test_script_of_the_last_weeks_can_be_played() -> None:
    script = read("present")
    now = datetime(2026, 1, 2, 8, 0, tzinfo=CHINA)
    for given in script["hazard"]:
        at, row = _when(given, now)
        assert at <= now
        assert hazards.Row(on=f"{at:%m-%d %H:%M}", **row).place in PLACES
    for given in script["suggestion"]:
        at, row = _when(given, now)
        assert at <= now
        assert suggestions.Row(**row).at in PLACES


def test_reports_lie_in_every_queue_and_some_are_past_their_time() -> None:
    lying = [row for row in read("present")["hazard"] if row.get("stops")]
    # Where the story knows how to stop; a status that it does not know would run on to the end.
    assert {row["stops"] for row in lying} == {
        "submitted",
        "accepted",
        "graded",
        "rectifying",
        "verifying",
    }
    longest = {row["stops"]: int(row["ago"].split()[0]) for row in reversed(lying)}
    assert min(longest["submitted"], longest["accepted"], longest["graded"]) > 20
    # What lies beyond the grading needs all that the steps before it ask.
    for row in lying:
        if row["stops"] in {"graded", "rectifying", "verifying"}:
            assert {"risk", "harm", "fix", "done", "days"} <= row.keys(), row["told"]


def test_street_fills_a_queue_of_all_ages() -> None:
    """Over ninety matters, none told twice; the fresh outnumber what is past its time, and nothing is yet to come."""
    script = read("street")
    assert 90 <= len(script["hazard"]) + len(script["suggestion"]) <= 110
    assert len({row[1] for kind in script.values() for row in kind}) == sum(map(len, script.values()))
    now = datetime(2026, 11, 26, 5, 30, tzinfo=CHINA)
    for kind in ("hazard", "suggestion"):
        when = [at for _, at in spread(script[kind], now)]
        ages = [(now.date() - at.date()).days for at in when]
        assert max(when) <= now
        assert len(set(when)) > len(when) * 0.9
        assert sum(age < 7 for age in ages) > len(ages) / 2
        assert sum(age > 10 for age in ages) > len(ages) / 6


def test_street_belongs_to_bodies_of_the_script() -> None:
    counties = {county["name"]: [name for name, _ in county["towns"]] for county in read("places")["county"]}
    assert STREET in counties[DISTRICT]


def test_enterprises_say_that_they_are_invented() -> None:
    assert [e["name"] for e in read("places")["enterprise"] if not e["name"].endswith("（示例）")] == []


def test_invented_names_are_plainly_made_up_and_unlike() -> None:
    names = list(islice(invented_names(), 500))
    assert len(set(names)) == 500
    assert all(re.fullmatch(r"\w[甲乙丙丁戊己庚辛壬癸][一二三四五六七八九]", name) for name in names)


def test_lines_of_the_fund_use_what_both_bodies_pay_in() -> None:
    assert sum(yuan for _, yuan in payments.PAID_IN) == sum(line[3] for line in payments.LINES)


def test_every_fact_has_a_figure_of_the_city_and_the_year() -> None:
    facts = {fact.id for fact in read_facts(CODE / "replay" / "facts.toml")}
    ours = [figure for figure in figures() if figure.region == YINGKOU]
    assert facts == {figure.fact for figure in ours}
    assert {(figure.period.first, figure.period.last) for figure in ours} == {
        (date(2025, 1, 1), date(2025, 12, 31))
    }


def test_nothing_but_figures_reads_the_facts() -> None:
    readers = [
        path.relative_to(CODE).as_posix()
        for path in CODE.rglob("*.py")
        if re.search(r"read_facts\(|facts\.toml\"", path.read_text(encoding="utf-8"))
    ]
    assert sorted(readers) == [
        "kernel/metrics/figures.py",
        "kernel/metrics/management/commands/figures.py",
    ]


@pytest.mark.parametrize(("refused", "results"), [(set(), ["成功", "成功"]), ({"P-2"}, ["成功", "失败"])])
def test_the_bank_answers_each_line(refused: set[str], results: list[str]) -> None:
    out = "序号,发放编号,收款人姓名,收款账号,开户银行,金额,附言\n"
    out += "1,P-1,甲,62,某行,2000.00,P-1\n2,P-2,乙,63,某行,500.00,P-2\n"
    answer = payments.the_bank(out.encode("utf-8-sig"), refused, chance_of(1))
    _, *lines = csv.reader(io.StringIO(answer.decode("utf-8-sig")))
    assert [line[0] for line in lines] == ["P-1", "P-2"]
    assert [Money.yuan(line[1]).fen for line in lines] == [200_000, 50_000]
    assert [line[2] for line in lines] == results
    assert [bool(line[4]) for line in lines] == [result == "失败" for result in results]


def test_moments_of_the_script_are_dates() -> None:
    assert all(moment(2025, row.on).year == 2025 for row in hazards.rows())


def test_script_is_valid_toml() -> None:
    for path in (Path(CODE) / "replay" / "script").glob("*.toml"):
        assert tomllib.loads(path.read_text(encoding="utf-8"))

"""Cases as lines of a list."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import translation

from lianxin.kernel.clock import CHINA
from lianxin.kernel.text import Text
from lianxin.web.casework.listing import Line, Shown
from lianxin.web.templatetags.lines import caselines

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=CHINA)
LINE = Line(
    number="H26-000042-K",
    title="一车间<围堰>缺梯",
    href="/case/H26-000042-K/",
    kind=Text("隐患报告", "Hazard report"),
    status=Shown("rectifying", Text("整改中", "Being rectified")),
    place="青山厂 & 分厂",
    whose_turn="青山厂 · 现场负责人",
    opened_at=NOW,
    due_at=NOW + timedelta(days=1),
    closed_at=None,
    escalation=0,
)


def test_caselines_say_all_that_an_officer_asks_first() -> None:
    shown = caselines([LINE], now=NOW)
    for words in ("隐患报告", "H26-000042-K", "整改中", "青山厂 · 现场负责人", "还有 1 天"):
        assert words in shown
    assert shown.count('href="/case/H26-000042-K/"') == 1


def test_caselines_escape_what_people_wrote() -> None:
    shown = caselines([LINE], now=NOW)
    assert "一车间&lt;围堰&gt;缺梯" in shown
    assert "青山厂 &amp; 分厂" in shown


def test_caselines_mark_what_has_climbed() -> None:
    assert "已上报" not in caselines([LINE], now=NOW)
    assert "已上报" in caselines([replace(LINE, escalation=1)], now=NOW)


def test_caselines_say_nothing_of_a_deadline_that_is_not_there() -> None:
    assert '<div class="lx-case-due"></div>' in caselines([replace(LINE, due_at=None)], now=NOW)


def test_caselines_tell_a_closed_case_from_an_open_one() -> None:
    assert "按时办结" in caselines([replace(LINE, closed_at=NOW, whose_turn="")], now=NOW)


def test_caselines_are_in_the_readers_language() -> None:
    with translation.override("en"):
        shown = caselines([LINE], now=NOW)
    assert "Hazard report" in shown
    assert "Being rectified" in shown
    assert "1 day left" in shown
    assert 'title="Deadline: 3 Mar, 09:30"' in shown

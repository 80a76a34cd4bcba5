"""What the showing components show."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from lianxin.kernel.clock import CHINA
from lianxin.kernel.text import Text
from tests.web.conftest import Draw

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=CHINA)


@dataclass
class Status:
    """As the domains have them."""

    value: str
    label: Text


@pytest.mark.parametrize(
    ("left", "words", "tone"),
    [
        (timedelta(days=9), "还有 9 天", "neutral"),
        (timedelta(days=2), "还有 2 天", "orange"),
        (timedelta(hours=1), "今天到期", "orange"),
        (timedelta(hours=-1), "刚刚超期", "red"),
        (timedelta(days=-3), "超期 3 天", "red"),
    ],
)
def test_deadline_says_how_it_stands(draw: Draw, left: timedelta, words: str, tone: str) -> None:
    shown = draw("{% deadline due now=now %}", due=NOW + left, now=NOW)
    assert words in shown
    assert f"lx-tone-{tone}" in shown


def test_deadline_of_a_finished_case_says_whether_it_was_in_time(draw: Draw) -> None:
    source = "{% deadline due done_at=done now=now %}"
    assert "按时办结" in draw(source, due=NOW, done=NOW - timedelta(hours=1), now=NOW)
    assert "晚 2 天办结" in draw(source, due=NOW, done=NOW + timedelta(days=2), now=NOW)


def test_deadline_without_one_shows_nothing(draw: Draw) -> None:
    assert draw("{% deadline None %}") == ""


def test_status_takes_label_and_colour_from_the_code(draw: Draw) -> None:
    shown = draw("{% status one %}", one=Status("rectifying", Text("整改中", "Being rectified")))
    assert "整改中" in shown
    assert "lx-tone-orange" in shown


def test_when_leaves_out_this_year(draw: Draw) -> None:
    assert ">3月2日 09:30<" in draw("{% when at now=now %}", at=NOW, now=NOW)
    assert ">2025年3月2日<" in draw('{% when at style="day" now=now %}', at=NOW.replace(year=2025), now=NOW)


@pytest.mark.parametrize(
    ("style", "chinese", "english"),
    [("full", "3月2日 09:05", "2 Mar, 09:05"), ("day", "3月2日", "2 Mar"), ("time", "09:05", "09:05")],
)
def test_when_is_told_in_both_languages(draw: Draw, style: str, chinese: str, english: str) -> None:
    source, at = f'{{% when at style="{style}" now=now %}}', datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
    assert f">{chinese}<" in draw(source, at=at, now=NOW)
    with translation.override("en"):
        assert f">{english}<" in draw(source, at=at, now=NOW)


def test_when_of_a_day_has_no_hour(draw: Draw) -> None:
    assert ">2025年12月31日<" in draw("{% when day now=now %}", day=date(2025, 12, 31), now=NOW)
    assert "—" in draw("{% when None %}")


def test_badge_escapes_its_words(draw: Draw) -> None:
    shown = draw("{% badge word title=more %}", word="<甲>", more='"乙"')
    assert "&lt;甲&gt;" in shown
    assert 'title="&quot;乙&quot;"' in shown


def test_pager_keeps_the_filters_and_moves_the_cursor(draw: Draw) -> None:
    shown = draw(
        "{% pager page %}", page=type("Page", (), {"next": "n2"})(), path="/queue/?view=mine&after=n1"
    )
    assert 'href="?view=mine&amp;after=n2"' in shown
    assert 'href="/queue/?view=mine"' in shown


def test_pager_of_a_single_page_shows_nothing(draw: Draw) -> None:
    assert draw("{% pager page %}", page=type("Page", (), {"next": None})()) == ""


def test_column_orders_the_other_way_when_pressed_again(draw: Draw) -> None:
    shown = draw('{% column "期限" "Deadline" sort="due" %}', path="/queue/?sort=due")
    assert 'href="?sort=-due"' in shown
    assert 'aria-sort="ascending"' in shown


def test_money_shows_yuan(draw: Draw) -> None:
    assert "¥</span>1,234.50" in draw("{% money 123450 %}")
    assert "+" in draw("{% money 100 signed=True %}")


def test_masked_asks_by_post_and_says_that_it_is_recorded(draw: Draw) -> None:
    shown = draw('{% masked "138****5678" reveal="/reveal/" %}')
    assert 'method="post" action="/reveal/"' in shown
    assert "留痕" in shown
    assert "csrfmiddlewaretoken" in shown


def test_chart_carries_its_numbers_as_a_table(draw: Draw) -> None:
    data = {"categories": ["1月"], "series": [{"name": Text("报告", "Reported"), "values": [4]}], "unit": ""}
    shown = draw('{% chart "每月" "By month" id="m" data=data %}', data=data)
    assert '<th scope="row">1月</th><td class="lx-number">4</td>' in shown
    assert 'id="m-data" type="application/json"' in shown


def test_qr_is_drawn_here(draw: Draw) -> None:
    assert 'src="data:image/svg+xml' in draw('{% qr "https://example.cn/x" "扫码" "Scan" %}')

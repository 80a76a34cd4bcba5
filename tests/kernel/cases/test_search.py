"""Finding cases by Chinese words, within what the viewer may see."""

import subprocess
import sys
import threading

import pytest
from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.reporters import Reporting
from lianxin.kernel.cases.search import MOST_LETTERS, index_again, index_new, search_cases, words_of
from lianxin.kernel.cases.services import open_case, perform
from lianxin.kernel.people.actors import NOBODY, Actor
from tests.example_app.workflow import workflow
from tests.kernel.cases.conftest import NOON, Town, build_town, found


def opened(town: Town, title: str, said: str = "", actor: Actor | None = None) -> Case:
    """A case with a title and something said."""
    return open_case(
        workflow,
        actor=actor or town.finder,
        at=NOON,
        organization=town.market,
        title=title,
        data={"what": title, "spoken": {"what": said or title}},
        reporting=Reporting(mode="named"),
    ).case


def searched(viewer: Actor, text: str) -> list[str]:
    with scope.use(viewer.scope):
        return [case.title for case in search_cases(viewer, text)]


@pytest.fixture
def three(town: Town) -> Town:
    """Three cases, indexed."""
    opened(town, "炼钢车间煤气报警仪未接入主控室")
    opened(town, "储罐区围堰缺少跨步梯", "VALVE-7 气源手阀无铅封")
    opened(town, "黑色雨伞")
    assert index_new() == 3
    return town


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("煤气", "炼钢车间煤气报警仪未接入主控室"),
        ("煤气报警仪", "炼钢车间煤气报警仪未接入主控室"),
        ("主控室 炼钢", "炼钢车间煤气报警仪未接入主控室"),
        ("围堰", "储罐区围堰缺少跨步梯"),
        ("铅封", "储罐区围堰缺少跨步梯"),
        ("valve", "储罐区围堰缺少跨步梯"),
        ("雨伞！", "黑色雨伞"),
    ],
)
def test_search_finds_by_words_of_title_and_text(three: Town, text: str, title: str) -> None:
    assert searched(three.county_officer, text) == [title]


@pytest.mark.parametrize("text", ["煤气 雨伞", "灭火器", "", "!?", "' OR 1=1 --", "煤气 & !"])
def test_search_finds_nothing_where_a_word_is_missing(three: Town, text: str) -> None:
    expected = ["炼钢车间煤气报警仪未接入主控室"] if text == "煤气 & !" else []
    assert searched(three.county_officer, text) == expected


def test_search_finds_only_what_the_viewer_may_see(three: Town) -> None:
    assert searched(three.finder, "雨伞") == ["黑色雨伞"]
    for viewer in (three.stranger, three.foreign_keeper, three.manager, NOBODY):
        assert searched(viewer, "雨伞") == []


def test_search_by_number_needs_no_index(town: Town) -> None:
    case = opened(town, "红色雨伞")
    assert searched(town.county_officer, case.number.lower().replace("-", " ")) == ["红色雨伞"]
    assert searched(town.county_officer, "红色") == []
    assert searched(town.stranger, case.number) == []


def test_what_is_said_later_is_found_after_indexing_again(three: Town) -> None:
    with scope.use(scope.EVERYTHING):
        case = Case.objects.get(title="黑色雨伞")
    perform(case, "keep", actor=three.keeper, at=NOON, shelf="东墙货架")
    assert searched(three.county_officer, "货架") == []
    with scope.act():
        index_again(case)
    assert index_new() == 1
    assert searched(three.county_officer, "货架") == ["黑色雨伞"]


def test_index_takes_a_text_of_any_length(town: Town) -> None:
    case = opened(town, "很长", "安全" * MOST_LETTERS)
    assert index_new() == 1
    with scope.use(scope.EVERYTHING):
        assert Case.objects.filter(pk=case.pk, search__isnull=False).exists()


def test_words_are_cut_for_search() -> None:
    assert {"操作", "规程"} <= set(words_of("操作规程"))
    assert words_of("Gas VALVE 7") == ["gas", "valve", "7"]


def test_the_cutter_loads_only_when_it_is_needed_and_says_nothing() -> None:
    code = """import sys
import django; django.setup()
from lianxin.kernel.cases import search
assert "jieba" not in sys.modules
assert search.words_of("安全生产")
assert "jieba" in sys.modules"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.django_db(transaction=True)
def test_several_workers_index_each_case_once() -> None:
    town = build_town()
    for _ in range(9):
        found(town)
    counts: list[int] = []

    def work() -> None:
        try:
            counts.append(index_new())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) + index_new() == 9
    with scope.use(scope.EVERYTHING):
        assert not Case.objects.filter(search=None).exists()

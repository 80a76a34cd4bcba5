"""The menus: what stands in them, what is marked, and for whom."""

import re

import pytest
from django.utils import translation

from lianxin.web import menus

OFFICER, ADMINISTRATOR = frozenset({"union_officer"}), frozenset({"administrator"})
NOBODY: frozenset[str] = frozenset()


def marked(menu: str) -> list[str]:
    """The words of the entries that say "you are here"."""
    found = re.findall(r'aria-current="page">(?:<svg.*?</svg>)?(?:<span>)?([^<]+)', menu)
    return [words.strip() for words in found]


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/", ["首页"]),
        ("/queue/", ["待办"]),
        ("/money/2026/", ["专项资金"]),
        ("/case/H26-1/", []),
        ("/nowhere/", []),
    ],
)
def test_sidebar_marks_where_the_reader_is(path: str, here: list[str]) -> None:
    assert marked(menus.sidebar(OFFICER, path, "")) == here


def test_sidebar_shows_an_offices_pages_to_its_holder_only() -> None:
    assert "任职登记" in menus.sidebar(ADMINISTRATOR, "/", "")
    assert "任职登记" not in menus.sidebar(OFFICER, "/", "")


def test_menus_mark_what_is_unread_beside_the_messages_alone() -> None:
    for menu in (
        menus.sidebar(OFFICER, "/", "7"),
        menus.bar(NOBODY, "/", "7"),
        menus.links(NOBODY, "/", "7"),
    ):
        assert menu.count("lx-unread-mark") == 1
        assert "消息</span> <span class=" in menu or "消息 <span class=" in menu
    assert "lx-unread-mark" not in menus.bar(NOBODY, "/", "")


def test_menus_speak_the_readers_language() -> None:
    chinese = menus.bar(NOBODY, "/mine/", "")
    with translation.override("en"):
        assert marked(menus.bar(NOBODY, "/mine/", "")) == ["My cases"]
    assert marked(menus.bar(NOBODY, "/mine/", "")) == ["我的办件"]
    assert menus.bar(NOBODY, "/mine/", "") == chinese


def test_foot_of_a_page_marks_nothing() -> None:
    assert marked(menus.foot(NOBODY)) == []
    assert marked(menus.public(NOBODY, "/figures/")) == ["公开数据"]

"""Every word in both languages."""

import pytest
from django.template import TemplateSyntaxError
from django.utils import translation

from lianxin.kernel import scope
from lianxin.kernel.orgs.regions import load_regions
from lianxin.kernel.reference.loading import FOLDER, load_reference
from tests.web.conftest import Draw


@pytest.fixture
def reference(db: None) -> None:
    """The dictionaries that the product comes with."""
    with scope.act():
        load_regions()
        load_reference(FOLDER)


def test_t_shows_chinese_by_default(draw: Draw) -> None:
    assert draw('{% t "报隐患" "Report a hazard" %}') == "报隐患"


def test_t_shows_english_to_who_reads_english(draw: Draw) -> None:
    with translation.override("en"):
        assert draw('{% t "报隐患" "Report a hazard" %}') == "Report a hazard"


def test_t_fills_and_escapes_its_values(draw: Draw) -> None:
    shown = draw('{% t "你好，{name}" "Hello, {name}" name=name %}', name="<b>张</b>")
    assert shown == "你好，&lt;b&gt;张&lt;/b&gt;"


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "煤气区域作业"), ("en", "work in a gas area")])
def test_term_says_a_code_in_words(reference: None, draw: Draw, language: str, words: str) -> None:
    with translation.override(language):
        assert draw('{% term "process" code %}', code="gas_area") == words


def test_term_leaves_what_somebody_wrote_by_hand(reference: None, draw: Draw) -> None:
    assert draw('{% term "process" code %}', code="<b>焊接</b>") == "&lt;b&gt;焊接&lt;/b&gt;"
    assert draw('{% term "nothing" code %}', code="gas_area") == "gas_area"


def test_t_keeps_its_words_under_a_name(draw: Draw) -> None:
    assert draw('{% t "甲" "A" as word %}[{{ word }}]') == "[甲]"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ('{% t "报隐患" %}', "the Chinese and the English"),
        ('{% t "报隐患" "" %}', "the Chinese and the English"),
        ('{% t "报隐患" word %}', "the Chinese and the English"),
        ('{% t "报隐患" "报告" %}', "written in Chinese"),
        ('{% t "还有 {n} 件" "{n} more" %}', "fills"),
        ('{% t "还有 {n} 件" "some more" n=3 %}', "English"),
        ('{% t "甲" "A" "B" %}', "does not understand"),
    ],
)
def test_t_refuses_what_one_language_lacks(draw: Draw, source: str, complaint: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=complaint):
        draw(source)

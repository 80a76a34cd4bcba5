"""Words in two languages."""

from django import forms
from django.utils.translation import override

from lianxin.kernel.text import Text

ACCEPT = Text("受理", "Accept")


def test_text_is_shown_in_the_readers_language() -> None:
    with override("zh-hans"):
        assert str(ACCEPT) == "受理"
    with override("en"):
        assert str(ACCEPT) == "Accept"


def test_text_is_chinese_when_nobody_reads() -> None:
    with override(None):
        assert str(ACCEPT) == "受理"


def test_format_keeps_both_languages() -> None:
    filled = Text("已{step},{n} 件", "{step}: {n}").format(step=ACCEPT, n=3)
    assert filled.as_dict() == {"zh": "已受理,3 件", "en": "Accept: 3"}


def test_format_does_not_read_what_is_filled_in() -> None:
    assert Text("{what}", "{what}").format(what="{n}").zh == "{n}"


def test_text_serves_as_a_label_decided_when_shown() -> None:
    field = forms.CharField(label=ACCEPT)
    with override("en"):
        assert str(field.label) == "Accept"


def test_text_answers_what_a_string_answers() -> None:
    with override("en"):
        assert (ACCEPT.upper(), ACCEPT + "!", "> " + ACCEPT, ACCEPT == "Accept") == (
            "ACCEPT",
            "Accept!",
            "> Accept",
            True,
        )


def test_texts_are_equal_by_both_languages() -> None:
    assert Text("受理", "Accept") == ACCEPT
    assert Text("受理", "Take") != ACCEPT
    assert len({ACCEPT, Text("受理", "Accept")}) == 1

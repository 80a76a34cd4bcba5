"""``{% t "中文" "English" %}``: every visible word in both languages, side by side."""

import re
from collections.abc import Collection
from string import Formatter
from typing import Any

from django.template import Library, Node, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from lianxin.kernel.reference.queries import NoReference, term_label
from lianxin.kernel.text import Text
from lianxin.web.reader import is_english

register = Library()

CHINESE = re.compile(r"[\u3400-\u9fff]")
LANGUAGES = 2


class TextNode(Node):
    """Renders its words in the reader's language; values put into them are escaped."""

    def __init__(self, text: Text, values: dict[str, FilterExpression], name: str | None) -> None:
        self.text = text
        self.values = values
        self.name = name
        # Most hold nothing but themselves, and need not be put together each time.
        self.chinese, self.english = (_whole(text.zh, values), _whole(text.en, values))

    def render(self, context: Context) -> SafeString:
        """The words, or nothing when they are kept under a name."""
        if not self.values and self.name is None:
            return self.english if is_english() else self.chinese
        values = {key: conditional_escape(value.resolve(context)) for key, value in self.values.items()}
        shown = mark_safe(str(self.text).format(**values))  # noqa: S308 - our own words; values are escaped above
        if self.name is None:
            return shown
        context[self.name] = shown
        return SafeString("")


def _whole(sentence: str, values: Collection[str]) -> SafeString:
    return mark_safe("" if values else sentence.format())  # noqa: S308 - our own words


@register.tag
def t(parser: Parser, token: Token) -> TextNode:
    """``{% t "中文" "English" key=value as name %}``."""
    bits = token.split_contents()[1:]
    name = bits.pop() if len(bits) > LANGUAGES and bits[-2] == "as" else None
    if name:
        bits.pop()
    text = _both(bits[:LANGUAGES])
    rest = bits[LANGUAGES:]
    values = token_kwargs(rest, parser)
    if rest:
        message = f"'t' does not understand {rest[0]}: after the two languages only key=value and 'as name'"
        raise TemplateSyntaxError(message)
    _refuse_unfilled(text, set(values))
    return TextNode(text, values, name)


@register.simple_tag
def term(dictionary: str, code: str) -> Text | str:
    """``{% term "process" code %}``: the words of a dictionary's entry; what somebody wrote by hand stays as it is."""
    try:
        return term_label(dictionary, code)
    except NoReference:
        return code


def _both(bits: list[str]) -> Text:
    if len(bits) < LANGUAGES or not all(
        len(bit) > LANGUAGES and bit[0] in "\"'" and bit[-1] == bit[0] for bit in bits
    ):
        message = f"'t' wants the Chinese and the English, both in quotes, not {' '.join(bits) or 'nothing'}"
        raise TemplateSyntaxError(message)
    text = Text(bits[0][1:-1], bits[1][1:-1])
    if CHINESE.search(text.en):
        message = f"'t': the English of {bits[0]} is written in Chinese"
        raise TemplateSyntaxError(message)
    return text


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def _refuse_unfilled(text: Text, given: set[str]) -> None:
    wanted: dict[str, Any] = {"Chinese": _placeholders(text.zh), "English": _placeholders(text.en)}
    for language, names in wanted.items():
        if names != given:
            message = (
                f"'t': the {language} of {text.zh!r} names {sorted(names)}, the tag fills {sorted(given)}"
            )
            raise TemplateSyntaxError(message)

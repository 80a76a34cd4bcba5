"""Kinds of notice: how each is worded from its facts, and which also go to a phone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lianxin.kernel.moments import moment_told
from lianxin.kernel.text import Text

Facts = dict[str, Any]
TOLD_AT = "told_at"


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind. ``push``: also as a short message to the phones of those who asked for that."""

    code: str
    word: Callable[[Facts], Text]
    push: bool = False


_kinds: dict[str, NoticeKind] = {}


def declare(code: str, word: Callable[[Facts], Text] | None = None, *, push: bool = False) -> NoticeKind:
    """Make a kind known; without ``word`` it says the text it was sent with. Twice the same changes nothing."""
    kind = NoticeKind(code, word or as_sent, push)
    if _kinds.setdefault(code, kind) != kind:
        message = f"notice kind {code} is already declared differently"
        raise ValueError(message)
    return kind


def notice_kind(code: str) -> NoticeKind:
    """The kind of this code; raises ``KeyError`` if no app declares it."""
    return _kinds[code]


def pushed_kinds() -> list[str]:
    """The codes of the kinds that also go to phones."""
    return [kind.code for kind in _kinds.values() if kind.push]


def worded(code: str, facts: Facts, *, told_at: datetime | None = None) -> Text:
    """A notice in words; one whose app is no longer installed still says what it can.

    ``told_at`` is when it was written: it leaves out the year that was the current one then.
    """
    kind = _kinds.get(code)
    facts = facts | {TOLD_AT: told_at}
    if kind is None:
        return (
            as_sent(facts)
            if "text" in facts
            else Text("（该通知的内容已无法显示）", "(this notice cannot be shown any more)")
        )
    return kind.word(facts)


def as_sent(facts: Facts) -> Text:
    """The text that the notice was sent with."""
    return text_in(facts, "text")


def text_in(facts: Facts, name: str) -> Text:
    """Words of both languages among the facts; empty where there are none."""
    found = facts.get(name) or {}
    return Text(found.get("zh", ""), found.get("en", ""))


def moment_in(facts: Facts, name: str) -> Text | None:
    """A moment among the facts, as people write it in China; the end of a day is just the day."""
    found, told_at = facts.get(name), facts.get(TOLD_AT)
    return moment_told(datetime.fromisoformat(found), now=told_at) if found else None


def sentences(*parts: Text | None) -> Text:
    """Sentences one after the other: no space between Chinese ones, one between English ones."""
    said = [part for part in parts if part is not None and part.zh]
    return Text("".join(part.zh for part in said), " ".join(part.en for part in said))

"""Kinds of programme: an app declares its own; the groups a programme is for are entries of a dictionary."""

from dataclasses import dataclass

from lianxin.kernel.text import Text


@dataclass(frozen=True, slots=True)
class ProgrammeKind:
    """One kind, such as the warmth campaign 送温暖."""

    code: str
    label: Text


_kinds: dict[str, ProgrammeKind] = {}


def declare(code: str, label: Text) -> ProgrammeKind:
    """Make a kind known; declaring the same one twice changes nothing."""
    kind = ProgrammeKind(code, label)
    if _kinds.setdefault(code, kind) != kind:
        message = f"programme kind {code} is already declared differently"
        raise ValueError(message)
    return kind


def programme_kind(code: str) -> ProgrammeKind:
    """The kind of this code; raises ``KeyError`` if no app declares it."""
    return _kinds[code]


def programme_kinds() -> list[ProgrammeKind]:
    """All kinds, in the order they were declared."""
    return list(_kinds.values())

"""The deeds of `lianxin match` beside the comparison itself: one module each, with a `Command`.

A deed is one line here; `lianxin match prepare …` is the module that stands beside it. A module is imported when it
is asked for, so that none of them makes the others start more slowly.
"""

from lianxin.matching.words import Words

DEEDS: dict[str, tuple[str, Words]] = {}

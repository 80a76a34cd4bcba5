"""One sentence for a pair: what agrees, what differs. No value of a record appears in it."""

from collections.abc import Mapping
from functools import cache

from lianxin.matching.comparisons import COMPARISONS, Comparison, Level
from lianxin.matching.words import Language, Words

ANSWERS = {
    "yes": Words("人工已核对为同一人", "a person has said that it is one person"),
    "unsure": Words("人工核对未能确定", "a person who looked at it was not sure"),
}
HOUSEHOLD = Words("同住的家人也已对上", "others of the household are matched as well")


def reason(
    levels: Mapping[str, str],
    language: Language = "zh",
    *,
    household: bool = False,
    answer: str | None = None,
) -> str:
    """The sentence for a pair, from the name of the level that each comparison reached."""
    chosen = [_level(comparison, levels.get(comparison.name, "missing")) for comparison in COMPARISONS]
    agree = [level.words.spoken(language) for level in chosen if level.agrees]
    if answer in ANSWERS:
        agree.insert(0, ANSWERS[answer].spoken(language))
    if household:
        agree.append(HOUSEHOLD.spoken(language))
    differ = [level.words.spoken(language) for level in chosen if level.agrees is False]
    empty = [
        comparison.words.spoken(language)
        for comparison, level in zip(COMPARISONS, chosen, strict=True)
        if level.nothing
    ]
    return _english(agree, differ, empty) if language == "en" else _chinese(agree, differ, empty)


def _chinese(agree: list[str], differ: list[str], empty: list[str]) -> str:
    parts = [
        "、".join(agree) if agree else "没有一致之处",
        f"但{'、'.join(differ)}" if differ else "",
        f"{'、'.join(empty)}未能比较" if empty else "",
    ]
    return "；".join(part for part in parts if part) + "。"


def _english(agree: list[str], differ: list[str], empty: list[str]) -> str:
    parts = [
        ", ".join(agree) if agree else "nothing agrees",
        f"but {', '.join(differ)}" if differ else "",
        f"{', '.join(empty)} could not be compared" if empty else "",
    ]
    sentence = "; ".join(part for part in parts if part)
    return sentence[:1].upper() + sentence[1:] + "."


@cache
def _levels(comparison: Comparison) -> dict[str, Level]:
    return {level.name: level for level in comparison.levels}


def _level(comparison: Comparison, name: str) -> Level:
    return _levels(comparison)[name]

"""Which rule decided a pair, and how that is told: the decisions of `deciding`, one sentence for each."""

from collections.abc import Sequence

from lianxin.matching.model import Model
from lianxin.matching.words import Words


def rule(
    model: Model,
    probability: float,
    decision: str | None,
    *,
    shown: bool,
    answer: str | None,
    held: Sequence[bool],
) -> tuple[str, Words]:
    """The code of the rule that decided a scored pair, and its sentence.

    `shown`: whether the pair is told at all; `answer`: what a person has said; `held`: whether the identity numbers
    agree, are both valid and differ, the names hold, the birth dates differ.
    """
    same_number, other_number, name_holds, other_birth = held
    if answer:
        code = f"answered_{answer}"
    elif other_number:
        code = "other_number"
    elif decision is None:
        code = "unlikely"
    elif not shown:
        code = "another"
    elif decision == "match":
        code = "match_by_number" if same_number else "match"
    elif probability >= model.match:
        code = "other_birth" if name_holds and other_birth else "other_name"
    else:
        code = "review"
    return code, rule_words(model, code)


def rule_words(model: Model, code: str) -> Words:
    """A rule's sentence, with the model's thresholds in it."""
    return _RULES[code].format(match=f"{model.match:g}", review=f"{model.review:g}")


_RULES = {
    "answered_yes": Words("人工核对：是同一人。", "A person has answered: one person."),
    "answered_no": Words("人工核对：不是同一人。", "A person has answered: not one person."),
    "answered_unsure": Words(
        "人工核对：不确定，仍待核对。", "A person has answered: not sure; it stays in review."
    ),
    "other_number": Words(
        "两个身份证号都有效却不同：不是同一人。", "Two valid identity numbers that differ: never one person."
    ),
    "unlikely": Words("概率低于 {review}：不列出。", "The probability is below {review}: not told."),
    "another": Words("这个人已有更合适的候选：不列出。", "This record has better candidates: not told."),
    "match_by_number": Words(
        "概率不低于 {match}，且身份证号一致：匹配。",
        "The probability is at least {match} and the identity numbers agree: a match.",
    ),
    "match": Words(
        "概率不低于 {match}，姓名相符，出生日期不相悖：匹配。",
        "The probability is at least {match}, the names hold and the birth dates do not differ: a match.",
    ),
    "other_birth": Words(
        "概率够高，但出生日期不同，又没有一致的身份证号：须人工核对。",
        "Likely enough, but the birth dates differ and no identity number agrees: to be reviewed.",
    ),
    "other_name": Words(
        "概率够高，但姓名不同，又没有一致的身份证号：须人工核对。",
        "Likely enough, but the names differ and no identity number agrees: to be reviewed.",
    ),
    "review": Words(
        "概率在 {review} 与 {match} 之间：须人工核对。",
        "The probability lies between {review} and {match}: to be reviewed.",
    ),
    "not_met": Words(
        "两条记录没有共同的键，比对时不会相遇；下面是假如相遇时的算法。",
        "The two records share no key, so they are never compared; this is what it would come to.",
    ),
}

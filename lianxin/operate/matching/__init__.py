"""The deeds of `lianxin match` beside the comparison itself: one module each, with a `Command`.

A deed is one line here; `lianxin match prepare …` is the module that stands beside it. A module is imported when it
is asked for, so that none of them makes the others start more slowly.
"""

from lianxin.matching.words import Words

DEEDS: dict[str, tuple[str, Words]] = {
    "prepare": (f"{__name__}.prepare", Words("备好底册，供逐人查询", "make a roster ready for look-ups")),
    "lookup": (f"{__name__}.lookup", Words("在备好的底册中查一个人", "one person against such a roster")),
    "explain": (
        f"{__name__}.explain",
        Words("一对的概率如何得来", "how the probability of a pair comes about"),
    ),
    "learn": (f"{__name__}.learn", Words("用核对的答复改进模型", "a better model from a review filled in")),
    "train": (f"{__name__}.train", Words("用大名单训练模型（EM）", "a model trained on large lists by EM")),
    "encode": (
        f"{__name__}.encode",
        Words("用共享密钥给本部门名单编码", "encode your own list with a shared key"),
    ),
    "link": (
        f"{__name__}.link",
        Words("比对两份编码：是、否或待核对", "link two encodings: yes, no or review"),
    ),
    "resolve": (
        f"{__name__}.resolve",
        Words("把答复对回本部门名单", "bring the answers back to your own list"),
    ),
}

"""What is said about cases: to the reporter in plain words, to a body whose turn it is, to one it climbed to."""

from lianxin.kernel.notices.kinds import Facts, declare, moment_in, sentences, text_in
from lianxin.kernel.text import Text


def opened(facts: Facts) -> Text:
    """To the reporter: it has arrived, and who has it."""
    return sentences(
        Text(
            "您提交的{kind}已收到，编号 {number}。", "Your {kind} has arrived; its number is {number}."
        ).format(kind=text_in(facts, "kind"), number=facts["number"]),
        whose_turn(facts),
    )


def moved(facts: Facts) -> Text:
    """To the reporter: what was done, by which body, why, and what comes next and by when."""
    body = text_in(facts, "body")
    done = (
        Text("{body}对办件 {number} 办理了“{step}”。", "{body} took the step “{step}” in case {number}.")
        if body.zh
        else Text(
            "办件 {number} 已按时限自动进入“{step}”。",
            "By the passing of time case {number} took the step “{step}”.",
        )
    )
    reason = facts.get("reason", "")
    return sentences(
        done.format(body=body, number=facts["number"], step=text_in(facts, "step")),
        Text("说明：{reason}", "They say: {reason}").format(reason=_ended(reason)) if reason else None,
        Text("办件已办结。", "The case is closed.") if facts.get("closed") else whose_turn(facts),
        objection(facts),
    )


def climbed(facts: Facts) -> Text:
    """To the reporter: it is late, and who has been told."""
    above = text_in(facts, "supervisor")
    return sentences(
        Text("办件 {number} 已超过办理期限。", "Case {number} has run over its time limit.").format(
            number=facts["number"]
        ),
        Text("已上报{above}督办。", "{above} has been told and will see to it.").format(above=above)
        if above.zh
        else None,
    )


def turn(facts: Facts) -> Text:
    """To those whose turn it is."""
    due = moment_in(facts, "due")
    return sentences(
        Text(
            "有新的{kind}待办理，编号 {number}。", "A {kind} is waiting for you; its number is {number}."
        ).format(kind=text_in(facts, "kind"), number=facts["number"]),
        Text("期限：{due}。", "It is due by {due}.").format(due=due) if due else None,
    )


def overdue(facts: Facts) -> Text:
    """To the body that an overdue case has climbed to."""
    return Text(
        "办件 {number} 超过办理期限，{owner}尚未办结，现由您督办。",
        "Case {number} has run over its time limit at {owner}; it has climbed to you.",
    ).format(number=facts["number"], owner=text_in(facts, "owner"))


def whose_turn(facts: Facts) -> Text | None:
    """Who has to act next and by when, as far as somebody has."""
    owner, due = text_in(facts, "owner"), moment_in(facts, "due")
    if facts.get("yours"):
        who: Text | None = Text("请您办理下一步", "The next step is yours")
    else:
        who = Text("下一步由{owner}办理", "Next: {owner}").format(owner=owner) if owner.zh else None
    if who is None:
        return None
    return (
        Text("{who}，期限 {due}。", "{who}, due by {due}.").format(who=who, due=due)
        if due
        else Text("{who}。", "{who}.").format(who=who)
    )


def objection(facts: Facts) -> Text | None:
    """What the reporter may still do about it, and until when."""
    until = moment_in(facts, "until")
    if until is None:
        return None
    return Text("在 {until} 之前，您还可以“{step}”。", "Until {until} you may still choose “{step}”.").format(
        until=until, step=text_in(facts, "may")
    )


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(("。", ".", "!", "!", "?", "?")) else sentence + "。"


OPENED = declare("case.opened", opened)
MOVED = declare("case.moved", moved, push=True)
CLIMBED = declare("case.climbed", climbed, push=True)
TURN = declare("case.turn", turn)
OVERDUE = declare("case.overdue", overdue, push=True)
ANNOUNCED = declare("announced", push=True)

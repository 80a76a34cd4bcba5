"""Small groups are not published: a figure about two people in a small town is a figure about them."""

from collections.abc import Sequence
from datetime import date, timedelta

from lianxin.kernel.metrics.periods import Period
from lianxin.kernel.reference.queries import parameter
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text

SMALLEST_GROUP = "metrics.smallest_group"


def smallest_group(region: str | None, *, on: date) -> int:
    """How many people a published group must have; 0 where nothing is configured, and all is published."""
    return int(parameter(SMALLEST_GROUP, region=region, on=on, default=0))


def hidden_parts(sizes: Sequence[int], smallest: int) -> list[bool]:
    """Which parts of a whole must stay hidden when the whole is published beside them.

    Groups below ``smallest`` are hidden. What is hidden can be told from the whole and the rest, so the hidden
    ones together must make a group of that size, and be two at least: the next smallest are hidden with them.
    """
    hidden = [0 < size < smallest for size in sizes]
    if not any(hidden):
        return hidden
    others = sorted((size, index) for index, size in enumerate(sizes) if size >= smallest)
    for _, index in others:
        concealed = [size for size, hide in zip(sizes, hidden, strict=True) if hide]
        if len(concealed) > 1 and sum(concealed) >= smallest:
            break
        hidden[index] = True
    return hidden


def check_whole_months(period: Period) -> None:
    """Refuse periods whose difference could single somebody out: the public counts people by whole months."""
    after = period.last + timedelta(days=1)
    if after.day != 1 or (period.first.day != 1 and period.first != date.min):
        raise Refused(
            "period_too_fine",
            Text(
                "涉及人员的公开数据只能按整月查询。", "Public figures about people are given by whole months."
            ),
            field="period",
        )

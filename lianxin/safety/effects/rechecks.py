"""What steps do to a second look and to a reprisal."""

from typing import Any

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.workflow import Deed
from lianxin.safety.effects.hazards import TITLE
from lianxin.safety.models import Recheck, Reprisal


def create(case: Case, data: dict[str, Any]) -> list[Recheck]:
    """The second look at one closed report."""
    return [Recheck(case=case, checked=data["checked"], seed=data["seed"])]


def title(data: dict[str, Any]) -> str:
    """What is looked at again."""
    return f"抽查：{data['checked'].title}"[:TITLE]


def hold(deed: Deed) -> None:
    """Still fixed; published at once."""
    _publish(deed, held=True)


def relapse(deed: Deed) -> None:
    """Not fixed any more; published at once. A city officer may open the report again."""
    _publish(deed, held=False)


def _publish(deed: Deed, *, held: bool) -> None:
    recheck: Recheck = deed.detail
    recheck.held, recheck.seen, recheck.published_at = held, deed.data["seen"], deed.at


def create_reprisal(case: Case, data: dict[str, Any]) -> list[Reprisal]:
    """What was done to the reporter."""
    return [Reprisal(case=case, enterprise=data["enterprise"], source=data.get("source"), what=data["what"])]


def reprisal_title(data: dict[str, Any]) -> str:
    """No words of the reporter's: a title is seen by more people than the text."""
    return f"打击报复：{data['enterprise'].name}"[:TITLE]


def investigate(deed: Deed) -> None:
    """Keep what was found."""
    deed.detail.finding, deed.detail.upheld = deed.data["reason"], deed.data["upheld"]


def answer(deed: Deed) -> None:
    """Keep the answer to the reporter."""
    deed.detail.answer = deed.data["reason"]

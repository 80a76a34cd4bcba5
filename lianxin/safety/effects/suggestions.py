"""What opening and steps do to a suggestion."""

from typing import Any

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.workflow import Deed
from lianxin.safety.effects.hazards import TITLE, end_of
from lianxin.safety.models import Suggestion


def create(case: Case, data: dict[str, Any]) -> list[Suggestion]:
    """The detail row."""
    return [
        Suggestion(
            case=case,
            problem=data["problem"],
            proposal=data["proposal"],
            place_text=data.get("place_text") or "",
        )
    ]


def title(data: dict[str, Any]) -> str:
    """The first words of what is suggested."""
    return str(data["proposal"]).splitlines()[0][:TITLE]


def adopt(deed: Deed) -> None:
    """Keep the answer; a time limit given with it is the deadline."""
    suggestion: Suggestion = deed.detail
    suggestion.answer = deed.data["reason"]
    suggestion.responsible = deed.data["responsible"]
    suggestion.adopted_at = deed.at
    if deed.data["due_on"]:
        deed.due_at = end_of(deed.data["due_on"], deed.at)


def decline(deed: Deed) -> None:
    """Keep the answer."""
    deed.detail.answer = deed.data["reason"]


def carry_out(deed: Deed) -> None:
    """Note when it was done."""
    deed.detail.carried_out_at = deed.at


def verify(deed: Deed) -> None:
    """Note when somebody else saw it."""
    deed.detail.verified_at = deed.at


def not_done(deed: Deed) -> None:
    """The earlier proof no longer counts."""
    deed.detail.carried_out_at = deed.detail.verified_at = None

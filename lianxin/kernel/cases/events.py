"""News of cases, for whoever stands above the kernel."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lianxin.kernel.cases.models import Act, Case


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A case has been opened."""

    case_id: int
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseMoved:
    """A step was performed, or the case has climbed (step ``escalate``, the status unchanged).

    ``case`` and ``act`` are the rows as the step has just written them, where the publisher has them at hand: a
    listener within the transaction need not read them again.
    """

    case_id: int
    kind: str
    step: str
    from_status: str
    to_status: str
    at: datetime
    case: "Case | None" = field(default=None, compare=False, repr=False)
    act: "Act | None" = field(default=None, compare=False, repr=False)

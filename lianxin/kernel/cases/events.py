"""News of cases, for whoever stands above the kernel."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A case has been opened."""

    case_id: int
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseMoved:
    """A step was performed, or the case has climbed (step ``escalate``, the status unchanged)."""

    case_id: int
    kind: str
    step: str
    from_status: str
    to_status: str
    at: datetime

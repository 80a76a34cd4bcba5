"""News of the safety line."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MajorHazardFound:
    """An expert has graded a hazard as major: stop-work is advised, the authority has to know."""

    case_id: int
    at: datetime

"""News of cases, for whoever stands above the kernel."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model

    from lianxin.kernel.cases.models import Act, Case, Reporter


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A case is being opened: its rows are written, in one statement, once every listener within has spoken.

    Such a listener adds rows of its own to ``rows``; ``case`` has its key already, ``reporters`` are not written yet.
    """

    case: "Case"
    at: datetime
    reporters: "Sequence[Reporter]" = field(repr=False)
    rows: "list[Model]" = field(repr=False)


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

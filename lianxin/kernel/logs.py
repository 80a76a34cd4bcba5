"""What a line of the log may say of a fault: where and of what kind, never in its own words.

An exception's words can hold what somebody wrote: PostgreSQL tells the whole failing row, a form the value it
refuses, a file its name. Where it arose and through which code it came is enough to find it.
"""

import logging
import traceback
from types import TracebackType

_Fault = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Writes tracebacks with the names of the exceptions and without their messages."""

    def formatException(self, ei: _Fault) -> str:  # noqa: N802 - logging's own name
        """The frames of a fault and of what led to it, oldest first, each ended by the exception's name."""
        fault = ei[1]
        told: list[str] = []
        seen: set[int] = set()
        while fault is not None and id(fault) not in seen:
            seen.add(id(fault))
            name = f"{type(fault).__module__}.{type(fault).__qualname__}"
            told.append("".join([*traceback.format_tb(fault.__traceback__), name]))
            fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
        return "\n\n".join(reversed(told))

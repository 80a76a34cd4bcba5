"""Writing the log."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.clock import CHINA
from lianxin.kernel.money import Money
from lianxin.kernel.statements import filled_by_database
from lianxin.kernel.text import Text


def record(
    action: str,
    *,
    stream: str,
    actor: str,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    request_id: str = "",
) -> LogEntry:
    """Append one entry, in the caller's transaction, and return it with its number and hash; see :func:`compose`."""
    entry = compose(
        action,
        stream=stream,
        actor=actor,
        at=at,
        before=before,
        after=after,
        reason=reason,
        request_id=request_id,
    )
    return LogEntry.objects.append(
        stream=stream, at=at, actor=entry.actor, action=entry.action, body=entry.body
    )


def compose(
    action: str,
    *,
    stream: str,
    actor: str,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    request_id: str = "",
) -> LogEntry:
    """An entry for :func:`lianxin.kernel.statements.insert`, to be written together with other rows.

    ``actor`` is a label such as ``person:12``, ``reporter``, ``anonymous`` or ``system``. Sealed values never
    come here: callers pass keyed commitments in their place.
    """
    body = canonical(
        {
            "action": action,
            "actor": actor,
            "after": after or {},
            "at": at.astimezone(CHINA).isoformat(),
            "before": before or {},
            "reason": reason,
            "request": request_id,
        }
    )
    return LogEntry(
        stream=stream,
        at=at,
        actor=actor,
        action=action,
        body=body,
        **filled_by_database("seq", "prev_hash", "hash"),
    )


def canonical(value: dict[str, Any]) -> str:
    """JSON with sorted keys, no spaces, and one spelling for each value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:  # noqa: PLR0911 - one line for each type
    if isinstance(value, datetime):
        return value.astimezone(CHINA).isoformat()
    if isinstance(value, Money):
        return value.fen
    if isinstance(value, Text):
        return value.zh
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if hasattr(value, "pk"):
        return value.pk
    return str(value)

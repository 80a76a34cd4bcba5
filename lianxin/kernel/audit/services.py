"""Writing the log."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any, Required, TypedDict, Unpack

from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.clock import CHINA
from lianxin.kernel.money import Money
from lianxin.kernel.statements import filled_by_database, insert
from lianxin.kernel.text import Text


class Told(TypedDict, total=False):
    """What an entry says besides its action.

    ``actor`` is a label such as ``person:12``, ``reporter``, ``anonymous`` or ``system``. Sealed values never
    come here: callers pass keyed commitments in their place.
    """

    stream: Required[str]
    actor: Required[str]
    at: Required[datetime]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str
    request_id: str


def record(action: str, **told: Unpack[Told]) -> LogEntry:
    """Append one entry, in the caller's transaction.

    Until that ends, nobody else can append to the same stream. Number and hashes, which the database gives, are read
    when they are asked for.
    """
    entry = compose(action, **told)
    insert([entry])
    return entry


def compose(action: str, **told: Unpack[Told]) -> LogEntry:
    """An entry for :func:`lianxin.kernel.statements.insert`, to be written together with other rows."""
    body = canonical(
        {
            "action": action,
            "actor": told["actor"],
            "after": told.get("after") or {},
            "at": told["at"].astimezone(CHINA).isoformat(),
            "before": told.get("before") or {},
            "reason": told.get("reason", ""),
            "request": told.get("request_id", ""),
        }
    )
    return LogEntry(
        stream=told["stream"],
        at=told["at"],
        actor=told["actor"],
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

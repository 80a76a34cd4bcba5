"""What the verification of the log asks of the cases: history says what the log says, no more and no less."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from lianxin.kernel import crypto
from lianxin.kernel.audit.services import canonical
from lianxin.kernel.audit.verify import Finding
from lianxin.kernel.cases.models import Act
from lianxin.kernel.text import Text

_CHUNK = 2000
_ACT = ("case__number", "case_id", "step", "to_status", "data", "salt", "entry__body", "entry__stream")

# Each act's entry holds a commitment to what was said; no other entry does.
_WITHOUT_ACT = """SELECT e.stream, e.seq, e.action FROM audit_logentry e
WHERE e.stream LIKE 'case:%%' AND e.body LIKE '%%"said":%%'
  AND NOT EXISTS (SELECT FROM cases_act a WHERE a.entry_id = e.id) ORDER BY e.stream, e.seq"""
_STANDS = """SELECT c.number, c.status, a.to_status, l.body FROM cases_case c
LEFT JOIN LATERAL (SELECT to_status FROM cases_act WHERE case_id = c.id ORDER BY id DESC LIMIT 1) a ON true
LEFT JOIN LATERAL (SELECT body FROM audit_logentry WHERE stream = 'case:' || c.id ORDER BY seq DESC LIMIT 1) l ON true
ORDER BY c.id"""


def history_agrees() -> Iterator[Finding]:
    """Each act against its log entry, each such entry against its act, each case's status against both."""
    for number, case_id, step, to_status, data, salt, body, stream in (
        Act.objects.order_by("id").values_list(*_ACT).iterator(_CHUNK)
    ):
        after = told_after(body)
        erased = not bytes(salt)
        said = after.get("said") if erased else crypto.commitment(bytes(salt), canonical(data))
        if stream != f"case:{case_id}" or after.get("status") != to_status or after.get("said") != said:
            yield _finding(
                "history_changed",
                number,
                f"“{step}”的经过与存证不符。",
                f"the step “{step}” is not what the log says.",
            )
    yield from _acts_missing()
    yield from _statuses()


def told_after(body: str) -> dict[str, Any]:
    """What an entry says of the state after it; nothing where it is no longer legible, a finding of the log's own."""
    try:
        after = json.loads(body)["after"]
    except (KeyError, TypeError, ValueError):
        return {}
    return after if isinstance(after, dict) else {}


def _acts_missing() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_ACT)
        while rows := cursor.fetchmany(_CHUNK):
            for stream, seq, action in rows:
                yield _finding(
                    "history_missing",
                    f"{stream}#{seq}",
                    f"存证有“{action}”，办件经过中却没有。",
                    f"the log tells of “{action}”, and the history of the case does not.",
                )


def _statuses() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDS)
        while rows := cursor.fetchmany(_CHUNK):
            for number, status, acted, body in rows:
                if not status == acted == told_after(body or "").get("status"):
                    yield _finding(
                        "status_changed",
                        number,
                        "当前状态与存证不符。",
                        "its status is not what the log says.",
                    )


def _finding(code: str, number: str, zh: str, en: str) -> Finding:
    return Finding(code, number, Text(f"{number}:{zh}", f"{number}: {en}"))

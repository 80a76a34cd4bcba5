"""What the verification of the log asks of the cases: history says what the log says."""

import json
from collections.abc import Iterator

from django.db import connection

from lianxin.kernel import crypto
from lianxin.kernel.audit.services import canonical
from lianxin.kernel.audit.verify import Finding
from lianxin.kernel.cases.models import Act
from lianxin.kernel.text import Text

_CHUNK = 2000
_ACT = ("case__number", "case_id", "step", "to_status", "data", "salt", "entry__body", "entry__stream")


def history_agrees() -> Iterator[Finding]:
    """Each act against its log entry, and each case's status against its last act."""
    for number, case_id, step, to_status, data, salt, body, stream in (
        Act.objects.order_by("id").values_list(*_ACT).iterator(_CHUNK)
    ):
        after = json.loads(body)["after"]
        erased = not bytes(salt)
        said = after.get("said") if erased else crypto.commitment(bytes(salt), canonical(data))
        if stream != f"case:{case_id}" or after.get("status") != to_status or after.get("said") != said:
            yield _finding(
                "history_changed",
                number,
                f"“{step}”的经过与存证不符。",
                f"the step “{step}” is not what the log says.",
            )
    yield from _statuses()


def _statuses() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT number FROM (SELECT c.number, c.status, (SELECT a.to_status FROM cases_act a
            WHERE a.case_id = c.id ORDER BY a.id DESC LIMIT 1) AS acted, (SELECT l.body::json->'after'->>'status'
            FROM audit_logentry l WHERE l.stream = 'case:' || c.id ORDER BY l.seq DESC LIMIT 1) AS logged
            FROM cases_case c) AS stands
            WHERE status IS DISTINCT FROM acted OR status IS DISTINCT FROM logged ORDER BY number"""
        )
        for (number,) in cursor:
            yield _finding(
                "status_changed", number, "当前状态与存证不符。", "its status is not what the log says."
            )


def _finding(code: str, number: str, zh: str, en: str) -> Finding:
    return Finding(code, number, Text(f"{number}:{zh}", f"{number}: {en}"))

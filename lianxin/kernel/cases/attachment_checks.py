"""What ``lianxin verify`` asks of attachments: contents are what their rows say, rows are what the log says."""

import hashlib
import json
from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.db import connection

from lianxin.kernel.audit.verify import Finding
from lianxin.kernel.cases.attachments import content_name, names_of
from lianxin.kernel.cases.models import Attachment, ContentErasure
from lianxin.kernel.text import Text

_BYTES = 1 << 20
_ROWS = 1_000

# Only acts that have files on either side; what people wrote is no more than a commitment in the body.
_ACTS_WITH_FILES = """SELECT c.number, a.step, e.body,
  ARRAY(SELECT encode(t.sha256, 'hex') FROM cases_attachment t WHERE t.act_id = a.id ORDER BY t.id)
FROM cases_act a JOIN audit_logentry e ON e.id = a.entry_id JOIN cases_case c ON c.id = a.case_id
WHERE e.body LIKE '%"files":["%' OR EXISTS (SELECT 1 FROM cases_attachment t WHERE t.act_id = a.id)
ORDER BY a.id"""
_UNLOGGED = """SELECT DISTINCT c.number, t.sha256 FROM cases_attachment t JOIN cases_case c ON c.id = t.case_id
WHERE t.sha256 = ANY (%s) AND NOT EXISTS (
  SELECT FROM audit_logentry e WHERE e.stream = 'case:' || c.id AND e.action = c.kind || '.erase_content'
  AND e.body LIKE '%%"sha256":"' || encode(t.sha256, 'hex') || '"%%')
ORDER BY c.number"""


def attachments_agree() -> Iterator[Finding]:
    """What does not agree; reads every content once.

    Findings ``files_differ``, ``file_missing``, ``file_changed``; of erased contents ``erasure_not_logged`` and
    ``erased_still_there``.
    """
    yield from _against_the_log()
    erased = _erased()
    yield from _erasures_logged(erased)
    rows = Attachment.objects.order_by("sha256", "id").distinct("sha256")
    for number, digest, size in rows.values_list("case__number", "sha256", "size").iterator(_ROWS):
        if bytes(digest) in erased:
            yield from _gone(number, bytes(digest))
        else:
            yield from _content(number, bytes(digest), size)


def told_erased() -> Text | None:
    """How many contents are gone by right: not a finding, and still to be said."""
    count = len(_erased())
    if not count:
        return None
    return Text(
        "{n} 份文件的内容已由两位保管人按规定删除，存证仍在。",
        "{n} files were erased on record by two custodians; their hashes and log entries stand.",
    ).format(n=count)


def _erased() -> set[bytes]:
    done = ContentErasure.objects.filter(second_at__isnull=False)
    return {bytes(digest) for digest in done.values_list("sha256", flat=True)}


def _erasures_logged(erased: set[bytes]) -> Iterator[Finding]:
    """A row alone erases nothing: each case that held the content tells of it in its log."""
    with connection.cursor() as cursor:
        cursor.execute(_UNLOGGED, [list(erased)])
        for number, digest in cursor.fetchall():
            yield _finding(
                "erasure_not_logged",
                f"{number} {bytes(digest).hex()[:12]}",
                "文件记为已删除，日志中却没有这次删除。",
                "the file is marked as erased, and the log tells of no such erasure.",
            )


def _gone(number: str, digest: bytes) -> Iterator[Finding]:
    if any(default_storage.exists(name) for name in names_of(digest)):
        yield _finding(
            "erased_still_there",
            f"{number} {digest.hex()[:12]}",
            "文件内容应已删除，却仍在存储中。",
            "what was erased is still in the storage.",
        )


def _against_the_log() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_ACTS_WITH_FILES)
        while rows := cursor.fetchmany(_ROWS):
            for number, step, body, held in rows:
                if _told(body) != held:
                    yield _finding(
                        "files_differ",
                        f"{number} {step}",
                        "附件与存证所记的不一致。",
                        "its files are not those that its log entry names.",
                    )


def _told(body: str) -> object:
    """Hashes that the entry names; an entry that is no JSON is a finding of the log's own."""
    try:
        return json.loads(body)["after"]["files"]
    except (KeyError, TypeError, ValueError):
        return None


def _content(number: str, digest: bytes, size: int) -> Iterator[Finding]:
    where = f"{number} {digest.hex()[:12]}"
    try:
        found = _measured(digest)
    except OSError:
        yield _finding("file_missing", where, "文件不在存储中。", "the file is not in the storage.")
        return
    if found != (digest, size):
        yield _finding("file_changed", where, "文件内容已被改动。", "the content of the file was changed.")


def _measured(digest: bytes) -> tuple[bytes, int]:
    hashed, size = hashlib.sha256(), 0
    with default_storage.open(content_name(digest)) as content:
        for chunk in content.chunks(_BYTES):
            hashed.update(chunk)
            size += len(chunk)
    return hashed.digest(), size


def _finding(code: str, where: str, zh: str, en: str) -> Finding:
    return Finding(code, where, Text(f"{where}:{zh}", f"{where}: {en}"))

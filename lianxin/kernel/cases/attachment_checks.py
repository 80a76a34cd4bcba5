"""What ``lianxin verify`` asks of attachments: contents are what their rows say, rows are what the log says."""

import hashlib
import json
from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.db import connection

from lianxin.kernel.audit.verify import Finding
from lianxin.kernel.cases.attachments import content_name
from lianxin.kernel.cases.models import Attachment
from lianxin.kernel.text import Text

_BYTES = 1 << 20
_ROWS = 1_000

# Only acts that have files on either side; what people wrote is no more than a commitment in the body.
_ACTS_WITH_FILES = """SELECT c.number, a.step, e.body,
  ARRAY(SELECT encode(t.sha256, 'hex') FROM cases_attachment t WHERE t.act_id = a.id ORDER BY t.id)
FROM cases_act a JOIN audit_logentry e ON e.id = a.entry_id JOIN cases_case c ON c.id = a.case_id
WHERE e.body LIKE '%"files":["%' OR EXISTS (SELECT 1 FROM cases_attachment t WHERE t.act_id = a.id)
ORDER BY a.id"""


def attachments_agree() -> Iterator[Finding]:
    """Findings ``files_differ``, ``file_missing`` and ``file_changed``; reads every content once."""
    yield from _against_the_log()
    rows = Attachment.objects.order_by("sha256", "id").distinct("sha256")
    for number, digest, size in rows.values_list("case__number", "sha256", "size").iterator(_ROWS):
        yield from _content(number, bytes(digest), size)


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

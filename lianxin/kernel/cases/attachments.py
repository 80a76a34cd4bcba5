"""Files under cases: prepared before any lock, kept by content, opened only under the viewer's scope.

A row names its content by SHA-256; the bytes lie in Django's default storage under ``ab/cd/<hash>``.
docs/adr/0013-attachments.md tells the whole story.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Act, Attachment, Case, ContentErasure
from lianxin.kernel.cases.workflow import Evidence
from lianxin.kernel.files.photos import shrink
from lianxin.kernel.files.prepared import Prepared, wrong_kind
from lianxin.kernel.files.preparing import prepare
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import NotFound, Refused, constraint_of
from lianxin.kernel.statements import insert
from lianxin.kernel.text import Text

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

__all__ = [
    "THUMBNAIL_SIDES",
    "Prepared",
    "check_evidence",
    "keep",
    "open_attachment",
    "prepare",
    "prepare_evidence",
    "sweep_orphans",
    "thumbnail",
]

# Fixed sizes, so that nobody can fill the disk by asking for every other one.
THUMBNAIL_SIDES = frozenset({160, 320, 640, 1280})
ORPHAN_AFTER = timedelta(days=1)
_THUMBNAILS = "thumbnails"
_HEX = frozenset("0123456789abcdef")
logger = logging.getLogger(__name__)


def prepare_evidence(
    evidence: Sequence[Evidence], uploads: "Mapping[str, Sequence[UploadedFile[bytes]]]"
) -> dict[str, list[Prepared]]:
    """Prepare every upload that belongs to an evidence, counting before decoding.

    ``uploads`` maps the name of an evidence to its uploads, as ``dict(request.FILES.lists())`` does. Raises as
    :func:`check_evidence` and :func:`prepare` do.
    """
    _check_names(evidence, uploads)
    for wanted in evidence:
        _check_count(wanted, len(uploads.get(wanted.name, ())))
    return {wanted.name: _prepare_all(wanted, uploads.get(wanted.name, ())) for wanted in evidence}


def _prepare_all(wanted: Evidence, uploads: "Sequence[UploadedFile[bytes]]") -> list[Prepared]:
    """Prepare the uploads of one evidence; of several, the refusal says which one is at fault."""
    ready = []
    for number, upload in enumerate(uploads, start=1):
        try:
            ready.append(prepare(upload, field=wanted.name, kinds=wanted.kinds))
        except Refused as refusal:
            if len(uploads) == 1:
                raise
            which = Text("第 {n} 个文件：{why}", "File {n}: {why}").format(n=number, why=refusal.message)
            raise Refused(refusal.code, which, field=wanted.name) from refusal
    return ready


def check_evidence(evidence: Sequence[Evidence], files: Mapping[str, Sequence[Prepared]]) -> None:
    """Compare files with what a step asks for; ``files`` maps the name of an evidence to its files.

    Raises ``Refused``: ``unknown_evidence``, ``evidence_missing``, ``too_many_files`` or ``wrong_kind``, each
    with the name of the evidence as its field.
    """
    _check_names(evidence, files)
    for wanted in evidence:
        given = files.get(wanted.name, ())
        _check_count(wanted, len(given))
        if any(file.kind not in wanted.kinds for file in given):
            raise wrong_kind(wanted.kinds, field=wanted.name)


def _check_names(evidence: Sequence[Evidence], files: Mapping[str, object]) -> None:
    for name in files.keys() - {wanted.name for wanted in evidence}:
        raise Refused(
            "unknown_evidence",
            Text(
                "这一步不收这种材料，请刷新页面后重试。",
                "This step takes no such file. Please reload the page.",
            ),
            field=name,
        )


def _check_count(wanted: Evidence, count: int) -> None:
    if count < wanted.least:
        code = "evidence_missing"
        words = Text(
            "还缺材料：{label}，至少 {least} 份。请补上后再提交。",
            "Still missing: {label}, at least {least}. Please add it and send again.",
        )
    elif count > wanted.most:
        code = "too_many_files"
        words = Text(
            "{label}最多 {most} 份，现有 {count} 份。请去掉几份。",
            "{label}: at most {most} files, and there are {count}. Please take some out.",
        )
    else:
        return
    filled = words.format(label=wanted.label, least=wanted.least, most=wanted.most, count=count)
    raise Refused(code, filled, field=wanted.name)


def keep(case: Case, act: Act, files: Mapping[str, Sequence[Prepared]]) -> list[Attachment]:
    """Insert the rows, then write the bytes, in the caller's transaction; no statement when there are no files.

    A trigger on the rows holds the sweep off this content until the transaction ends, so the bytes are written
    after the rows and before the commit: a row that others can see always has its file. A roll-back leaves at
    most an orphan, which :func:`sweep_orphans` takes away.
    """
    rows = [
        Attachment(
            case=case,
            act=act,
            evidence=name,
            kind=file.kind,
            media_type=file.media_type,
            sha256=file.sha256,
            size=len(file.content),
            width=file.width,
            height=file.height,
        )
        for name, several in files.items()
        for file in several
    ]
    if not rows:
        return []
    try:
        insert(rows)
    except IntegrityError as fault:
        if constraint_of(fault) != "cases_content_was_erased":
            raise
        raise _erased_before(files) from fault
    for file in (file for several in files.values() for file in several):
        name = content_name(file.sha256)
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(file.content))
    return rows


def _erased_before(files: Mapping[str, Sequence[Prepared]]) -> Refused:
    """The refusal for a content that was erased, as the database has just said of one of these."""
    return Refused(
        "content_erased",
        Text(
            "所传文件中有已按规定删除内容的，不能再次上传。请换一份。",
            "What one of these files shows has been erased on request, and cannot be sent again. Send another.",
        ),
        field=next(iter(files)),
    )


def content_name(digest: "bytes | memoryview[int]") -> str:
    """Where content with this SHA-256 lies in the storage."""
    name = bytes(digest).hex()
    return f"{name[:2]}/{name[2:4]}/{name}"


def open_attachment(viewer: Actor, attachment_id: int) -> tuple[Attachment, "File[bytes]"]:
    """Give the row and its open content to whoever sees the case. Raises ``NotFound`` alike for all others."""
    with scope.use(viewer.scope):
        attachment = Attachment.objects.filter(pk=attachment_id).first()
        erased = attachment is not None and content_erased(bytes(attachment.sha256))
    if attachment is None:
        raise _not_there()
    if erased:
        raise NotFound(
            "attachment_erased",
            Text("这份文件的内容已按规定删除。", "What this file showed has been erased on request."),
        )
    return attachment, _open(attachment)


def content_erased(digest: bytes) -> bool:
    """Whether this content was erased, as far as the viewer's scope shows the files that held it."""
    return ContentErasure.objects.filter(sha256=digest, second_at__isnull=False).exists()


def thumbnail(attachment: Attachment, *, long_side: int = 320) -> "File[bytes]":
    """Give a small JPEG of a photo that a query gave the caller; made once, kept beside the contents.

    ``long_side`` is one of ``THUMBNAIL_SIDES``, in pixels; ``ValueError`` for another. Raises ``NotFound`` for
    what is no photo.
    """
    if long_side not in THUMBNAIL_SIDES:
        message = f"no thumbnails of {long_side} pixels"
        raise ValueError(message)
    if attachment.kind != Attachment.Kind.PHOTO:
        raise _not_there()
    name = f"{_THUMBNAILS}/{long_side}/{content_name(attachment.sha256)}"
    if not default_storage.exists(name):
        with _open(attachment) as whole:
            default_storage.save(name, ContentFile(shrink(whole.read(), long_side)))
    return default_storage.open(name)


def _open(attachment: Attachment) -> "File[bytes]":
    try:
        return default_storage.open(content_name(attachment.sha256))
    except FileNotFoundError:
        logger.exception("the content of attachment %s is gone from the storage", attachment.pk)
        raise _not_there() from None


def _not_there() -> NotFound:
    return NotFound(
        "attachment_unknown",
        Text("没有这个文件，或您无权查看。", "There is no such file, or it is not yours to see."),
    )


def sweep_orphans(*, at: datetime) -> int:
    """Delete contents older than a day that no row names, and their thumbnails; returns how many contents.

    Safe beside :func:`keep`: content that a running transaction is keeping is locked, and left alone.
    """
    swept = 0
    for digest in _contents():
        name = content_name(digest)
        try:
            young = default_storage.get_modified_time(name) > at - ORPHAN_AFTER
        except FileNotFoundError:
            continue
        if not young and _sweep(digest):
            swept += 1
    return swept


def _sweep(digest: bytes) -> bool:
    """Delete one content unless a row names it or somebody is keeping it at this moment."""
    with scope.use(scope.EVERYTHING), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(cases_content_lock(%s))", [digest])
        if not cursor.fetchone()[0] or Attachment.objects.filter(sha256=digest).exists():
            return False
        destroy_content(digest)
    return True


def destroy_content(digest: bytes) -> None:
    """Delete a content with its thumbnails from the storage, the whole of it last."""
    for name in names_of(digest):
        default_storage.delete(name)


def names_of(digest: bytes) -> list[str]:
    """Everything in the storage that shows a content: its thumbnails, and itself last."""
    name = content_name(digest)
    return [*(f"{_THUMBNAILS}/{side}/{name}" for side in sorted(THUMBNAIL_SIDES)), name]


def _contents() -> Iterator[bytes]:
    """Walk the hashes of all contents in the storage, folder by folder."""
    for first in _folders(""):
        for second in _folders(first):
            for name in default_storage.listdir(f"{first}/{second}")[1]:
                if len(name) == 64 and _HEX.issuperset(name):  # noqa: PLR2004 - SHA-256 in hex
                    yield bytes.fromhex(name)


def _folders(path: str) -> list[str]:
    try:
        folders = default_storage.listdir(path)[0]
    except FileNotFoundError:
        return []
    return sorted(name for name in folders if len(name) == 2 and _HEX.issuperset(name))  # noqa: PLR2004 - a byte

"""From an upload to :class:`Prepared`. All heavy work on a file is done here, before any lock."""

from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings

from lianxin.kernel.files.child import recode_apart
from lianxin.kernel.files.faults import Fault
from lianxin.kernel.files.limits import Limits
from lianxin.kernel.files.photos import recode_photo
from lianxin.kernel.files.prepared import Prepared, prepared, refuse, wrong_kind
from lianxin.kernel.files.sniff import Found, recognize

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

_MEDIA_TYPES = {"photo": "image/jpeg", "voice": "audio/mp4", "document": "application/pdf"}
# Pillow's own readers of these are small and much tried; all others are kept apart in a child process.
_READ_HERE = {"JPEG", "PNG", "GIF", "WEBP"}


def limits() -> Limits:
    """The bounds of this installation."""
    return Limits(**getattr(settings, "LIANXIN_FILE_LIMITS", {}))


def prepare(file: "UploadedFile[bytes] | bytes | BinaryIO", *, field: str, kinds: frozenset[str]) -> Prepared:
    """Recognize, bound, re-encode and strip one file; its name and declared type are not looked at.

    Photos come out as JPEG, voice notes as AAC in MP4, documents as PDF. Raises ``Refused`` for ``field``:
    ``wrong_kind``, ``file_empty``, ``file_too_large`` and the codes ``photo_…``, ``voice_…``, ``document_…``
    of :data:`lianxin.kernel.files.prepared.FAULTS`.
    """
    bounds = limits()
    content = _read(file, bounds, field=field)
    found = recognize(content)
    if found is None or found.kind not in kinds:
        raise wrong_kind(kinds, field=field)
    if len(content) > bounds.bytes_for(found.kind):
        raise refuse("file_too_large", bounds, field=field, kind=found.kind)
    try:
        recoded, width, height = _recode(found, content, bounds)
    except Fault as fault:
        raise refuse(fault.code, bounds, field=field, kind=found.kind) from fault
    return prepared(found.kind, _MEDIA_TYPES[found.kind], recoded, width=width, height=height)


def _read(file: "UploadedFile[bytes] | bytes | BinaryIO", bounds: Limits, *, field: str) -> bytes:
    """All of it, but never more than one byte past the largest bound."""
    content = file if isinstance(file, bytes) else file.read(bounds.most_bytes + 1)
    if not content:
        raise refuse("file_empty", bounds, field=field)
    if len(content) > bounds.most_bytes:
        raise refuse("file_too_large", bounds, field=field)
    return content


def _recode(found: Found, content: bytes, bounds: Limits) -> tuple[bytes, int | None, int | None]:
    if found.form in _READ_HERE:
        return recode_photo(content, found.form, bounds)
    return recode_apart(found.kind, found.form, content, bounds)

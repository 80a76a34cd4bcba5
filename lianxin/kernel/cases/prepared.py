"""A file that is ready to be kept: what every kind of evidence becomes before anything is locked."""

import hashlib
from dataclasses import dataclass

from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text


@dataclass(frozen=True)
class Prepared:
    """Re-encoded content, found by content and stripped of metadata; ``sha256`` is of ``content``.

    ``kind`` is ``photo``, ``voice`` or ``document``; ``width`` and ``height`` are pixels of a photo.
    """

    kind: str
    media_type: str
    content: bytes
    sha256: bytes
    width: int | None
    height: int | None

    def __repr__(self) -> str:
        return f"Prepared({self.kind}, {self.media_type}, {len(self.content)} bytes, {self.sha256.hex()[:12]})"


def prepared(
    kind: str, media_type: str, content: bytes, *, width: int | None = None, height: int | None = None
) -> Prepared:
    """Name content by its hash."""
    return Prepared(kind, media_type, content, hashlib.sha256(content).digest(), width, height)


def refused(code: str, zh: str, en: str, *, field: str, **values: object) -> Refused:
    """A refusal of a file, with the numbers of the limit filled in."""
    return Refused(code, Text(zh, en).format(**values), field=field)


_KIND_WORDS = {
    "photo": Text("照片(JPEG、PNG、WebP、HEIC)", "a photo (JPEG, PNG, WebP, HEIC)"),
    "voice": Text("语音", "a voice note"),
    "document": Text("PDF 文件", "a PDF document"),
}


def wrong_kind(kinds: frozenset[str], *, field: str) -> Refused:
    """The refusal of a file that is none of the wanted kinds, saying which would do."""
    words = [_KIND_WORDS[kind] for kind in sorted(kinds)]
    return Refused(
        "wrong_kind",
        Text(
            f"这个文件的内容不合要求,请上传{'或'.join(word.zh for word in words)}。",
            f"The content of this file does not fit here. Please send {' or '.join(word.en for word in words)}.",
        ),
        field=field,
    )

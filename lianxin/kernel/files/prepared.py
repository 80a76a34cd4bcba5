"""A file that is ready to be kept, and the words of every refusal of one that is not."""

import hashlib
from dataclasses import dataclass

from lianxin.kernel.files.limits import MEGABYTE, Limits
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Prepared:
    """Re-encoded content, recognized by content and stripped of metadata; ``sha256`` is of ``content``.

    ``kind`` is ``photo``, ``voice`` or ``document``; ``width`` and ``height`` are pixels of a photo.
    """

    kind: str
    media_type: str
    content: bytes
    sha256: bytes
    width: int | None
    height: int | None

    def __repr__(self) -> str:
        """Say what it is, and not what is in it."""
        return (
            f"Prepared({self.kind}, {self.media_type}, {len(self.content)} bytes, {self.sha256.hex()[:12]})"
        )


def prepared(
    kind: str, media_type: str, content: bytes, *, width: int | None = None, height: int | None = None
) -> Prepared:
    """Name content by its hash."""
    return Prepared(kind, media_type, content, hashlib.sha256(content).digest(), width, height)


KIND_WORDS = {
    "photo": Text("照片(JPEG、PNG、WebP、HEIC)", "a photo (JPEG, PNG, WebP, HEIC)"),
    "voice": Text(
        "语音（手机录音、M4A、MP3、AMR、WAV）", "a voice note (phone recording, M4A, MP3, AMR, WAV)"
    ),
    "document": Text("PDF 文件", "a PDF document"),
}

FAULTS = {
    "file_empty": Text("文件是空的，请重新选择。", "The file is empty. Please choose it again."),
    "file_too_large": Text(
        "文件太大，最大 {megabytes} MB。照片请用较低的分辨率重拍，文件请分成几份上传。",
        "The file is too large: at most {megabytes} MB. Take the photo at a lower resolution, or send the "
        "document in parts.",
    ),
    "photo_bomb": Text(
        "照片的像素太多，打不开。请用手机相机重新拍一张。",
        "The photo has too many pixels to be opened. Please take it again with the phone's camera.",
    ),
    "photo_truncated": Text(
        "照片没有传完整，请检查网络后重新上传。",
        "The photo did not arrive whole. Please check the connection and send it again.",
    ),
    "photo_unreadable": Text(
        "照片打不开，可能已损坏。请重新拍一张，或截屏后上传。",
        "The photo cannot be opened; it may be damaged. Please take it again, or send a screenshot of it.",
    ),
    "voice_too_long": Text(
        "语音太长，最长 {minutes} 分钟。请分几段录。",
        "The voice note is too long: at most {minutes} minutes. Please record it in parts.",
    ),
    "voice_unreadable": Text(
        "语音打不开，或里面没有声音。请重新录一段。",
        "The voice note cannot be opened, or there is nothing to hear. Please record it again.",
    ),
    "voice_is_video": Text(
        "这里不收视频。请发语音，或从视频中截几张图作照片。",
        "Videos are not taken here. Please send a voice note, or some pictures out of the video.",
    ),
    "document_locked": Text(
        "PDF 设了密码，打不开。请去掉密码后再上传。",
        "The PDF is locked with a password. Please remove the password and send it again.",
    ),
    "document_too_long": Text(
        "PDF 页数太多，最多 {pages} 页。请分成几份上传。",
        "The PDF has too many pages: at most {pages}. Please send it in parts.",
    ),
    "document_unreadable": Text(
        "PDF 打不开，可能已损坏。请重新导出，或把每页拍成照片上传。",
        "The PDF cannot be opened; it may be damaged. Please export it again, or send photos of its pages.",
    ),
}


def refuse(code: str, limits: Limits, *, field: str, kind: str = "photo") -> Refused:
    """The refusal for one of the codes above, with the numbers of this installation in its words."""
    words = FAULTS[code].format(
        megabytes=limits.bytes_for(kind) // MEGABYTE,
        minutes=limits.voice_seconds // 60,
        pages=limits.document_pages,
    )
    return Refused(code, words, field=field)


def wrong_kind(kinds: frozenset[str], *, field: str) -> Refused:
    """The refusal of a file that is none of the wanted kinds, saying which would do."""
    words = [KIND_WORDS[kind] for kind in sorted(kinds)]
    return Refused(
        "wrong_kind",
        Text(
            f"这个文件的内容不合要求，请上传{'或'.join(word.zh for word in words)}。",
            f"What is in this file does not fit here. Please send {' or '.join(word.en for word in words)}.",
        ),
        field=field,
    )

"""Taking the metadata out of a picture inside a document without decoding the picture."""

from collections.abc import Iterator

from lianxin.kernel.files.faults import Fault

_MARKER, _START_OF_SCAN, _END = 0xFF, 0xDA, 0xD9
_STUFFED = {0x00, 0xFF, *range(0xD0, 0xD8)}
# APP1 to APP15 and comments go; APP0 (JFIF) and APP14 (Adobe's colour transform) decide how it looks.
_DROPPED = {*range(0xE1, 0xF0), 0xFE} - {0xEE}
_TELLING_BOXES = {b"xml ", b"uuid", b"uinf", b"asoc"}


def without_jpeg_metadata(content: bytes) -> bytes:
    """The JPEG without EXIF, XMP, IPTC and comments, ending where its picture ends.

    Raises ``Fault`` with ``document_unreadable`` for something that is no JPEG.
    """
    if not content.startswith(b"\xff\xd8"):
        raise Fault("document_unreadable")
    kept = [b"\xff\xd8"]
    at = 2
    while at + 4 <= len(content) and content[at] == _MARKER and content[at + 1] != _END:
        marker = content[at + 1]
        if marker == _MARKER:
            at += 1
            continue
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == _START_OF_SCAN:
            end = _end_of_scan(content, end)
        if marker not in _DROPPED:
            kept.append(content[at:end])
        at = end
    return b"".join(kept) + b"\xff\xd9"


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the coded data that starts at ``at`` meets the next real marker."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            return len(content)
        if content[at + 1] not in _STUFFED:
            return at
        at += 2 if content[at + 1] != _MARKER else 1


def without_jp2_metadata(content: bytes) -> bytes:
    """The JPEG 2000 file without its XML and UUID boxes; a bare code stream comes back as it is.

    Raises ``Fault`` with ``document_unreadable`` for anything else.
    """
    if content.startswith(b"\xff\x4f\xff\x51"):
        return content
    if content[4:8] != b"jP  ":
        raise Fault("document_unreadable")
    return b"".join(box for kind, box in _boxes(content) if kind not in _TELLING_BOXES)


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(content[at + 8 : at + 16], "big")
        end = at + length if length >= len(b"LBoxTBox") else len(content)
        yield content[at + 4 : at + 8], content[at:end]
        at = end

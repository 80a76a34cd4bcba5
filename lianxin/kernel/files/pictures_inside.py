"""Taking the metadata out of a picture inside a document without decoding the picture."""

from collections.abc import Iterator

from lianxin.kernel.files.faults import Fault

_MARKER, _START_OF_SCAN, _JFIF, _ADOBE = 0xFF, 0xDA, 0xE0, 0xEE
_STUFFED = {0x00, *range(0xD0, 0xD8)}
# Frames, tables, scans and restart intervals (ITU-T T.81, table B.1): what decoding needs.
_KEPT = {*range(0xC0, 0xD0), *range(0xDA, 0xE0)}
# The two application segments that decide on colours, and the longest that they are without a thumbnail.
_SHORT = {_JFIF: 16, _ADOBE: 14}
_TELLING_BOXES = {b"xml ", b"uuid", b"uinf", b"asoc"}


def without_jpeg_metadata(content: bytes) -> bytes:
    """The JPEG without EXIF, XMP, IPTC and comments, ending where its last scan ends.

    Raises ``Fault`` with ``document_unreadable`` for something that is no JPEG or holds no scan.
    """
    kept, scans = [b"\xff\xd8"], 0
    for marker, segment in _segments(content):
        length = int.from_bytes(segment[2:4], "big")
        if marker in _KEPT or length <= _SHORT.get(marker, 0):
            kept.append(segment)
            scans += marker == _START_OF_SCAN
    if not content.startswith(b"\xff\xd8") or not scans:
        raise Fault("document_unreadable")
    return b"".join(kept) + b"\xff\xd9"


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Each segment with its marker; that of a scan reaches to the next marker."""
    at = 2
    while at + 4 <= len(content) and content[at] == _MARKER:
        marker = content[at + 1]
        if marker == _MARKER:
            at += 1
            continue
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == _START_OF_SCAN:
            end = _end_of_scan(content, end)
        yield marker, content[at:end]
        at = end


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the coded data that starts at ``at`` meets the next real marker."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            return len(content)
        if content[at + 1] not in _STUFFED and content[at + 1] != _MARKER:
            return at
        at += 1 if content[at + 1] == _MARKER else 2


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

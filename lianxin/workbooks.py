"""Spreadsheet files as everybody meets them, and a look into one before a reader opens it.

What unpacks to too much, or spreads too far, is refused.
A reader makes one dense table from the first filled cell to the last: a few hundred bytes that name the cell
XFD1048576 would ask for seventeen thousand million cells. And the sizes that a ZIP file states of itself need not
be true, so the parts are unpacked here, piece by piece, and counted.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from mmap import mmap
from typing import Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

# A cell that begins with one of these may be run as a formula by the program that opens the file.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Rows of one sheet.
MOST_ROWS = 1_048_576
Bytes = bytes | mmap
_PIECE = 1 << 20
# Longer than any cell reference, with the blanks that XML allows around the equals sign.
_OVERLAP = 4096
_LOCAL_HEADER = struct.Struct("<26xHH")
_SHEET = re.compile(rb"sheetData")
_PARTS = 2000


class NotABook(Exception):
    """The bytes are no XLSX file."""


class TooMuch(Exception):
    """The file unpacks to more, or reaches further, than the bounds allow."""


class Bounds(Protocol):
    """How much a file may hold: ``unpacked`` bytes, and the last row and column used."""

    @property
    def unpacked(self) -> int:
        """Bytes of all parts together."""

    @property
    def rows(self) -> int:
        """The last row."""

    @property
    def columns(self) -> int:
        """The last column."""


def letter(index: int) -> str:
    """The letters of a column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def look_through(content: Bytes, bounds: Bounds) -> None:
    """Raise ``NotABook`` or ``TooMuch``; the file may be handed to a reader otherwise."""
    try:
        with ZipFile(BytesIO(content) if isinstance(content, bytes) else content) as archive:  # type: ignore[arg-type]
            parts = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError):
        raise NotABook from None
    names = {part.filename for part in parts}
    # A binary workbook under this name would pass by the look at its cells. Other parts in binary are usual: what Excel
    # remembers of the printer, macros, things embedded.
    if "xl/workbook.xml" not in names or len(names) != len(parts) or "xl/workbook.bin" in names:
        raise NotABook
    if len(parts) > _PARTS:
        raise TooMuch
    left = bounds.unpacked
    beyond = _beyond(bounds)
    for part in parts:
        left = _look_through(content, part, left, beyond)


def _look_through(content: Bytes, part: ZipInfo, left: int, beyond: re.Pattern[bytes]) -> int:
    tail, is_sheet = b"", False
    for piece in _pieces(content, part):
        left -= len(piece)
        if left < 0:
            raise TooMuch
        text = tail + piece
        is_sheet = is_sheet or _SHEET.search(text) is not None
        if is_sheet and beyond.search(text):
            raise TooMuch
        tail = text[-_OVERLAP:]
    return left


def _pieces(content: Bytes, part: ZipInfo) -> Iterator[bytes]:
    """The part as it unpacks, whatever size it claims to have."""
    try:
        name, extra = _LOCAL_HEADER.unpack_from(content, part.header_offset)
    except struct.error:
        raise NotABook from None
    start = part.header_offset + _LOCAL_HEADER.size + name + extra
    packed = content[start : start + part.compress_size]
    if part.compress_type == ZIP_STORED:
        yield packed
    elif part.compress_type == ZIP_DEFLATED:
        yield from _inflated(packed)
    else:
        raise NotABook


def _inflated(packed: bytes) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, _PIECE)
            packed = unpacker.unconsumed_tail
    except zlib.error:
        raise NotABook from None


def _beyond(bounds: Bounds) -> re.Pattern[bytes]:
    """Finds a cell or row whose reference lies outside the limits."""
    columns = _greater(letter(bounds.columns - 1), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    rows = _greater(str(bounds.rows), "0123456789")
    quote = "[\"']"
    return re.compile(
        rf"r\s*=\s*{quote}\s*(?:(?:{columns})[0-9]|[A-Z]*(?:{rows}){quote})".encode(), re.IGNORECASE
    )


def _greater(limit: str, alphabet: str) -> str:
    """An expression for the words over an alphabet that come after ``limit``: the longer ones, and the later ones."""
    any_letter = f"[{alphabet}]"
    words = [f"{any_letter}{{{len(limit) + 1},}}"]
    for index, character in enumerate(limit):
        later = alphabet[alphabet.index(character) + 1 :]
        if later:
            words.append(f"{limit[:index]}[{later}]{any_letter}{{{len(limit) - index - 1}}}")
    return "|".join(words)

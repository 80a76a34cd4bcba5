"""Looking into an XLSX file before the reader does: what unpacks to too much, or spreads too far, is refused.

The reader makes one dense table from the first filled cell to the last: a few hundred bytes that name the cell
XFD1048576 would ask for seventeen thousand million cells. And the sizes that a ZIP file states of itself need not
be true, so the parts are unpacked here, piece by piece, and counted.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lianxin.kernel.refusals import Refused
from lianxin.kernel.sheets.faults import letter, unreadable

_PIECE = 1 << 20
# Longer than any cell reference, with the blanks that XML allows around the equals sign.
_OVERLAP = 4096
_LOCAL_HEADER = struct.Struct("<26xHH")
_SHEET = re.compile(rb"sheetData")
_PARTS = 2000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold. ``packed`` and ``unpacked`` are bytes; ``columns`` and ``rows`` the last ones used."""

    packed: int = 50 << 20
    unpacked: int = 400 << 20
    rows: int = 250_000
    columns: int = 64
    faults: int = 500


def too_much(limits: Limits) -> Refused:
    """The refusal for a file beyond the limits."""
    return unreadable(
        "sheet_too_large",
        f"表格过大：最多 {limits.rows:,} 行、{limits.columns} 列、{limits.packed >> 20} MB，请分成几份。",
        f"The file is too large: at most {limits.rows:,} rows, {limits.columns} columns and "
        f"{limits.packed >> 20} MB. Please split it.",
    )


def not_a_sheet() -> Refused:
    """The refusal for bytes that are no spreadsheet."""
    return unreadable(
        "sheet_unreadable",
        "打不开这个文件，请另存为 XLSX 或 CSV 后再传。",
        "This file cannot be opened: save it as XLSX or CSV and send it again.",
    )


def guard_xlsx(content: bytes, limits: Limits) -> None:
    """Raise ``Refused``: ``sheet_unreadable`` or ``sheet_too_large``; the file may be handed on otherwise."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError):
        raise not_a_sheet() from None
    names = {part.filename for part in parts}
    # A file of another kind under this name would pass by the look at its cells.
    if "xl/workbook.xml" not in names or len(names) != len(parts) or any(n.endswith(".bin") for n in names):
        raise not_a_sheet()
    if len(parts) > _PARTS:
        raise too_much(limits)
    left = limits.unpacked
    beyond = _beyond(limits)
    for part in parts:
        left = _look_through(content, part, left, beyond, limits)


def _look_through(content: bytes, part: ZipInfo, left: int, beyond: re.Pattern[bytes], limits: Limits) -> int:
    tail, is_sheet = b"", False
    for piece in _pieces(content, part):
        left -= len(piece)
        if left < 0:
            raise too_much(limits)
        text = tail + piece
        is_sheet = is_sheet or _SHEET.search(text) is not None
        if is_sheet and beyond.search(text):
            raise too_much(limits)
        tail = text[-_OVERLAP:]
    return left


def _pieces(content: bytes, part: ZipInfo) -> Iterator[bytes]:
    """The part as it unpacks, whatever size it claims to have."""
    try:
        name, extra = _LOCAL_HEADER.unpack_from(content, part.header_offset)
    except struct.error:
        raise not_a_sheet() from None
    start = part.header_offset + _LOCAL_HEADER.size + name + extra
    packed = content[start : start + part.compress_size]
    if part.compress_type == ZIP_STORED:
        yield packed
    elif part.compress_type == ZIP_DEFLATED:
        yield from _inflated(packed)
    else:
        raise not_a_sheet()


def _inflated(packed: bytes) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, _PIECE)
            packed = unpacker.unconsumed_tail
    except zlib.error:
        raise not_a_sheet() from None


def _beyond(limits: Limits) -> re.Pattern[bytes]:
    """Finds a cell or row whose reference lies outside the limits."""
    columns = _greater(letter(limits.columns - 1), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    rows = _greater(str(limits.rows), "0123456789")
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

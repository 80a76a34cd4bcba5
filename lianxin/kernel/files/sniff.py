"""What a file is, from its first bytes. Its name and the type that the sender declared are never asked."""

from dataclasses import dataclass

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"}
_SOUND_BRANDS = {b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"dash"}
_MPEG_SYNC = 0xE0
_LAYER_BITS = 0x06
_ALL_BITS = 0xFF


@dataclass(frozen=True, slots=True)
class Found:
    """``kind`` as attachments have it; ``form`` is what the decoder of that kind calls the format."""

    kind: str
    form: str


_STARTS = (
    (b"\xff\xd8\xff", Found("photo", "JPEG")),
    (b"\x89PNG\r\n\x1a\n", Found("photo", "PNG")),
    (b"GIF87a", Found("photo", "GIF")),
    (b"GIF89a", Found("photo", "GIF")),
    (b"%PDF-", Found("document", "PDF")),
    (b"#!AMR", Found("voice", "amr")),
    (b"OggS", Found("voice", "ogg")),
    (b"\x1a\x45\xdf\xa3", Found("voice", "matroska")),
    (b"ID3", Found("voice", "mp3")),
)
_RIFFS = {b"WEBP": Found("photo", "WEBP"), b"WAVE": Found("voice", "wav")}


def recognize(content: bytes) -> Found | None:
    """The format that the content begins with, or ``None`` for everything we do not take."""
    for start, found in _STARTS:
        if content.startswith(start):
            return found
    if content.startswith(b"RIFF"):
        return _RIFFS.get(content[8:12])
    if content[4:8] == b"ftyp":
        return _by_brand(content[8:12])
    return _by_sync(content[:2])


def _by_brand(brand: bytes) -> Found | None:
    if brand in _HEIF_BRANDS:
        return Found("photo", "HEIF")
    if brand == b"avif":
        return Found("photo", "AVIF")
    if brand in _SOUND_BRANDS or brand.startswith(b"3g"):
        return Found("voice", "mov")
    return None


def _by_sync(start: bytes) -> Found | None:
    """MPEG audio has no signature, only eleven bits; layer 0 is AAC in ADTS frames."""
    if len(start) < len(b"\xff\xfb") or start[0] != _ALL_BITS or start[1] & _MPEG_SYNC != _MPEG_SYNC:
        return None
    return Found("voice", "mp3" if start[1] & _LAYER_BITS else "aac")

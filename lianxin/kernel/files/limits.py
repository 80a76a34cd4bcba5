"""How large a file may be before and after it is prepared."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one installation; the setting ``LIANXIN_FILE_LIMITS`` overrides fields by name.

    ``…_bytes`` are of the file as it arrives. ``pixels`` bounds pictures that are decoded in full;
    ``baseline_pixels`` bounds JPEGs that are not progressive, which are decoded at a fraction of their size
    (phones take 108 million). ``long_side`` and ``quality`` are of the JPEG that is kept. ``child_…`` bound the
    process that decodes what native libraries read: CPU seconds and address space in bytes.
    """

    photo_bytes: int = 30 * MEGABYTE
    voice_bytes: int = 20 * MEGABYTE
    document_bytes: int = 20 * MEGABYTE
    pixels: int = 50_000_000
    baseline_pixels: int = 150_000_000
    long_side: int = 2560
    quality: int = 82
    voice_seconds: int = 300
    document_pages: int = 300
    child_seconds: int = 30
    child_memory: int = 2_000 * MEGABYTE

    def bytes_for(self, kind: str) -> int:
        """The bound for a kind: ``photo``, ``voice`` or ``document``."""
        return {"photo": self.photo_bytes, "voice": self.voice_bytes, "document": self.document_bytes}[kind]

    @property
    def most_bytes(self) -> int:
        """No more than this is ever read of a file."""
        return max(self.photo_bytes, self.voice_bytes, self.document_bytes)

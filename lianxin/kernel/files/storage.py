"""Where files lie. Django's storage API is the seam: settings may name S3-compatible storage instead."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

if TYPE_CHECKING:
    from django.core.files.base import File


@deconstructible(path="lianxin.kernel.files.storage.DurableStorage")
class DurableStorage(FileSystemStorage):
    """Files that are whole and on the disk before ``save`` returns, or not there at all.

    Names are hashes of content here, so writing one that exists already replaces it by the same bytes.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself."""
        return name

    def _save(self, name: str, content: "File[bytes]") -> str:
        target = Path(self.path(name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        try:
            with open(draft, "xb", opener=_private) as sink:
                sink.writelines(content.chunks())
                sink.flush()
                os.fsync(sink.fileno())
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return name


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    """The new name survives a power cut only when its folder is written too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

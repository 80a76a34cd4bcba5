"""Files are whole or not there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File

from lianxin.kernel.files.storage import DurableStorage


class Breaking(ContentFile[bytes]):
    """An upload that breaks off."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """One piece, and no more."""
        yield b"half"
        raise ConnectionError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def save(folder: Path, content: "File[bytes]") -> str:
    return DurableStorage(location=folder).save("ab/cd/name", content)


def test_save_writes_under_the_very_name(tmp_path: Path) -> None:
    assert save(tmp_path, ContentFile(b"whole")) == "ab/cd/name"
    assert save(tmp_path, ContentFile(b"whole")) == "ab/cd/name"
    assert (tmp_path / "ab/cd/name").read_bytes() == b"whole"
    assert names(tmp_path) == ["name"]


def test_save_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        save(tmp_path, Breaking(b"half"))
    assert names(tmp_path) == []


def test_save_that_breaks_off_leaves_the_file_before_it(tmp_path: Path) -> None:
    save(tmp_path, ContentFile(b"whole"))
    with pytest.raises(ConnectionError):
        save(tmp_path, Breaking(b"half"))
    assert (tmp_path / "ab/cd/name").read_bytes() == b"whole"


def test_save_outside_its_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="path traversal"):
        DurableStorage(location=tmp_path).save("../out", ContentFile(b"x"))

"""Metadata leaves a picture without its pixels being touched."""

import io
from typing import Any

import pytest
from PIL import Image

from lianxin.kernel.files.faults import Fault
from lianxin.kernel.files.pictures_inside import without_jp2_metadata, without_jpeg_metadata
from tests.kernel.files.samples import PLANTED, drawn, jpeg_photo


def pixels(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as image:
        return image.convert("RGB").tobytes()


def box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}]
)
def test_jpeg_keeps_its_pixels_and_nothing_else(options: dict[str, Any]) -> None:
    content = jpeg_photo(**options) + PLANTED
    stripped = without_jpeg_metadata(content)
    assert PLANTED in content
    assert b"planted" not in stripped
    assert pixels(stripped) == pixels(content)
    assert without_jpeg_metadata(stripped) == stripped


def test_jpeg_for_print_keeps_its_colours() -> None:
    sink = io.BytesIO()
    drawn().convert("CMYK").save(sink, "JPEG")
    stripped = without_jpeg_metadata(sink.getvalue())
    assert b"Adobe" in stripped
    assert pixels(stripped) == pixels(sink.getvalue())


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xe1\x00\x08Exif\0\0"]
)
def test_jpeg_without_a_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Fault):
        without_jpeg_metadata(content)


def test_jpeg_2000_loses_its_telling_boxes() -> None:
    sink = io.BytesIO()
    drawn().save(sink, "JPEG2000")
    content = sink.getvalue() + box(b"xml ", PLANTED) + box(b"uuid", b"\0" * 16 + PLANTED)
    assert without_jp2_metadata(content) == sink.getvalue()
    assert without_jp2_metadata(b"\xff\x4f\xff\x51rest") == b"\xff\x4f\xff\x51rest"
    with pytest.raises(Fault):
        without_jp2_metadata(b"\x89PNG\r\n\x1a\n")

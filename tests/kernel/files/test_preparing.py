"""Every format that is taken, what is left of it, and each refusal."""

import base64
import io
import random
import zlib
from collections.abc import Callable
from typing import cast

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from PIL import Image
from pytest_django.fixtures import Settings

from lianxin.kernel.files.limits import Limits
from lianxin.kernel.files.prepared import FAULTS, Prepared
from lianxin.kernel.files.preparing import prepare
from lianxin.kernel.refusals import Refused
from tests.kernel.files.samples import (
    HEIC,
    PHOTOS,
    PLANTED,
    VOICES,
    drawn,
    jpeg_photo,
    pdf_document,
    png_photo,
    silent_film,
    voice,
)

ALL = frozenset({"photo", "voice", "document"})
# What one format cannot hold: AMR and ADTS have no tags at all.
UNTAGGED = {"amr", "adts"}


def ready(content: bytes, *kinds: str) -> Prepared:
    return prepare(content, field="evidence", kinds=frozenset(kinds) or ALL)


def refusal(content: bytes, *kinds: str) -> str:
    """The code with which a file is refused; the refusal names the field and speaks both languages."""
    with pytest.raises(Refused) as caught:
        ready(content, *kinds)
    refused = caught.value
    assert refused.field == "evidence"
    assert refused.message.zh
    assert refused.message.en
    assert "{" not in refused.message.zh + refused.message.en
    return refused.code


def laid_open(document: bytes) -> bytes:
    """A PDF with nothing compressed, so that one can search it."""
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(document)) as opened:
        opened.save(
            sink,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            compress_streams=False,
        )
    return sink.getvalue()


@pytest.mark.parametrize("name", PHOTOS)
def test_photo_becomes_a_plain_jpeg(name: str) -> None:
    content = PHOTOS[name]()
    assert b"planted-secret" in content
    photo = ready(content, "photo")
    assert (photo.kind, photo.media_type) == ("photo", "image/jpeg")
    assert b"planted" not in photo.content
    with Image.open(io.BytesIO(photo.content)) as image:
        assert (image.format, image.size) == ("JPEG", (photo.width, photo.height))
        assert dict(image.getexif()) == {}
        assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("name", VOICES)
def test_voice_becomes_mono_aac_without_tags(name: str) -> None:
    content = VOICES[name]()
    assert (PLANTED in content) == (name not in UNTAGGED)
    note = ready(content, "voice")
    assert (note.kind, note.media_type, note.width) == ("voice", "audio/mp4", None)
    assert b"planted" not in note.content
    assert b"Lavf" not in note.content
    # What we keep is again a voice note that we take.
    assert ready(note.content, "voice").kind == "voice"


def test_document_keeps_its_page_and_nothing_else() -> None:
    content = pdf_document()
    assert laid_open(content).count(PLANTED) > 8
    document = ready(content, "document")
    assert (document.kind, document.media_type) == ("document", "application/pdf")
    assert b"planted" not in laid_open(document.content)
    with pikepdf.open(io.BytesIO(document.content)) as opened:
        assert set(opened.Root.keys()) == {"/Type", "/Pages"}
        assert "/Info" not in opened.trailer
        page = opened.pages[0]
        assert [str(note.Subtype) for note in page.Annots] == ["/Highlight", "/Stamp"]
        assert b"/Im0 Do" in page.Contents.read_bytes()
        image = pikepdf.PdfImage(cast("pikepdf.Stream", page.Resources.XObject.Im0)).as_pil_image()
        assert image.size == (240, 160)
        assert image.tobytes() == Image.open(io.BytesIO(jpeg_photo())).convert("RGB").tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_is_turned_upright(orientation: int) -> None:
    upright = drawn()
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    held = upright.transpose(Image.Transpose(back[orientation])) if orientation > 1 else upright
    sink = io.BytesIO()
    block = Image.Exif()
    block[0x0112] = orientation
    held.save(sink, "JPEG", quality=90, exif=block)
    photo = ready(sink.getvalue(), "photo")
    with Image.open(io.BytesIO(photo.content)) as image:
        assert image.size == upright.size
        red, green, blue = cast("tuple[int, int, int]", image.getpixel((10, 10)))
        assert red > 180
        assert max(green, blue) < 80


def test_photo_is_bounded_in_size(settings: Settings) -> None:
    settings.LIANXIN_FILE_LIMITS = {"long_side": 120}
    photo = ready(jpeg_photo(), "photo")
    assert (photo.width, photo.height) == (120, 80)


def test_transparent_photo_lies_on_white() -> None:
    sink = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(sink, "PNG")
    with Image.open(io.BytesIO(ready(sink.getvalue(), "photo").content)) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "I;16"])
def test_photo_of_every_png_mode(mode: str) -> None:
    sink = io.BytesIO()
    Image.new(mode, (20, 20)).save(sink, "PNG")
    assert ready(sink.getvalue(), "photo").width == 20


def test_colours_for_print_become_colours_for_screens() -> None:
    sink = io.BytesIO()
    drawn().convert("CMYK").save(sink, "JPEG")
    with Image.open(io.BytesIO(ready(sink.getvalue(), "photo").content)) as image:
        assert image.mode == "RGB"


def test_same_picture_gives_the_same_hash() -> None:
    assert ready(jpeg_photo()).sha256 == ready(jpeg_photo()).sha256
    assert ready(pdf_document()).sha256 == ready(pdf_document()).sha256
    assert ready(voice("wav", "pcm_s16le")).sha256 == ready(voice("wav", "pcm_s16le")).sha256


def test_name_and_declared_type_are_not_believed() -> None:
    upload = SimpleUploadedFile("holiday.jpg", pdf_document(), content_type="image/jpeg")
    assert prepare(upload, field="evidence", kinds=ALL).kind == "document"


def test_something_hidden_behind_a_photo_is_left_behind() -> None:
    hidden = b"PK\x03\x04" + PLANTED + b"<script>alert(1)</script>"
    photo = ready(jpeg_photo() + hidden, "photo")
    assert photo.sha256 == ready(jpeg_photo(), "photo").sha256


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00program",
        b"<html><script>",
        b"PK\x03\x04word/document.xml",
        b"GIF8",
        b"\xff",
        b"RIFF1234AVI ",
        b"\0" * 40,
    ],
)
def test_prepare_refuses_other_content(content: bytes) -> None:
    assert refusal(content) == "wrong_kind"


def test_prepare_refuses_a_kind_that_is_not_asked_for() -> None:
    assert refusal(jpeg_photo(), "voice") == "wrong_kind"
    assert refusal(pdf_document(), "photo") == "wrong_kind"
    assert refusal(voice("wav", "pcm_s16le"), "photo", "document") == "wrong_kind"


def test_prepare_refuses_an_empty_file() -> None:
    assert refusal(b"") == "file_empty"


def test_prepare_refuses_what_is_too_large(settings: Settings) -> None:
    settings.LIANXIN_FILE_LIMITS = {"photo_bytes": 5_000, "document_bytes": 90_000}
    assert len(jpeg_photo()) > 5_000
    assert refusal(jpeg_photo()) == "file_too_large"
    settings.LIANXIN_FILE_LIMITS = {"photo_bytes": 500, "document_bytes": 500, "voice_bytes": 500}
    upload = SimpleUploadedFile("big", jpeg_photo())
    with pytest.raises(Refused, match="file_too_large"):
        prepare(upload, field="evidence", kinds=ALL)
    assert upload.tell() == 501


def test_photo_bomb_is_refused_before_decoding(settings: Settings) -> None:
    settings.LIANXIN_FILE_LIMITS = {"pixels": 30_000, "baseline_pixels": 60_000}
    # 240 × 160 is more than the bound for what has to be decoded in full, and less than for a baseline JPEG.
    assert refusal(png_photo()) == "photo_bomb"
    assert refusal(jpeg_photo(progressive=True)) == "photo_bomb"
    assert ready(jpeg_photo()).width == 240
    settings.LIANXIN_FILE_LIMITS = {"baseline_pixels": 30_000}
    assert refusal(jpeg_photo()) == "photo_bomb"


def test_photo_that_claims_to_be_enormous_is_a_bomb() -> None:
    claims = bytearray(png_photo())
    claims[16:24] = (200_000).to_bytes(4, "big") * 2
    assert refusal(bytes(claims)) in {"photo_bomb", "photo_unreadable"}


@pytest.mark.parametrize("form", ["jpeg", "png", "gif"])
def test_truncated_photo_is_refused(form: str) -> None:
    content = PHOTOS[form]()
    assert refusal(content[: len(content) // 2]) in {"photo_truncated", "photo_unreadable"}
    assert refusal(jpeg_photo()[:-900]) == "photo_truncated"


def test_truncated_heic_is_refused() -> None:
    assert refusal(HEIC[:300]) == "photo_unreadable"


def test_voice_too_long_is_refused(settings: Settings) -> None:
    settings.LIANXIN_FILE_LIMITS = {"voice_seconds": 1}
    assert refusal(voice("wav", "pcm_s16le", seconds=2)) == "voice_too_long"


def test_voice_with_nothing_to_hear_is_refused() -> None:
    assert refusal(voice("wav", "pcm_s16le", seconds=0.1)) == "voice_unreadable"
    assert refusal(b"#!AMR\n") == "voice_unreadable"


def test_video_is_refused() -> None:
    assert refusal(silent_film()) == "voice_is_video"


def test_locked_document_is_refused() -> None:
    locked = pdf_document(encryption=pikepdf.Encryption(owner="a", user="b"))
    assert refusal(locked) == "document_locked"


def test_document_open_to_all_is_kept_without_its_lock() -> None:
    protected = pdf_document(encryption=pikepdf.Encryption(owner="a", user=""))
    with pikepdf.open(io.BytesIO(ready(protected).content)) as opened:
        assert not opened.is_encrypted


def test_document_of_too_many_pages_is_refused(settings: Settings) -> None:
    settings.LIANXIN_FILE_LIMITS = {"document_pages": 2}
    assert ready(pdf_document(pages=2)).kind == "document"
    assert refusal(pdf_document(pages=3)) == "document_too_long"


@pytest.mark.parametrize("filters", [["/ASCII85Decode"], ["/FlateDecode"], ["/ASCIIHexDecode"]])
def test_photo_packed_twice_inside_a_document_is_stripped(filters: list[str]) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {
        "/ASCII85Decode": lambda raw: base64.a85encode(raw) + b"~>",
        "/FlateDecode": zlib.compress,
        "/ASCIIHexDecode": lambda raw: raw.hex().encode() + b">",
    }
    with pikepdf.open(io.BytesIO(pdf_document())) as opened:
        image = opened.pages[0].Resources.XObject.Im0
        names = pikepdf.Array([pikepdf.Name(name) for name in [*filters, "/DCTDecode"]])
        image.write(pack[filters[0]](jpeg_photo()), filter=names)
        sink = io.BytesIO()
        opened.save(sink)
    document = ready(sink.getvalue())
    with pikepdf.open(io.BytesIO(document.content)) as opened:
        image = opened.pages[0].Resources.XObject.Im0
        assert image.Filter == pikepdf.Name.DCTDecode
        assert PLANTED not in image.read_raw_bytes()
        assert pikepdf.PdfImage(cast("pikepdf.Stream", image)).as_pil_image().size == (240, 160)


def test_child_that_runs_out_of_memory_is_a_refusal(settings: Settings) -> None:
    settings.LIANXIN_FILE_LIMITS = {"child_memory": 60_000_000}
    assert refusal(voice("wav", "pcm_s16le")) == "voice_unreadable"


def test_every_fault_has_words_in_both_languages() -> None:
    for code, words in FAULTS.items():
        assert code.split("_")[0] in {"file", "photo", "voice", "document"}
        assert words.zh.endswith("。")
        assert words.en.endswith(".")
    bounds = {kind: Limits().bytes_for(kind) for kind in ALL}
    assert bounds == {"photo": 30_000_000, "voice": 20_000_000, "document": 20_000_000}


def broken(content: bytes, seed: int) -> bytes:
    """The content cut short somewhere, or with some bytes changed, or both."""
    chance = random.Random(seed)
    changed = bytearray(content)
    if chance.random() < 0.5:
        del changed[chance.randrange(8, len(changed)) :]
    for _ in range(chance.choice((0, 1, 4, 40))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


CHEAP = {name: PHOTOS[name]() for name in ("jpeg", "progressive", "png", "webp", "gif")}
APART = {
    "heic": HEIC,
    "m4a": VOICES["m4a"](),
    "mp3": VOICES["mp3"](),
    "webm": VOICES["webm"](),
    "pdf": pdf_document(),
}


@profile(max_examples=250, deadline=None)
@given(name=st.sampled_from(sorted(CHEAP)), seed=st.integers(0, 2**32))
def test_broken_photo_is_refused_or_clean(name: str, seed: int) -> None:
    try:
        photo = ready(broken(CHEAP[name], seed))
    except Refused:
        return
    assert b"planted" not in photo.content


@profile(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(APART)), seed=st.integers(0, 2**32))
def test_broken_file_for_the_child_is_refused_or_clean(name: str, seed: int) -> None:
    try:
        kept = ready(broken(APART[name], seed))
    except Refused:
        return
    content = laid_open(kept.content) if kept.kind == "document" else kept.content
    assert b"planted" not in content


@profile(max_examples=100, deadline=None)
@given(
    content=st.binary(min_size=0, max_size=200),
    start=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a"]),
)
def test_noise_is_refused(start: bytes, content: bytes) -> None:
    with pytest.raises(Refused):
        ready(start + content, "photo")

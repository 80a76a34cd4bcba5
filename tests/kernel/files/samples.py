"""Files as phones make them, with a secret planted wherever a format has room for one."""

import base64
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import av
import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image, PngImagePlugin

from lianxin.replay.media import picture, voice_note

if TYPE_CHECKING:
    from av.audio.stream import AudioStream

SECRET = "planted-secret-31.2304N-121.4737E"
PLANTED = SECRET.encode()
_XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()

# 96 × 64 pixels from an HEVC encoder, its EXIF description being "planted-secret": Pillow can read HEIC, not write it.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAZdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9j"
    "AAAAAERAAAIAAQAAAAABuwABAAAAAAAAAFAAAgAAAAACCwABAAAAAAAAADQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAA"
    "ABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNg"
    "AAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAH"
    "RAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAQAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEE"
    "gQIDBAAAABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAAAjG1kYXQAAABMKAGvGYCcIujX4kbj/zbv6Ul+qDMIG9li+lmSTEJEFUIBFLNvK2HJ"
    "11a4T3LwkzgW84GYNnbYdF/JpSzHl38fvqzWq38WqgqzOGQzYAAAAAZFeGlmAABNTQAqAAAACAABAQ4AAgAAAA8AAAAaAAAAAHBsYW50ZWQt"
    "c2VjcmV0AAA="
)


def drawn(size: tuple[int, int] = (240, 160)) -> Image.Image:
    """A picture whose upper left corner is red, so that one can see which way is up."""
    image = Image.open(io.BytesIO(picture("cabinet", seed=2, size=size)))
    image.paste((230, 20, 20), (0, 0, size[0] // 4, size[1] // 4))
    return image


def exif(orientation: int = 1) -> Image.Exif:
    """EXIF with a place, a comment and an orientation."""
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010E] = block[0x013B] = SECRET
    gps = block.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (31.0, 13.0, 49.44), "E", (121.0, 28.0, 25.3)
    gps[29] = SECRET
    return block


def jpeg_photo(orientation: int = 1, **options: Any) -> bytes:
    """A JPEG with EXIF, XMP and a comment."""
    sink = io.BytesIO()
    drawn().save(sink, "JPEG", quality=80, exif=exif(orientation), comment=PLANTED, xmp=_XMP, **options)
    return sink.getvalue()


def png_photo() -> bytes:
    """A PNG with text chunks and EXIF."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", SECRET)
    notes.add_itxt("XML:com.adobe.xmp", SECRET)
    sink = io.BytesIO()
    drawn().convert("RGBA").save(sink, "PNG", pnginfo=notes, exif=exif())
    return sink.getvalue()


def webp_photo() -> bytes:
    """A WebP with EXIF and XMP."""
    sink = io.BytesIO()
    drawn().save(sink, "WEBP", exif=exif(), xmp=_XMP)
    return sink.getvalue()


def gif_photo() -> bytes:
    """A GIF with a comment."""
    sink = io.BytesIO()
    drawn().save(sink, "GIF", comment=PLANTED)
    return sink.getvalue()


def avif_photo() -> bytes:
    """An AVIF with EXIF and XMP."""
    sink = io.BytesIO()
    drawn((96, 64)).save(sink, "AVIF", exif=exif(), xmp=_XMP, speed=10)
    return sink.getvalue()


def voice(container: str, codec: str, *, rate: int = 16_000, seconds: float = 1.5) -> bytes:
    """A voice note in a container, with tags."""
    sink, hummed = io.BytesIO(), io.BytesIO(voice_note(seconds=seconds))
    with av.open(hummed, "r") as source, av.open(sink, "w", format=container) as target:
        target.metadata.update({"title": SECRET, "artist": SECRET, "comment": SECRET, "location": SECRET})
        stream = cast("AudioStream", target.add_stream(codec, rate=rate, layout="mono"))
        coder = stream.codec_context
        resampler = av.AudioResampler(coder.format, "mono", rate, frame_size=coder.frame_size or 1024)
        for frame in [*source.decode(audio=0), None]:
            for even in resampler.resample(frame):
                target.mux(stream.encode(even))
        target.mux(stream.encode(None))
    return sink.getvalue()


def silent_film() -> bytes:
    """A video without sound."""
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4") as target:
        stream = target.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for _ in range(3):
            frame: av.VideoFrame = av.VideoFrame.from_image(drawn((96, 64)))  # type: ignore[no-untyped-call]
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return sink.getvalue()


def pdf_document(*, pages: int = 1, **saving: Any) -> bytes:
    """A PDF with an author, XMP, a script, an attached file, links, remarks and a phone's JPEG."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(300, 200))
    document.docinfo["/Author"] = SECRET
    document.Root.Metadata = Stream(document, _XMP)
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String(f"app.alert('{SECRET}')"))
    document.attachments["note.txt"] = PLANTED
    page = document.pages[0]
    image = Stream(document, jpeg_photo())
    image.stream_dict.update(
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Image,
            "/Filter": Name.DCTDecode,
            "/Width": 240,
            "/Height": 160,
        }
    )
    image.stream_dict.update({"/ColorSpace": Name.DeviceRGB, "/BitsPerComponent": 8})
    page.Resources = Dictionary(XObject=Dictionary(Im0=image))
    page.Contents = Stream(document, b"q 240 0 0 160 30 20 cm /Im0 Do Q")
    page.PieceInfo = Dictionary(Scanner=Dictionary(Private=String(SECRET)))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 50, 50]))
    link.A = Dictionary(S=Name.URI, URI=String(f"https://example.org/{SECRET}"))
    remark = Dictionary(Type=Name.Annot, Subtype=Name.Highlight, Rect=Array([0, 0, 50, 50]), T=String(SECRET))
    look = Stream(document, b"1 1 0 rg 0 0 50 50 re f")
    look.stream_dict.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 50, 50])})
    remark.AP = Dictionary(N=look)
    field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=Array([60, 0, 110, 50]), TU=String(SECRET))
    field.AP = Dictionary(N=Dictionary(On=look), D=Dictionary(On=look))
    attached = Dictionary(Subtype=Name.FileAttachment, AP=Dictionary(N=look), Contents=String(SECRET))
    document.Root.AcroForm = Dictionary(Fields=Array([document.make_indirect(field)]))
    page.Annots = Array([document.make_indirect(link), remark, document.Root.AcroForm.Fields[0], attached])
    sink = io.BytesIO()
    document.save(sink, compress_streams=False, **saving)
    return sink.getvalue()


PHOTOS: dict[str, Callable[[], bytes]] = {
    "jpeg": jpeg_photo,
    "progressive": lambda: jpeg_photo(progressive=True),
    "png": png_photo,
    "webp": webp_photo,
    "gif": gif_photo,
    "avif": avif_photo,
    "heic": lambda: HEIC,
}
VOICES: dict[str, Callable[[], bytes]] = {
    "amr": lambda: voice("amr", "libopencore_amrnb", rate=8_000),
    "m4a": lambda: voice("ipod", "aac"),
    "adts": lambda: voice("adts", "aac"),
    "3gp": lambda: voice("3gp", "libopencore_amrnb", rate=8_000),
    "mp3": lambda: voice("mp3", "libmp3lame"),
    "ogg": lambda: voice("ogg", "libopus", rate=48_000),
    "webm": lambda: voice("webm", "libopus", rate=48_000),
    "wav": lambda: voice("wav", "pcm_s16le"),
}

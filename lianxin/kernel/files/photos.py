"""Pictures become plain JPEGs: upright, in sRGB, of bounded size, with nothing beside the pixels."""

import io

from PIL import Image, ImageCms

from lianxin.kernel.files.faults import Fault
from lianxin.kernel.files.limits import Limits

# Ahead of Pillow's own bound, which is for pictures decoded in full.
Image.MAX_IMAGE_PIXELS = Limits().baseline_pixels
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def recode_photo(content: bytes, form: str, limits: Limits) -> tuple[bytes, int, int]:
    """The JPEG to keep, its width and height. ``form`` is Pillow's name of the format.

    Raises ``Fault``: ``photo_bomb`` before anything is decoded, ``photo_truncated``, ``photo_unreadable``.
    """
    try:
        with Image.open(io.BytesIO(content), formats=[form]) as source:
            _bound(source, limits)
            picture = _decoded(source, limits.long_side)
        return jpeg(picture, quality=limits.quality)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Fault("photo_bomb") from error
    except Fault:
        raise
    except Exception as error:  # a decoder fed with hostile bytes may raise anything at all
        raise Fault("photo_truncated" if "truncated" in str(error) else "photo_unreadable") from error


def jpeg(picture: Image.Image, *, quality: int) -> tuple[bytes, int, int]:
    """Encode without any metadata; Pillow would write a comment that it finds in ``info``."""
    picture.info = {}
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=quality, optimize=True)
    return sink.getvalue(), picture.width, picture.height


def shrink(content: bytes, long_side: int, *, quality: int = 75) -> bytes:
    """A JPEG of ours, made smaller so that neither side is longer than ``long_side`` pixels."""
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as source:
        source.draft(None, (long_side, long_side))
        source.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
        return jpeg(source.convert("RGB"), quality=quality)[0]


def _bound(source: Image.Image, limits: Limits) -> None:
    """Refuse by the size that the header claims; a baseline JPEG costs memory only at its reduced size."""
    baseline = source.format == "JPEG" and not source.info.get("progressive")
    if source.width * source.height > (limits.baseline_pixels if baseline else limits.pixels):
        raise Fault("photo_bomb")


def _decoded(source: Image.Image, long_side: int) -> Image.Image:
    orientation, profile = _orientation(source), source.info.get("icc_profile")
    source.draft(None, (long_side, long_side))
    source.load()
    source.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    picture = _in_srgb(source, profile)
    return picture.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else picture


def _orientation(source: Image.Image) -> object:
    """Read how the phone was held. Broken EXIF is no reason to refuse the pixels; HEIF is upright already."""
    if source.format == "HEIF":
        return None
    try:
        return source.getexif().get(_ORIENTATION)
    except Exception:  # noqa: BLE001 - as above: hostile bytes
        return None


def _in_srgb(source: Image.Image, profile: object) -> Image.Image:
    """RGB on white, converted by the colour profile where it is usable; the profile itself is dropped."""
    if source.mode in {"RGBA", "LA", "PA"} or "transparency" in source.info:
        layer = source.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    if isinstance(profile, bytes) and source.mode in {"RGB", "CMYK"}:
        try:
            converted = ImageCms.profileToProfile(
                source,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return source.convert("RGB")

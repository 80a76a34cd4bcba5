"""PDF documents are built anew out of what draws their pages; everything else stays behind.

Taking away what is known to be harmful would leave what is not known, so the keys that are kept are listed and
not those that go. Office files are not taken: docs/adr/0013-attachments.md says why.
"""

import base64
import io
import zlib
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from lianxin.kernel.files.faults import Fault
from lianxin.kernel.files.limits import Limits
from lianxin.kernel.files.pictures_inside import without_jp2_metadata, without_jpeg_metadata

# What a page, its remarks, fonts, pictures, colours and shadings are drawn with (ISO 32000-2: 7.4, 7.7.3, 8, 9, 11,
# 12.5.5). No scripts, actions, links, forms, attached or linked files, metadata, layers, structure or thumbnails.
_DRAWN_WITH = """
Type Subtype Parent MediaBox CropBox Resources Contents Rotate Annots UserUnit Group
Rect AP AS F N R D Font XObject ExtGState ColorSpace Pattern Shading ProcSet
Length Filter DecodeParms Predictor Colors Columns EarlyChange K EndOfLine EncodedByteAlign Rows EndOfBlock
BlackIs1 DamagedRowsBeforeError JBIG2Globals ColorTransform
Width Height BitsPerComponent ImageMask Mask Decode Interpolate SMask SMaskInData Matte Intent
FormType BBox Matrix S CS I
BaseFont FirstChar LastChar Widths FontDescriptor Encoding ToUnicode DescendantFonts CIDSystemInfo W W2 DW DW2
CIDToGIDMap FontBBox FontMatrix CharProcs BaseEncoding Differences Registry Ordering Supplement FontName
FontFamily FontStretch FontWeight Flags ItalicAngle Ascent Descent Leading CapHeight XHeight StemV StemH
AvgWidth MaxWidth MissingWidth FontFile FontFile2 FontFile3 CharSet CIDSet Length1 Length2 Length3
CMapName WMode UseCMap
Alternate Range WhitePoint BlackPoint Gamma Colorants Process Components
FunctionType Domain C0 C1 Functions Bounds Encode Size BitsPerSample Order
PatternType PaintType TilingType XStep YStep ShadingType Background AntiAlias Coords Extend Function
BitsPerCoordinate BitsPerFlag VerticesPerRow
LW LC LJ ML RI OP op OPM BG BG2 UCR UCR2 TR TR2 FL SM SA BM CA ca AIS TK BC G
"""
_DRAWN = frozenset(f"/{key}" for key in _DRAWN_WITH.split())
# The keys of these dictionaries are names that the document chose itself.
_NAMING = frozenset({"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/CharProcs"}) | {
    "/Colorants", "/N", "/R", "/D"
}  # fmt: skip
_REMARKS = {"/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline"} | {
    "/Squiggly", "/StrikeOut", "/Stamp", "/Ink", "/Widget"
}  # fmt: skip
_PLAIN_FILTERS = {"/FlateDecode", "/LZWDecode", "/ASCII85Decode", "/ASCIIHexDecode", "/RunLengthDecode"} | {
    "/CCITTFaxDecode", "/JBIG2Decode"
}  # fmt: skip
_MOST_INFLATED = 200_000_000


def recode_document(content: bytes, limits: Limits) -> bytes:
    """The PDF to keep.

    Raises ``Fault``: ``document_unreadable``, ``document_locked`` (needs a password), ``document_too_long``.
    """
    try:
        return _built_anew(content, limits)
    except Fault:
        raise
    except pikepdf.PasswordError as error:
        raise Fault("document_locked") from error
    except Exception as error:  # a parser fed with hostile bytes may raise anything at all
        raise Fault("document_unreadable") from error


def _built_anew(content: bytes, limits: Limits) -> bytes:
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as source, pikepdf.new() as clean:
        pages = len(source.pages)
        if not 0 < pages <= limits.document_pages:
            raise Fault("document_too_long" if pages else "document_unreadable")
        clean.pages.extend(source.pages)
        _keep_what_is_drawn(clean)
        clean.save(sink, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    # A parser that mends broken files may read what it cannot write again.
    with pikepdf.open(sink, attempt_recovery=False) as again:
        if len(again.pages) != pages:
            raise Fault("document_unreadable")
    return sink.getvalue()


def _keep_what_is_drawn(document: Pdf) -> None:
    """Walk from the pages through everything that they reach; what is not reached is not written."""
    waiting: list[tuple[Any, bool]] = []
    for page in document.pages:
        if "/Annots" in page.obj:
            page.obj["/Annots"] = Array(
                [_looked_at(remark) for remark in page.obj["/Annots"] if _is_drawn(remark)]
            )
        waiting.append((page.obj, False))
    seen = set()
    while waiting:
        thing, naming = waiting.pop()
        if thing.is_indirect and thing.objgen in seen:
            continue
        seen.add(thing.objgen)
        if isinstance(thing, Array):
            entries: list[Any] = list(thing)
            waiting += [(entry, False) for entry in entries if isinstance(entry, Object)]
        elif isinstance(thing, Dictionary | Stream):
            if isinstance(thing, Stream):
                _check_stream(thing)
            waiting += _parts_kept(thing, naming=naming)


def _parts_kept(thing: Object, *, naming: bool) -> list[tuple[Object, bool]]:
    parts: list[tuple[Object, bool]] = []
    held: list[tuple[str, Any]] = list(thing.items())
    for key, value in held:
        # A flag has an F that is a number; an F that is anything else names a file outside.
        if not naming and (key not in _DRAWN or (key == "/F" and isinstance(value, Object))):
            del thing[key]
        elif isinstance(value, Object) and key != "/Parent":
            parts.append((value, not naming and _is_naming(key, value)))
    return parts


def _is_naming(key: str, value: Any) -> bool:
    """A pattern's ``Shading`` is one shading; a page's is a dictionary of them."""
    return key in _NAMING and isinstance(value, Dictionary) and "/ShadingType" not in value


def _is_drawn(remark: object) -> bool:
    return isinstance(remark, Dictionary) and "/AP" in remark and str(remark.get("/Subtype")) in _REMARKS


def _looked_at(remark: Object) -> Object:
    """A remark to be looked at: a form's field without its form would not be shown, a stamp is."""
    if remark["/Subtype"] == Name.Widget:
        remark["/Subtype"] = Name.Stamp
    return remark


def _check_stream(stream: Stream) -> None:
    """Scanning apps put the phone's JPEG into the page as it is, place and all."""
    filters = _filters(stream)
    last = filters[-1] if filters else ""
    if last in {"/DCTDecode", "/JPXDecode"}:
        packed = stream.read_raw_bytes()
        for name in filters[:-1]:
            packed = _unpacked(packed, name)
        if last == "/DCTDecode":
            # The parameter tells how the colours are packed where the JPEG itself does not.
            told = stream.get("/DecodeParms")
            kept = told if isinstance(told, Dictionary) else None
            stream.write(without_jpeg_metadata(packed), filter=Name.DCTDecode, decode_parms=kept)
        else:
            stream.write(without_jp2_metadata(packed), filter=Name.JPXDecode)
    elif not set(filters) <= _PLAIN_FILTERS or (not filters and _is_disguised(stream.read_raw_bytes())):
        raise Fault("document_unreadable")


def _is_disguised(content: bytes) -> bool:
    """Whether content that claims to be plain is a picture with metadata, or a page of metadata."""
    return content.startswith(b"\xff\xd8") or b"Exif\0\0" in content or b"adobe:ns:meta" in content


def _filters(stream: Stream) -> list[str]:
    given = stream.get("/Filter")
    if isinstance(given, Array):
        return [str(name) for name in given]
    return [] if given is None else [str(given)]


def _unpacked(packed: bytes, name: str) -> bytes:
    if name == "/FlateDecode":
        return zlib.decompressobj().decompress(packed, _MOST_INFLATED)
    if name == "/ASCII85Decode":
        return base64.a85decode(packed.strip().removeprefix(b"<~").removesuffix(b"~>"))
    if name == "/ASCIIHexDecode":
        return bytes.fromhex(packed.strip().rstrip(b">").decode("ascii"))
    # Nobody packs a picture twice in another way; what cannot be looked into is not kept.
    raise Fault("document_unreadable")

"""PDF documents are rewritten: pages stay; whatever acts, hides or tells of its author goes.

Office files are not taken: docs/adr/0013-attachments.md says why.
"""

import base64
import io
import zlib
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from lianxin.kernel.files.faults import Fault
from lianxin.kernel.files.limits import Limits
from lianxin.kernel.files.pictures_inside import without_jp2_metadata, without_jpeg_metadata

# Keys that tell of the maker, act by themselves, or hide something (ISO 32000-2: 7.11, 12.6, 12.7, 14.3, 14.5).
_TELLING = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AF", "/UserProperties")
_ACTING = ("/AA", "/OpenAction", "/JavaScript", "/JS", "/EmbeddedFiles", "/Collection", "/XFA", "/EF")
_HIDING = ("/RichMediaContent", "/Renditions", "/Perms", "/Legal", "/SpiderInfo", "/AlternatePresentations")
_ANNOTATIONS_KEPT = {"/Link", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight"} | {
    "/Underline", "/Squiggly", "/StrikeOut", "/Stamp", "/Ink", "/Widget"
}  # fmt: skip
# Who wrote a remark, and when: the drawn appearance stays.
_ANNOTATION_TELLS = ("/T", "/M", "/CreationDate", "/NM", "/RC", "/Subj", "/Popup")
_MOST_INFLATED = 200_000_000


def recode_document(content: bytes, limits: Limits) -> bytes:
    """The PDF to keep.

    Raises ``Fault``: ``document_unreadable``, ``document_locked`` (needs a password), ``document_too_long``.
    """
    sink = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            pages = len(document.pages)
            if not 0 < pages <= limits.document_pages:
                raise Fault("document_too_long" if pages else "document_unreadable")
            _clean(document)
            document.save(sink, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        # A parser that mends broken files may read what it cannot write again.
        with pikepdf.open(sink, attempt_recovery=False) as again:
            if len(again.pages) != pages:
                raise Fault("document_unreadable")
    except pikepdf.PasswordError as error:
        raise Fault("document_locked") from error
    except Fault:
        raise
    except Exception as error:  # a parser fed with hostile bytes may raise anything at all
        raise Fault("document_unreadable") from error
    return sink.getvalue()


def _clean(document: Pdf) -> None:
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    for page in document.pages:
        _clean_annotations(page.obj)
    for thing in document.objects:
        for part in _parts(thing):
            _strip(part)
            if isinstance(part, Stream):
                _strip_picture(part)


def _parts(thing: Object) -> Iterator[Object]:
    """The dictionaries and streams inside an indirect object, not crossing into other indirect ones."""
    waiting: list[object] = [thing]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Dictionary | Stream):
            yield part
            waiting += [value for _, value in part.items() if _direct(value)]
        elif isinstance(part, Array):
            waiting += [value for value in part if _direct(value)]


def _direct(value: object) -> bool:
    return isinstance(value, Object) and not value.is_indirect


def _strip(part: Object) -> None:
    for key in (*_TELLING, *_ACTING, *_HIDING):
        if key in part:
            del part[key]
    # Jumps within the document stay; scripts, programs, forms sent somewhere and links out do not.
    for key in ("/A", "/Next"):
        action = part.get(key)
        if isinstance(action, Dictionary) and "/S" in action and action.get("/S") != Name.GoTo:
            del part[key]


def _clean_annotations(page: Object) -> None:
    kept = []
    for annotation in page.get("/Annots", []):
        if isinstance(annotation, Dictionary) and str(annotation.get("/Subtype")) in _ANNOTATIONS_KEPT:
            if annotation.get("/Subtype") != Name.Widget:
                for key in _ANNOTATION_TELLS:
                    if key in annotation:
                        del annotation[key]
            kept.append(annotation)
    if "/Annots" in page:
        page["/Annots"] = Array(kept)


def _strip_picture(stream: Stream) -> None:
    """Scanning apps put the phone's JPEG into the page as it is, place and all."""
    filters = _filters(stream)
    if not filters or filters[-1] not in {"/DCTDecode", "/JPXDecode"}:
        return
    packed = stream.read_raw_bytes()
    for name in filters[:-1]:
        packed = _unpacked(packed, name)
    if filters[-1] == "/DCTDecode":
        stream.write(without_jpeg_metadata(packed), filter=Name.DCTDecode)
    else:
        stream.write(without_jp2_metadata(packed), filter=Name.JPXDecode)


def _filters(stream: Stream) -> list[str]:
    given = stream.get("/Filter")
    if isinstance(given, Array):
        return [str(name) for name in given]
    return [] if given is None else [str(given)]


def _unpacked(packed: bytes, name: str) -> bytes:
    if name == "/FlateDecode":
        return zlib.decompressobj().decompress(packed, _MOST_INFLATED)
    if name == "/ASCII85Decode":
        body = packed.strip().removeprefix(b"<~").removesuffix(b"~>")
        return base64.a85decode(body)
    if name == "/ASCIIHexDecode":
        return bytes.fromhex(packed.strip().rstrip(b">").decode("ascii"))
    # Nobody packs a picture twice in another way; what cannot be looked into is not kept.
    raise Fault("document_unreadable")

# ruff: noqa: SLF001 - what Django's request keeps of its form has no public name
"""Small forms without files, read at once: a report is one, and Django reads multipart bodies line by line.

Whatever is not plainly such a form (a file, another character set, an encoding of old mail, a fault) is left to
Django, which reads the same bytes again and answers as ever (docs/adr/0022).
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict
from multipart import MultipartError, MultipartSegment, PushMultipartParser

# Far above a form of words and keys; far below what is worth keeping out of memory.
SMALL = 256 * 1024


class MultipartMiddleware:
    """Has the form of a request read in one go when it is first asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing is read here: many a view never asks for its form."""
        if request.method == "POST" and request.content_type == "multipart/form-data":
            asked: Any = request
            slowly = asked._load_post_and_files

            def load() -> None:
                if not _read_at_once(request):
                    slowly()

            # Django has no setting for who reads a form; its request asks itself.
            asked._load_post_and_files = load
        return self.get_response(request)


def _read_at_once(request: HttpRequest) -> bool:
    """Set the form of a request when it is small, plain and in UTF-8; whether it was."""
    boundary = (request.content_params or {}).get("boundary", "")
    length = request.META.get("CONTENT_LENGTH", "")
    if not (boundary.isascii() and length.isascii() and length.isdigit() and int(length) <= SMALL):
        return False
    fields = _fields(request.body, boundary) if request.encoding is None else None
    if fields is None:
        return False
    form = QueryDict(mutable=True)
    for name, value in fields:
        form.appendlist(name, value)
    form._mutable = False
    asked: Any = request
    asked._post, asked._files = form, MultiValueDict()
    return True


def _fields(body: bytes, boundary: str) -> list[tuple[str, str]] | None:
    """Name and text of each part in order, or nothing for a body that is more than that."""
    fields: list[tuple[str, str]] = []
    part: MultipartSegment | None = None
    content: list[bytes] = []
    try:
        with PushMultipartParser(boundary, content_length=len(body), strict=True) as parser:
            for found in parser.parse(body):
                if isinstance(found, MultipartSegment):
                    part, content = found, []
                    if not _is_plain(found):
                        return None
                elif found:
                    content.append(bytes(found))
                elif part is not None:
                    fields.append((part.name or "", b"".join(content).decode()))
    except (MultipartError, UnicodeDecodeError):
        return None
    most: int | None = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    return fields if most is None or len(fields) <= most else None


def _is_plain(part: MultipartSegment) -> bool:
    """A file field that was left empty is sent as an empty name, and is an empty field to Django too."""
    return (
        part.disposition == "form-data"
        and not part.filename
        and _NAME.fullmatch(part.name or "") is not None
        and all(name in _USUAL for name, _ in part.headerlist)
    )


_NAME = re.compile(r"[A-Za-z0-9_.:\-]+")
_USUAL = frozenset({"Content-Disposition", "Content-Type"})

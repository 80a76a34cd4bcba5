"""A small form is read as Django reads it; what is more than that, Django reads itself."""

from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from lianxin.web import multipart
from lianxin.web.multipart import MultipartMiddleware

EMPTY_FILE = (
    b'Content-Disposition: form-data; name="photo"; filename=""\r\nContent-Type: application/octet-stream'
)


def sent(body: bytes, kind: str = MULTIPART_CONTENT) -> HttpRequest:
    return RequestFactory().generic("POST", "/", body, content_type=kind)


def parts(*given: tuple[bytes, bytes]) -> bytes:
    border = b"--" + BOUNDARY.encode()
    return (
        b"".join(border + b"\r\n" + head + b"\r\n\r\n" + body + b"\r\n" for head, body in given)
        + border
        + b"--\r\n"
    )


def field(name: str) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"'.encode()


def files_of(request: HttpRequest) -> list[tuple[str, str, bytes]]:
    files: Any = request.FILES
    return [(name, file.name, file.read()) for name, file in files.items()]


def read(request: HttpRequest) -> tuple[list[tuple[str, list[str]]], list[tuple[str, str, bytes]], bool]:
    """The form, the files, and whether they were read at once."""
    found: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        found.append(request)
        return HttpResponse()

    MultipartMiddleware(answer)(request)
    form = list(found[0].POST.lists())
    files = files_of(found[0])
    at_once: bool = getattr(request, "_upload_handlers", None) == []
    return form, files, at_once


def as_django(body: bytes, kind: str = MULTIPART_CONTENT) -> tuple[list[Any], list[Any]]:
    request = sent(body, kind)
    form = list(request.POST.lists())
    return form, files_of(request)


def test_form_is_read_at_once() -> None:
    body = encode_multipart(BOUNDARY, {"what": "电线裸露\r\n第二行", "site": "12", "many": ["a", "", "b"]})
    assert read(sent(body)) == (
        [("what", ["电线裸露\r\n第二行"]), ("site", ["12"]), ("many", ["a", "", "b"])],
        [],
        True,
    )


@given(
    st.lists(
        st.tuples(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.text(st.characters(codec="utf-8"))),
        max_size=9,
    )
)
def test_whatever_it_says_it_says_as_django_would(fields: list[tuple[str, str]]) -> None:
    body = parts(*((field(name), value.encode()) for name, value in fields))
    form, files, _ = read(sent(body))
    assert (form, files) == as_django(body)
    assert sum(len(values) for _, values in form) == len(fields)


def test_file_left_empty_is_an_empty_field() -> None:
    body = parts((field("what"), b"x"), (EMPTY_FILE, b""))
    assert read(sent(body)) == ([("what", ["x"]), ("photo", [""])], [], True)
    assert as_django(body) == ([("what", ["x"]), ("photo", [""])], [])


def test_file_is_left_to_django() -> None:
    body = encode_multipart(BOUNDARY, {"what": "x", "photo": SimpleUploadedFile("a.txt", b"content")})
    assert read(sent(body)) == ([("what", ["x"])], [("photo", "a.txt", b"content")], False)


@pytest.mark.parametrize(
    "body",
    [
        parts((field("what") + b"\r\nContent-Transfer-Encoding: base64", b"eA==")),
        parts((field("what"), b"\xff\xfe")),
        parts((field("a b"), b"x")),
        parts((b'Content-Disposition: form-data; name="\xe7\x94\xb5"', b"x")),
        parts((b'Content-Disposition: form-data; name="a%22b"', b"x")),
        parts((b"Content-Disposition: form-data; name*=utf-8''what", b"x")),
        parts((b"Content-Disposition: attachment; name=what", b"x")),
        parts((EMPTY_FILE, b"content")),
        parts((field("what"), b"x"))[:-20],
        b"preamble\r\n" + parts((field("what"), b"x")),
        b"",
        b"--" + BOUNDARY.encode() + b"--\r\n",
    ],
    ids=range(12),
)
def test_whatever_is_unusual_is_answered_as_django_does(body: bytes) -> None:
    form, files, _ = read(sent(body))
    assert (form, files) == as_django(body)


@pytest.mark.parametrize(
    "kind", [f"{MULTIPART_CONTENT}; charset=gb18030", "multipart/form-data; boundary=电"]
)
def test_another_character_set_is_left_to_django(kind: str) -> None:
    body = parts((field("what"), "电线".encode("gb18030")))
    try:
        theirs: Any = as_django(body, kind)
    except Exception as refused:  # noqa: BLE001 - whatever Django says is what is expected
        with pytest.raises(type(refused)):
            read(sent(body, kind))
    else:
        assert read(sent(body, kind)) == (*theirs, False)


def test_large_form_is_left_to_django() -> None:
    body = encode_multipart(BOUNDARY, {"what": "长" * multipart.SMALL})
    assert read(sent(body)) == ([("what", ["长" * multipart.SMALL])], [], False)


def test_django_s_limits_hold(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    assert read(sent(encode_multipart(BOUNDARY, {"a": ["1", "2", "3"]})))[2]
    with pytest.raises(TooManyFieldsSent):
        read(sent(encode_multipart(BOUNDARY, {"a": ["1", "2", "3", "4"]})))
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    with pytest.raises(RequestDataTooBig):
        read(sent(encode_multipart(BOUNDARY, {"a": ["1" * 11]})))


def test_other_forms_and_methods_are_not_touched() -> None:
    answered = MultipartMiddleware(lambda request: HttpResponse(request.POST.get("a", "-")))
    assert answered(
        RequestFactory().post("/", {"a": "1"}, content_type="application/x-www-form-urlencoded")
    ).content
    assert answered(RequestFactory().get("/?a=1")).content == b"-"
    put = sent(encode_multipart(BOUNDARY, {"a": "1"}))
    put.method = "PUT"
    assert answered(put).content == b"-"

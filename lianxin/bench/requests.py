"""Requests as a phone or a browser sends them, as bytes."""

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

HOST = "127.0.0.1"


def get(path: str, *, cookies: Mapping[str, str] | None = None) -> bytes:
    """A page asked for."""
    return _head("GET", path, {"Cookie": _cookies(cookies)} if cookies else {}) + b"\r\n"


def post_form(
    path: str,
    fields: Mapping[str, str],
    *,
    cookies: Mapping[str, str],
    photo: tuple[str, bytes] | None = None,
) -> bytes:
    """A form as its page sends it: multipart, as the form has places for files. ``photo`` is (field, content)."""
    boundary = f"----lianxin{secrets.token_hex(8)}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if photo:
        name, content = photo
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="photo.jpg"\r\n'
        parts += [head.encode(), b"Content-Type: image/jpeg\r\n\r\n", content, b"\r\n"]
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    kind = f"multipart/form-data; boundary={boundary}"
    return _with_body(path, {"Cookie": _cookies(cookies), "Content-Type": kind}, body)


def post_json(path: str, body: bytes, *, token: str) -> bytes:
    """A call of the API with a token."""
    return _with_body(path, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}, body)


def post_plain(path: str, fields: Mapping[str, str]) -> bytes:
    """An ordinary small form without a session."""
    kind = "application/x-www-form-urlencoded"
    return _with_body(path, {"Content-Type": kind}, urlencode(fields).encode())


def _with_body(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    return _head("POST", path, {**headers, "Content-Length": str(len(body))}) + b"\r\n" + body


def _head(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    usual = {
        "Host": HOST,
        "User-Agent": "lianxin-bench",
        "Accept": "text/html",
        "Accept-Encoding": "identity",
    }
    lines = [
        f"{method} {path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in (usual | dict(headers)).items()),
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _cookies(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())

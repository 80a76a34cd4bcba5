"""The clients, against a server of a few lines."""

import base64
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from lianxin.bench.client import TOKEN, is_whole, run
from lianxin.bench.requests import HOST, get, post_form, post_json

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"


class Small:
    """Answers every request the same, and remembers what it was asked."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked: list[bytes] = []
        self.listening = socket.create_server((HOST, 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                wire, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(wire,), daemon=True).start()

    def _serve(self, wire: socket.socket) -> None:
        # A client that has what it came for does not say goodbye.
        with closing(wire), suppress(ConnectionError):
            while request := wire.recv(65536):
                self.asked.append(request)
                wire.sendall(self.answer)


def job(server: Small, request: bytes, **others: object) -> dict[str, object]:
    usual = {"host": HOST, "port": server.port, "seconds": 0.2, "warm_up": 0.05, "expected": [200]}
    return usual | {"requests": [base64.b64encode(request).decode()] * 3} | others


@pytest.fixture
def server() -> Iterator[Small]:
    made = Small(OK)
    yield made
    made.listening.close()


def test_run_keeps_every_latency_and_every_status(server: Small) -> None:
    result = run(job(server, get("/")))
    assert result["statuses"] == {"200": len(result["latencies"])}
    assert result["unexpected"] == 0
    assert len(result["latencies"]) > 3
    assert all(0 < each < 5 for each in result["latencies"])


def test_run_counts_answers_that_were_not_expected(server: Small) -> None:
    result = run(job(server, get("/"), expected=[201]))
    assert result["unexpected"] == len(result["latencies"])
    assert result["sample"].startswith("HTTP/1.1 200")


def test_run_puts_a_fresh_token_into_every_request(server: Small) -> None:
    run(job(server, post_json("/x", b'{"client_token": "' + TOKEN + b'"}', token="t")))
    bodies = [request.partition(b"\r\n\r\n")[2] for request in server.asked]
    tokens = [body.split(b'"')[3].decode() for body in bodies if body]
    assert len(tokens) > 3
    assert len(set(tokens)) == len(tokens)
    assert all(uuid.UUID(token) for token in tokens)


def test_run_fails_when_the_server_goes_away(server: Small) -> None:
    server.answer = b""
    server.listening.close()
    with pytest.raises(OSError, match=r"."):
        run(job(server, get("/")))


@pytest.mark.parametrize("answer", [OK, CHUNKED, b"HTTP/1.1 204 No Content\r\n\r\n"])
def test_is_whole_says_so_at_the_last_byte_and_not_before(answer: bytes) -> None:
    assert is_whole(bytearray(answer))
    assert not any(is_whole(bytearray(answer[:end])) for end in range(len(answer)))


def test_post_form_is_multipart_with_its_photo_and_its_length() -> None:
    sent = post_form(
        "/new/", {"mode": "named"}, cookies={"a": "1", "b": "2"}, photo=("photo", b"\xff\xd8jpeg")
    )
    head, _, body = sent.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"Cookie: a=1; b=2" in head
    assert b'name="mode"\r\n\r\nnamed\r\n' in body
    assert b'filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8jpeg\r\n' in body

"""Clients in a closed loop over kept connections, in a process of their own that imports nothing but the language.

Reads one job as JSON from standard input and writes one result: every latency is kept, none is estimated.
"""

import base64
import json
import re
import selectors
import socket
import sys
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

# Where it stands in a request, a fresh UUID takes its place: of the same length, so that no length changes.
TOKEN = b"0be0be0b-e0be-40be-80be-0be0be0be0be"
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:\s*chunked", re.IGNORECASE)
PATIENCE = 30.0
CLOSED = "the server closed a kept connection"


@dataclass(slots=True)
class Wire:
    """One connection, what it asks again and again, and the answer so far."""

    socket: socket.socket
    parts: list[bytes]
    sent_at: float = 0.0
    answer: bytearray = field(default_factory=bytearray)

    def ask(self) -> None:
        """Send the request once more."""
        request = self.parts[0] if len(self.parts) == 1 else str(uuid.uuid4()).encode().join(self.parts)
        self.answer = bytearray()
        self.sent_at = time.perf_counter()
        # A request of more than the socket's buffer is rare, and the server reads it as it comes.
        self.socket.setblocking(True)
        self.socket.sendall(request)
        self.socket.setblocking(False)


def connect(host: str, port: int, request: bytes) -> Wire:
    """A kept connection that will ask this request."""
    made = socket.create_connection((host, port), timeout=PATIENCE)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Wire(made, request.split(TOKEN))


def ask_once(wire: Wire) -> bytes:
    """Ask, and wait for the whole answer."""
    wire.ask()
    wire.socket.settimeout(PATIENCE)
    while not is_whole(wire.answer):
        read = wire.socket.recv(262_144)
        if not read:
            raise ConnectionError(CLOSED)
        wire.answer += read
    return bytes(wire.answer)


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Ask for ``warm_up`` and then ``seconds``; returns latencies in seconds and what was answered."""
    wires = [connect(job["host"], job["port"], base64.b64decode(text)) for text in job["requests"]]
    chosen = selectors.DefaultSelector()
    for wire in wires:
        chosen.register(wire.socket, selectors.EVENT_READ, wire)
        wire.ask()
    tally: dict[str, int] = {}
    sample = b""
    _loop(chosen, time.perf_counter() + job["warm_up"], [], tally)
    tally.clear()
    latencies: list[float] = []
    cpu, began = time.process_time(), time.perf_counter()
    sample = _loop(chosen, began + job["seconds"], latencies, tally)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    for wire in wires:
        wire.socket.close()
    unexpected = sum(count for status, count in tally.items() if int(status) not in job["expected"])
    return {
        "latencies": latencies,
        "wall": wall,
        "client_cpu": cpu / wall,
        "statuses": tally,
        "unexpected": unexpected,
        "sample": sample[:2000].decode(errors="replace") if unexpected else "",
    }


def _loop(
    chosen: selectors.BaseSelector, until: float, latencies: list[float], tally: dict[str, int]
) -> bytes:
    """Answer-driven: whoever has been answered asks again at once. Returns the last answer."""
    last = b""
    while time.perf_counter() < until:
        ready = chosen.select(timeout=PATIENCE)
        if not ready:
            message = f"no answer within {PATIENCE:.0f} seconds"
            raise TimeoutError(message)
        for key, _ in ready:
            wire: Wire = key.data
            read = wire.socket.recv(262_144)
            if not read:
                raise ConnectionError(CLOSED)
            wire.answer += read
            if not is_whole(wire.answer):
                continue
            latencies.append(time.perf_counter() - wire.sent_at)
            status = bytes(wire.answer[9:12]).decode()
            tally[status] = tally.get(status, 0) + 1
            last = bytes(wire.answer)
            wire.ask()
    return last


def is_whole(answer: bytearray) -> bool:
    """Whether an answer has arrived to its end."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(answer[: end + 2])
    length = _LENGTH.search(head)
    if length:
        return len(answer) >= end + 4 + int(length.group(1))
    if _CHUNKED.search(head):
        return answer.endswith(b"\r\n0\r\n\r\n")
    # 204 and 304 have no body.
    return True


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)

"""Ways to a phone. A sender gets an address and a text and returns when the channel has taken the message.

Settings name them: ``NOTICE_SENDERS = {"sms": "dotted.path"}``. Without one nothing is sent and no address is kept.
"""

import hashlib
import hmac
import http.client
import json
import ssl
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

CONNECT_AND_READ_SECONDS = 10
_TOO_MANY = 429
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to the channel: ``key`` is the same at every attempt."""

    channel: str
    address: str
    text: str
    key: uuid.UUID


class Undelivered(Exception):
    """The channel did not take it. ``final``: it never will, so that trying again is no use."""

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.final = final


Sender = Callable[[Message], None]


def sender_for(channel: str) -> Sender | None:
    """The sender that settings name for a channel, if any."""
    path = senders().get(channel)
    if path is None:
        return None
    sender: Sender = import_string(path)
    return sender


def senders() -> dict[str, str]:
    """Channels and the dotted paths of their senders."""
    named: dict[str, str] = getattr(settings, "NOTICE_SENDERS", {})
    return named


def outbox(message: Message) -> None:
    """Take the message and send it nowhere: for a demonstration, which shows it in the list of messages."""
    del message


def gateway(message: Message) -> None:
    """Hand the message to an HTTP gateway: JSON by POST, signed, with a time limit, and no redirects.

    ``SMS_GATEWAY_URL`` and ``SMS_GATEWAY_SECRET`` say where and with which key. Headers: ``X-Timestamp``
    (seconds), ``Idempotency-Key``, and ``X-Signature``, the hex HMAC-SHA256 of timestamp, LF, body. Raises
    ``Undelivered``: finally for an answer of 4xx other than 408 and 429, for now in all other cases.
    """
    body = json.dumps({"to": message.address, "text": message.text}, ensure_ascii=False).encode()
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": str(message.key),
        "X-Timestamp": timestamp,
        "X-Signature": signature(body, timestamp, secret=settings.SMS_GATEWAY_SECRET),
    }
    status = _post(settings.SMS_GATEWAY_URL, body, headers)
    if not 200 <= status < 300:  # noqa: PLR2004 - the range of success
        raise Undelivered(f"http_{status}", final=400 <= status < 500 and status not in {408, _TOO_MANY})  # noqa: PLR2004


def signature(body: bytes, timestamp: str, *, secret: str) -> str:
    """What the gateway computes again to know that the message is ours and fresh."""
    return hmac.new(secret.encode(), timestamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer. Faults of the line are for now; a faulty address is for an operator, and final."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and host not in _LOOPBACK:
        raise Undelivered("gateway_not_https", final=True)
    if parts.scheme == "https":
        line: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=CONNECT_AND_READ_SECONDS, context=ssl.create_default_context()
        )
    else:
        line = http.client.HTTPConnection(host, parts.port, timeout=CONNECT_AND_READ_SECONDS)
    try:
        line.request("POST", parts.path or "/", body, headers)
        answer = line.getresponse()
        answer.read(1024)
    except (OSError, http.client.HTTPException) as fault:
        # The name of the fault only: its text may repeat what was sent.
        raise Undelivered(type(fault).__name__.lower()) from None
    else:
        return answer.status
    finally:
        line.close()

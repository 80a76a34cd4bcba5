"""Messages to phones, through a gateway that really listens."""

import http.server
import json
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.notices.delivery import MOST_ATTEMPTS, TEXT_MESSAGES, hand_over, send_waiting
from lianxin.kernel.notices.models import Notice, OutgoingMessage
from lianxin.kernel.notices.senders import Message, Undelivered, gateway, outbox, sender_for, signature
from lianxin.kernel.notices.services import announce, tell_person, tell_reporters
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.people.consents import give_consent
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.services import set_phone
from lianxin.kernel.text import Text
from tests.kernel.cases.conftest import NOON, Town, build_town, found, make_person

PHONE = "13800000000"
SECRET = "between us and the gateway"
NEWS = Text("有消息。", "There is news.")


class Gateway(http.server.ThreadingHTTPServer):
    """A gateway that remembers what it was sent and answers with the next of its statuses."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.statuses: list[int] = []
        self.received: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/send"


class Answering(http.server.BaseHTTPRequestHandler):
    """One request to the gateway."""

    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def line(settings: Settings) -> Iterator[Gateway]:
    server = Gateway()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.NOTICE_SENDERS = {"sms": "lianxin.kernel.notices.senders.gateway"}
    settings.SMS_GATEWAY_URL = server.url
    settings.SMS_GATEWAY_SECRET = SECRET
    yield server
    server.shutdown()
    server.server_close()


def reachable(person: Person | None) -> Person:
    """The person with a verified phone and the wish to be told there."""
    assert person is not None
    set_phone(person, PHONE, actor=SYSTEM, at=NOON, verified=True)
    give_consent(person, TEXT_MESSAGES, wording="请短信告诉我", actor=SYSTEM, at=NOON)
    return person


def states() -> list[str]:
    with scope.use(scope.EVERYTHING):
        return list(OutgoingMessage.objects.order_by("id").values_list("state", flat=True))


def message(line: Gateway) -> Message:
    del line
    return Message("sms", PHONE, "有消息", uuid.uuid4())


def test_the_gateway_gets_a_signed_message(line: Gateway) -> None:
    sent = message(line)
    gateway(sent)
    ((headers, body),) = line.received
    assert json.loads(body) == {"to": PHONE, "text": "有消息"}
    assert headers["X-Signature"] == signature(body, headers["X-Timestamp"], secret=SECRET)
    assert headers["X-Signature"] != signature(body + b" ", headers["X-Timestamp"], secret=SECRET)
    assert headers["Idempotency-Key"] == str(sent.key)


@pytest.mark.parametrize(
    ("status", "final"), [(400, True), (403, True), (302, False), (408, False), (429, False), (503, False)]
)
def test_the_gateway_refuses(line: Gateway, status: int, *, final: bool) -> None:
    line.statuses = [status]
    with pytest.raises(Undelivered) as refused:
        gateway(message(line))
    assert (refused.value.code, refused.value.final) == (f"http_{status}", final)
    assert len(line.received) == 1


def test_a_line_that_is_down_is_for_now(line: Gateway, settings: Settings) -> None:
    settings.SMS_GATEWAY_URL = "http://127.0.0.1:1/"
    with pytest.raises(Undelivered) as refused:
        gateway(message(line))
    assert (refused.value.code, refused.value.final) == ("connectionrefusederror", False)


def test_a_gateway_elsewhere_has_to_be_https(line: Gateway, settings: Settings) -> None:
    settings.SMS_GATEWAY_URL = "http://gateway.example/send"
    with pytest.raises(Undelivered) as refused:
        gateway(message(line))
    assert (refused.value.code, refused.value.final) == ("gateway_not_https", True)
    assert line.received == []


def test_who_asked_for_messages_gets_one_that_says_where_to_look(
    town: Town, case: Case, line: Gateway
) -> None:
    reachable(town.finder.person)
    tell_reporters(case, text=NEWS, at=NOON)
    assert hand_over(at=NOON) == 1
    assert send_waiting(at=NOON) == 1
    ((_, body),) = line.received
    assert json.loads(body) == {"to": PHONE, "text": f"【连心】办件 {case.number} 有新消息，请登录连心查看。"}
    assert states() == ["sent"]


def test_nothing_is_handed_over_twice(town: Town, line: Gateway) -> None:
    tell_person(reachable(town.finder.person), text=NEWS, at=NOON)
    assert (hand_over(at=NOON), hand_over(at=NOON)) == (1, 0)
    assert (send_waiting(at=NOON), send_waiting(at=NOON)) == (1, 0)
    assert len(line.received) == 1


@pytest.mark.parametrize("lacking", ["consent", "verified phone", "name"])
def test_nobody_is_sent_what_they_did_not_ask_for(town: Town, line: Gateway, lacking: str) -> None:
    assert town.finder.person is not None
    if lacking == "consent":
        set_phone(town.finder.person, PHONE, actor=SYSTEM, at=NOON, verified=True)
    elif lacking == "verified phone":
        give_consent(town.finder.person, TEXT_MESSAGES, wording="是", actor=SYSTEM, at=NOON)
    else:
        reachable(town.finder.person)
    opened = found(town, mode="confidential" if lacking == "name" else "named")
    tell_reporters(opened.case, text=NEWS, at=NOON)
    assert hand_over(at=NOON) == 0
    assert line.received == []


def test_without_a_channel_no_address_is_written(town: Town, settings: Settings) -> None:
    settings.NOTICE_SENDERS = {}
    tell_person(reachable(town.finder.person), text=NEWS, at=NOON)
    assert hand_over(at=NOON) == 0
    assert states() == []


def test_old_news_is_not_sent_when_a_channel_comes(town: Town, line: Gateway) -> None:
    tell_person(reachable(town.finder.person), text=NEWS, at=NOON)
    assert hand_over(at=NOON + timedelta(days=1)) == 0
    assert hand_over(at=NOON) == 0
    assert line.received == []


def waiting(town: Town) -> OutgoingMessage:
    tell_person(reachable(town.finder.person), text=NEWS, at=NOON)
    hand_over(at=NOON)
    with scope.use(scope.EVERYTHING):
        return OutgoingMessage.objects.get()


def test_the_address_is_sealed_while_it_waits_and_gone_afterwards(town: Town, line: Gateway) -> None:
    message = waiting(town)
    assert message.address is not None
    assert PHONE.encode() not in bytes(message.address)
    send_waiting(at=NOON)
    with scope.use(scope.EVERYTHING):
        sent = OutgoingMessage.objects.get(pk=message.pk)
    assert (sent.state, sent.address, sent.next_at, sent.sent_at) == ("sent", None, None, NOON)
    assert len(line.received) == 1


def test_a_failed_try_waits_longer_each_time_under_the_same_key(town: Town, line: Gateway) -> None:
    waiting(town)
    line.statuses = [503, 503]
    assert send_waiting(at=NOON) == 0
    assert send_waiting(at=NOON + timedelta(seconds=29)) == 0
    assert send_waiting(at=NOON + timedelta(seconds=30)) == 0
    assert send_waiting(at=NOON + timedelta(seconds=149)) == 0
    assert send_waiting(at=NOON + timedelta(seconds=150)) == 1
    assert len({headers["Idempotency-Key"] for headers, _ in line.received}) == 1
    assert len(line.received) == 3


def test_after_the_last_try_it_is_given_up_and_the_address_goes(town: Town, line: Gateway) -> None:
    message = waiting(town)
    line.statuses = [503] * MOST_ATTEMPTS
    for day in range(MOST_ATTEMPTS + 2):
        send_waiting(at=NOON + timedelta(days=day))
    with scope.use(scope.EVERYTHING):
        message.refresh_from_db()
    assert (message.state, message.fault, message.address) == ("failed", "http_503", None)
    assert len(line.received) == MOST_ATTEMPTS


def test_an_address_that_cannot_be_opened_is_given_up_at_once(town: Town, line: Gateway) -> None:
    message = waiting(town)
    with scope.use(scope.EVERYTHING):
        OutgoingMessage.objects.filter(pk=message.pk).update(key=uuid.uuid4())
    assert send_waiting(at=NOON) == 0
    with scope.use(scope.EVERYTHING):
        assert OutgoingMessage.objects.get().fault == "address_unreadable"
    assert line.received == []


def test_a_final_refusal_is_given_up_at_once(town: Town, line: Gateway) -> None:
    waiting(town)
    line.statuses = [400]
    send_waiting(at=NOON)
    assert states() == ["failed"]


def test_those_in_an_office_are_each_sent_one(town: Town, line: Gateway) -> None:
    """An overdue case goes to the phones of the office above, not to those of the neighbours."""
    reachable(town.county_officer.person)
    announce(town.county, text=NEWS, actor=SYSTEM, at=NOON)
    assert hand_over(at=NOON) == 1
    assert line.received == []


def test_the_outbox_takes_everything_and_sends_nothing(settings: Settings) -> None:
    settings.NOTICE_SENDERS = {"sms": "lianxin.kernel.notices.senders.outbox"}
    assert sender_for("sms") is outbox
    assert sender_for("push") is None
    outbox(Message("sms", PHONE, "x", uuid.uuid4()))


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_message_once(line: Gateway) -> None:
    town = build_town()
    person = reachable(make_person("收信人"))
    for _ in range(12):
        tell_person(person, text=NEWS, at=NOON)
    del town
    written: list[int] = []

    def worker() -> None:
        try:
            written.append(hand_over(at=NOON))
            send_waiting(at=NOON)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    send_waiting(at=NOON)
    assert sum(written) == 12
    assert states() == ["sent"] * 12
    assert len({headers["Idempotency-Key"] for headers, _ in line.received}) == len(line.received) == 12
    with scope.use(scope.EVERYTHING):
        assert not Notice.objects.filter(handed_at=None, kind="announced").exists()

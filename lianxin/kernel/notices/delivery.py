"""From notices to phones, off the hot path: who asked for messages gets one that says "look in Lianxin"."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from lianxin.kernel import crypto, scope
from lianxin.kernel.notices import senders
from lianxin.kernel.notices.kinds import pushed_kinds
from lianxin.kernel.notices.models import Notice, OutgoingMessage
from lianxin.kernel.notices.senders import Message, Undelivered
from lianxin.kernel.people.consents import has_consent
from lianxin.kernel.people.models import Person, Role
from lianxin.kernel.people.sealed import open_fact
from lianxin.kernel.text import Text

# The person's own wish; taken back in their settings at any time.
TEXT_MESSAGES = "text_messages"
SMS = "sms"
MOST_ATTEMPTS = 6
_OLD = timedelta(days=1)
_FIRST_PAUSE = timedelta(seconds=30)
_PURPOSE = "outgoing"
_BATCH = 200
_LOOK = Text(
    "【连心】{about}有新消息，请登录连心查看。",
    "[Lianxin] There is news about {about}: please look in Lianxin.",
)


def hand_over(*, at: datetime, limit: int = 2000) -> int:
    """Write the messages for notices that also go to phones; several workers share them. Returns how many.

    What is old news by then, or has no channel, is passed over for good: a gateway that is set up one day does
    not tell of the year before.
    """
    written = 0
    for _ in range(0, limit, _BATCH):
        with scope.act():
            notices = list(
                Notice.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(kind__in=pushed_kinds(), handed_at=None)
                .select_related("case", "person")
                .order_by("id")[:_BATCH]
            )
            news = (
                [notice for notice in notices if notice.created_at > at - _OLD] if senders.senders() else []
            )
            messages = [_message(notice, phone, at) for notice in news for phone in _phones(notice, at)]
            OutgoingMessage.objects.bulk_create(messages)
            Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(handed_at=at)
            written += len(messages)
        if len(notices) < _BATCH:
            break
    return written


def send_waiting(*, at: datetime, limit: int = 500) -> int:
    """Send what is due; returns how many the channel took.

    Each attempt is noted before it is made: a worker that dies in the middle leaves a message that waits for
    its next turn, under the same key, instead of one that is lost or sent in a circle.
    """
    sent = 0
    with scope.use(scope.EVERYTHING):
        for _ in range(limit):
            message = _take(at)
            if message is None:
                break
            sent += _send(message, at)
    return sent


def _take(at: datetime) -> OutgoingMessage | None:
    with scope.act():
        message = (
            OutgoingMessage.objects.select_for_update(skip_locked=True)
            .filter(state=OutgoingMessage.State.WAITING, next_at__lte=at)
            .order_by("next_at", "id")
            .first()
        )
        if message is None:
            return None
        message.attempts += 1
        message.next_at = at + _FIRST_PAUSE * 4 ** (message.attempts - 1)
        message.save(update_fields=["attempts", "next_at"])
        return message


def _send(message: OutgoingMessage, at: datetime) -> bool:
    why = _attempt(message)
    if why is None:
        _end(message, OutgoingMessage.State.SENT, sent_at=at)
    elif why.final or message.attempts >= MOST_ATTEMPTS:
        _end(message, OutgoingMessage.State.FAILED, fault=why.code)
    else:
        OutgoingMessage.objects.filter(pk=message.pk).update(fault=why.code[:60])
    return why is None


def _attempt(message: OutgoingMessage) -> Undelivered | None:
    """Why the channel did not take it, if it did not."""
    sender = senders.sender_for(message.channel)
    if sender is None:
        return Undelivered("no_sender", final=True)
    try:
        address = crypto.unseal(bytes(message.address or b""), purpose=_PURPOSE, aad=str(message.key))
        sender(Message(message.channel, address.decode(), message.text, message.key))
    except crypto.CannotOpen:
        return Undelivered("address_unreadable", final=True)
    except Undelivered as why:
        return why
    return None


def _end(message: OutgoingMessage, state: str, *, fault: str = "", sent_at: datetime | None = None) -> None:
    """The address goes with the last attempt."""
    OutgoingMessage.objects.filter(pk=message.pk, state=OutgoingMessage.State.WAITING).update(
        state=state, fault=fault[:60], sent_at=sent_at, address=None, next_at=None
    )


def _message(notice: Notice, phone: str, at: datetime) -> OutgoingMessage:
    key = uuid.uuid4()
    about = (
        Text("办件 {number} ", "case {number}").format(number=notice.case.number)
        if notice.case
        else Text("您", "your work")
    )
    return OutgoingMessage(
        channel=SMS,
        notice=notice,
        address=crypto.seal(phone, purpose=_PURPOSE, aad=str(key)),
        text=_LOOK.format(about=about).zh,
        key=key,
        next_at=at,
        created_at=at,
    )


def _phones(notice: Notice, at: datetime) -> Iterator[str]:
    """The verified phones of those addressed who asked for messages. Who is not named has no phone here."""
    for person in _people(notice):
        if person.phone_verified_at and has_consent(person, TEXT_MESSAGES, at):
            phone = open_fact(person, "phone")
            if phone:
                yield phone


def _people(notice: Notice) -> list[Person]:
    if notice.person:
        return [notice.person]
    if notice.organization_id is None:
        return []
    roles = Role.objects.filter(organization_id=notice.organization_id, ended_at=None).select_related(
        "person"
    )
    if notice.role:
        roles = roles.filter(kind=notice.role)
    return list({role.person_id: role.person for role in roles}.values())

"""The way a sign-in code takes to its phone: a sender that notices registers, or the demonstration's outbox."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from lianxin.kernel import clock
from lianxin.kernel.people.models import DemoMessage
from lianxin.kernel.people.numbers import mask_phone
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text

# Given the phone number and the code, both in plain: they go no further than the channel.
Sender = Callable[[str, str], None]
_senders: list[Sender] = []


def register_sender(sender: Sender) -> None:
    """Let this function send codes from now on, in the place of any before it."""
    _senders[:] = [sender]


def send_code(phone: str, code: str) -> None:
    """Hand a code to whoever sends; raises ``Refused("codes_cannot_be_sent")`` where nobody can."""
    if _senders:
        _senders[0](phone, code)
    elif shows_codes():
        _show(phone, code)
    else:
        raise Refused(
            "codes_cannot_be_sent",
            Text(
                "短信通道未配置，无法发送验证码。",
                "No text-message channel is set up, so no code can be sent.",
            ),
        )


def shows_codes() -> bool:
    """Whether codes are shown on a page instead of being sent: a demonstration, on this machine alone."""
    return bool(settings.DEBUG or settings.DEMO)


def shown_codes(limit: int = 10) -> list[DemoMessage]:
    """The last codes, newest first; none outside a demonstration."""
    return list(DemoMessage.objects.order_by("-id")[:limit]) if shows_codes() else []


def forget_shown_codes(*, before: datetime) -> int:
    """Delete what a demonstration showed before a moment; the number deleted."""
    return DemoMessage.objects.filter(at__lt=before).delete()[0]


def _show(phone: str, code: str) -> None:
    DemoMessage.objects.create(phone_masked=mask_phone(phone), text=code, at=clock.now())


@register(Tags.security, deploy=True)
def check_sender(app_configs: Sequence[Any] | None, **_options: Any) -> list[CheckMessage]:
    """Workers sign in by code: a deployment that cannot send one is broken."""
    del app_configs
    if _senders or shows_codes():
        return []
    return [Error("No channel sends sign-in codes.", hint="Set up a text-message channel.", id="people.E001")]

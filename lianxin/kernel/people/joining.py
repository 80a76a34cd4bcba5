"""A worker joins by themselves: a number, the code sent there, a yes to the processing; then person and account.

A number that is known already is sent its code like any other, and the right code signs its owner in: nobody learns
from the answers who is enrolled.
"""

from datetime import datetime

from lianxin.kernel import scope
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people import messages
from lianxin.kernel.people.actors import NOBODY, Actor, ActorKind
from lianxin.kernel.people.consents import give_consent
from lianxin.kernel.people.models import Account, Person
from lianxin.kernel.people.numbers import phone_number
from lianxin.kernel.people.sealed import find_by, open_fact
from lianxin.kernel.people.services import create_account, enrol_person, set_phone
from lianxin.kernel.people.signin import HOUR, limit_codes, new_code
from lianxin.kernel.people.throttles import throttle_by
from lianxin.kernel.refusals import Conflict, NotAllowed
from lianxin.kernel.text import Text

# The purpose under which the yes is kept.
PURPOSE = "account"
WORDING = Text(
    "我同意工会为登录、办理和答复我提出的事项、寄发通知而保存我的姓名、手机号和所在单位。"
    "手机号加密保存，谁查看都留痕；我可以随时撤回同意并要求删除。",
    "I agree that the union keeps my name, phone number and employer to sign me in, to work on and answer what I"
    " raise, and to notify me. The number is stored encrypted and whoever looks at it leaves a trace; I may take this"
    " back at any time and ask for deletion.",
)
_RACES = {"phone_taken", "has_account"}


def send_joining_code(phone: str, *, source: str, at: datetime) -> str:
    """Send a code to a number, known or not, and return it for the browser's own session.

    ``source`` is the address it was asked from, kept as a hash. Raises ``Refused("phone_invalid")``, ``TooMany`` by
    address or number, and ``Refused("codes_cannot_be_sent")``. Call it outside a transaction.
    """
    phone = phone_number(phone)
    throttle_by("people.joins_per_hour", f"join:{source}", default=30, window_seconds=HOUR, at=at)
    limit_codes(phone, at)
    code = new_code()
    messages.send_code(phone, code)
    return code


def count_joining_try(phone: str, *, at: datetime) -> None:
    """Count a code tried for a number; raises ``TooMany``. Many browsers at once gain nothing."""
    throttle_by("people.code_tries_per_hour", f"join-code:{phone}", default=12, window_seconds=HOUR, at=at)


def join(
    phone: str,
    *,
    name: str,
    organization: Organization | None,
    wording: str,
    request_id: str = "",
    at: datetime,
) -> Account:
    """The account of whoever proved this number just now: made, or found where the number is known.

    ``wording`` is the consent as it was shown. Raises like ``enrol_person``, and ``NotAllowed("account_closed")``.
    """
    phone = phone_number(phone)
    for last in (False, True):
        try:
            with scope.act():
                person = find_by("phone", phone) or enrol_person(
                    name,
                    organization=organization,
                    phone=phone,
                    actor=Actor(NOBODY.kind, request_id=request_id),
                    at=at,
                )
                return _let_in(
                    person, Actor(ActorKind.PERSON, person=person, request_id=request_id), wording, at
                )
        except Conflict as conflict:
            # The same number came twice at once; the code proved both to be the same person.
            if last or conflict.code not in _RACES:
                raise
    raise AssertionError


def _let_in(person: Person, me: Actor, wording: str, at: datetime) -> Account:
    account = Account.objects.filter(person=person).first()
    if account is not None and not account.is_active:
        raise NotAllowed(
            "account_closed",
            Text("该账号已停用，请联系本单位工会。", "This account is closed. Ask your union."),
        )
    if person.phone_verified_at is None:
        set_phone(person, open_fact(person, "phone"), actor=me, at=at, verified=True)
    give_consent(person, PURPOSE, wording=wording, actor=me, at=at)
    return account or create_account(person, actor=me, at=at)

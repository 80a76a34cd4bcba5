"""The first password of an office, and the one after a forgotten password: by a code that another person hands over.

A phone number can be taken over, so a code sent to it never leads into an office. An administrator issues a set-up
code and hands it over in person; with it, signed in by phone, its owner sets a password and then a second factor. So
neither a stolen number nor an administrator alone comes into somebody's office.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from lianxin.kernel import crypto, scope
from lianxin.kernel.clock import day_of
from lianxin.kernel.people.actors import Actor, ActorKind
from lianxin.kernel.people.models import Account, Person, Role, SetupCode, Token
from lianxin.kernel.people.roles import ADMINISTRATOR, role_kind
from lianxin.kernel.people.services import create_account, tell_log
from lianxin.kernel.people.throttles import throttle_by
from lianxin.kernel.reference.queries import parameter
from lianxin.kernel.refusals import Conflict, NotAllowed, Refused
from lianxin.kernel.text import Text

# Without letters and digits that look alike: 12 of 32 characters are 60 bits.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH, GROUP = 12, 4
QUARTER = 900


def may_issue_setup_code(actor: Actor, person: Person) -> None:
    """Raise ``NotAllowed`` unless the actor is the system, or administrator over every office that the person holds.

    Nobody issues one to themselves, and none goes to whoever holds no office: workers need no password.
    """
    offices = [
        role
        for role in Role.objects.filter(person=person, ended_at=None).select_related("organization")
        if role_kind(role.kind).staff
    ]
    if not offices:
        raise NotAllowed(
            "no_office",
            Text(
                "此人没有岗位，用手机验证码登录即可。",
                "They hold no office: a code to their phone signs them in.",
            ),
        )
    if actor.kind is ActorKind.SYSTEM:
        return
    if actor.person is not None and actor.person.pk == person.pk:
        raise NotAllowed(
            "not_oneself", Text("不能给自己发开通码。", "Nobody issues a set-up code to themselves.")
        )
    if not all(actor.role_for((ADMINISTRATOR,), role.organization.jurisdiction_path) for role in offices):
        raise NotAllowed(
            "wrong_role",
            Text(
                "须由管得到此人全部岗位的系统管理员发放。",
                "This takes an administrator over every office that they hold.",
            ),
        )


def issue_setup_code(
    person: Person, *, actor: Actor, at: datetime, client_token: UUID | None = None
) -> tuple[SetupCode, str]:
    """A new code for somebody in an office, and its characters, which are kept nowhere; earlier ones are void.

    Their password, second factor, sessions and API keys end with it: whoever asks for a code has lost them, or never
    had any. Raises like :func:`may_issue_setup_code`; ``Conflict("shown_before")`` for a form that was sent before,
    as by a reload, which would make void what was handed over a moment ago.
    """
    with scope.act():
        fresh = Person.objects.select_for_update().get(pk=person.pk)
        may_issue_setup_code(actor, fresh)
        if client_token and SetupCode.objects.filter(person=fresh, client_token=client_token).exists():
            raise Conflict(
                "shown_before",
                Text(
                    "这个开通码已显示过，仍然有效。没记下的，请在下面重新发一个。",
                    "This code has been shown and still holds. If it was not written down, issue another below.",
                ),
            )
        account = Account.objects.filter(person=fresh).first() or create_account(fresh, actor=actor, at=at)
        _begin_anew(account)
        Token.objects.filter(person=fresh, revoked_at=None).update(revoked_at=at)
        _open(fresh).update(revoked_at=at)
        secret = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        hours = int(parameter("people.setup_code_hours", region=None, on=day_of(at), default=72))
        code = SetupCode.objects.create(
            person=fresh,
            digest=_digests(fresh, secret)[-1],
            issued_by=actor.person,
            client_token=client_token,
            created_at=at,
            expires_at=at + timedelta(hours=hours),
        )
        tell_log(fresh, "issue_setup_code", actor, at, after={"expires_at": code.expires_at.isoformat()})
    return code, "-".join(secret[i : i + GROUP] for i in range(0, LENGTH, GROUP))


def set_up_password(account: Account, *, code: str, password: str, actor: Actor, at: datetime) -> Account:
    """Set the password of one's own account with a code that was handed over.

    Raises ``Refused`` on ``password``; ``Refused("setup_code_wrong")`` alike on ``code`` for a wrong one, one used
    before, one past its time and one of somebody else; ``TooMany`` after some tries. Call it outside a transaction.
    """
    person = actor.person
    if person is None or account.person_id != person.pk:
        raise NotAllowed("not_oneself", Text("只能设置自己的密码。", "You set your own password only."))
    throttle_by("people.setup_tries", f"setup:{person.pk}", default=5, window_seconds=QUARTER, at=at)
    _check_password(password, account)
    with scope.act():
        # One of two at once finds it open.
        if not _open(person).filter(digest__in=_digests(person, code), expires_at__gt=at).update(used_at=at):
            raise Refused(
                "setup_code_wrong",
                Text(
                    "开通码不对、已用过或已过期。请核对；仍不行就请管理员重新发一个。",
                    "This code is wrong, was used before or is past its time. Compare it; if it still fails, ask your"
                    " administrator for another.",
                ),
                field="code",
            )
        fresh = Account.objects.select_for_update().get(pk=account.pk)
        _begin_anew(fresh, but_sessions=True)
        fresh.set_password(password)
        fresh.save(update_fields=["password"])
        tell_log(person, "set_up_password", actor, at)
    return fresh


def _check_password(password: str, account: Account) -> None:
    try:
        validate_password(password, account)
    except ValidationError as fault:
        words = " ".join(fault.messages)
        raise Refused("password_invalid", Text(words, words), field="password") from None


def _begin_anew(account: Account, *, but_sessions: bool = False) -> None:
    """Whatever was set up before, by whomever, opens nothing any more."""
    Authenticator.objects.filter(user=account).delete()
    if but_sessions:
        return
    for session in UserSession.objects.filter(user=account):
        session.end()
    account.set_unusable_password()
    account.save(update_fields=["password"])


def _open(person: Person) -> QuerySet[SetupCode]:
    return SetupCode.objects.filter(person=person, used_at=None, revoked_at=None)


def _digests(person: Person, secret: str) -> list[bytes]:
    """Under a key of the ring, and bound to the person: whoever has the database alone cannot try codes against it."""
    plain = "".join(character for character in secret.upper() if character in ALPHABET)
    return crypto.blinds(f"{person.pk}:{plain}", purpose="setup-code")

"""Where a person is signed in, and how to end it."""

from datetime import datetime

from allauth.usersessions.models import UserSession

from lianxin.kernel.audit.services import record
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import Account
from lianxin.kernel.refusals import NotFound
from lianxin.kernel.text import Text


def sessions_of(account: Account) -> list[UserSession]:
    """The living sessions of an account, the latest used first."""
    living = UserSession.objects.purge_and_list(account)
    return sorted(living, key=lambda session: session.last_seen_at, reverse=True)


def end_session(account: Account, session_pk: int, *, actor: Actor, at: datetime) -> None:
    """Sign a device out; raises ``NotFound`` for a session that is not this account's."""
    session = UserSession.objects.filter(user=account, pk=session_pk).first()
    if session is None:
        raise NotFound("no_session", Text("没有这个登录。", "There is no such session."))
    session.end()
    record(
        "person.end_session",
        stream=f"person:{account.person_id}",
        actor=actor.label,
        at=at,
        request_id=actor.request_id,
    )


def end_all_sessions(account: Account, *, actor: Actor, at: datetime) -> int:
    """Sign every device out, as after a lost phone; the number of sessions ended."""
    living = sessions_of(account)
    for session in living:
        end_session(account, session.pk, actor=actor, at=at)
    return len(living)

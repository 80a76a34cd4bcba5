"""Keys to the API for a person or a partner system: shown once, kept as a digest, scoped, revocable."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.clock import day_of
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor, ActorKind, actor_for
from lianxin.kernel.people.entering import enter_as
from lianxin.kernel.people.models import Person, Token
from lianxin.kernel.prepared import run
from lianxin.kernel.refusals import Conflict, NotAllowed
from lianxin.kernel.statements import columns_of, instance
from lianxin.kernel.text import Text

PREFIX = "lx_"
SHOWN = 10


def create_token(
    name: str,
    *,
    person: Person | None = None,
    organization: Organization | None = None,
    scopes: Iterable[str],
    actor: Actor,
    at: datetime,
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """A token of a person or of a partner, and its secret, which is kept nowhere.

    Raises ``ValueError`` unless it belongs to exactly one of the two, and ``NotAllowed("second_factor_first")`` for
    somebody in an office whose session has not passed the second factor: a token would go round it.
    """
    if (person is None) == (organization is None):
        message = "a token belongs to a person or to an organization"
        raise ValueError(message)
    if person is not None and actor.kind is ActorKind.PERSON and not actor.is_staff:
        _check_no_office(person)
    secret = PREFIX + secrets.token_urlsafe(32)
    with scope.act():
        token = Token.objects.create(
            name=name,
            person=person,
            organization=organization,
            digest=_digest(secret),
            prefix=secret[:SHOWN],
            scopes=sorted(set(scopes)),
            created_at=at,
            expires_at=expires_at,
        )
        _log(token, "create", actor, at)
    return token, secret


def revoke_token(token: Token, *, actor: Actor, at: datetime) -> Token:
    """End a token at once; raises ``Conflict("revoked")`` when that was done before."""
    with scope.act():
        if not Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
            raise Conflict("revoked", Text("该令牌已被撤销。", "This token was revoked before."))
        token.revoked_at = at
        _log(token, "revoke", actor, at)
    return token


def actor_for_token(secret: str, *, at: datetime, request_id: str = "") -> Actor:
    """Who acts with this token: within the offices that its owner held when it was made, and holds still.

    An office that came later was proved by no second factor when the token was made. Raises
    ``NotAllowed("token_invalid")`` for any that does not hold, without saying why. Leaves the connection under the
    owner's own scope, as :func:`enter_as` does: what their offices open has to be entered next.
    """
    found = run(_held(), [_digest(secret), at])
    if not found:
        raise _invalid()
    token = instance(Token, found[0])
    if token.last_used_on != day_of(at):
        Token.objects.filter(pk=token.pk).update(last_used_on=day_of(at))
    scopes = frozenset(token.scopes)
    if token.person_id is None:
        return Actor(
            ActorKind.PARTNER, partner=str(token.organization_id), request_id=request_id, token_scopes=scopes
        )
    whole = enter_as(token.person_id, request_id=request_id)
    if whole is None:
        raise _invalid()
    then = tuple(role for role in whole.roles if role.granted_at <= token.created_at)
    return replace(whole, roles=then, token_scopes=scopes)


@cache
def _held() -> str:
    return f"""SELECT {columns_of(Token, "t")} FROM people_token t
WHERE t.digest = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)"""  # noqa: S608 - the model's own names


def _invalid() -> NotAllowed:
    return NotAllowed("token_invalid", Text("令牌无效或已过期。", "The token is not valid, or no longer."))


def _check_no_office(person: Person) -> None:
    with scope.use(scope.EVERYTHING):
        holds = actor_for(person).is_staff
    if holds:
        raise NotAllowed(
            "second_factor_first",
            Text(
                "您有岗位，须先通过密码和第二步验证才能生成密钥。",
                "You hold an office: pass the password and the second factor before you make a key.",
            ),
        )


def _digest(secret: str) -> bytes:
    # The secret is 256 random bits: a plain hash is enough, and finds the row by index.
    return hashlib.sha256(secret.encode()).digest()


def _log(token: Token, deed: str, actor: Actor, at: datetime) -> None:
    owner = f"person:{token.person_id}" if token.person_id else f"organization:{token.organization_id}"
    record(
        f"token.{deed}",
        stream=owner,
        actor=actor.label,
        at=at,
        after={"token": token.pk, "prefix": token.prefix, "scopes": token.scopes},
        request_id=actor.request_id,
    )

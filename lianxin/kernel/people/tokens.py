"""Keys to the API for a person or a partner system: shown once, kept as a digest, scoped, revocable."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.clock import day_of
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor, ActorKind, actor_for
from lianxin.kernel.people.models import Person, Token
from lianxin.kernel.refusals import Conflict, NotAllowed
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
    ``NotAllowed("token_invalid")`` for any that does not hold, without saying why.
    """
    token = (
        Token.objects.filter(digest=_digest(secret), revoked_at=None)
        .filter(Q(expires_at=None) | Q(expires_at__gt=at))
        .first()
    )
    if token is None:
        raise NotAllowed("token_invalid", Text("令牌无效或已过期。", "The token is not valid, or no longer."))
    if token.last_used_on != day_of(at):
        Token.objects.filter(pk=token.pk).update(last_used_on=day_of(at))
    scopes = frozenset(token.scopes)
    if token.person_id is None:
        return Actor(
            ActorKind.PARTNER, partner=str(token.organization_id), request_id=request_id, token_scopes=scopes
        )
    with scope.use(scope.Scope(me=token.person_id)):
        person = Person.objects.get(pk=token.person_id)
    whole = actor_for(person, request_id=request_id)
    then = tuple(role for role in whole.roles if role.granted_at <= token.created_at)
    return replace(whole, roles=then, token_scopes=scopes)


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

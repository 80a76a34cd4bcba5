"""Who calls: a token's owner, the holder of a receipt code, or nobody."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.following import follow_receipt
from lianxin.kernel.people.actors import NOBODY, Actor, receipt_holder
from lianxin.kernel.people.addresses import source_of
from lianxin.kernel.people.tokens import actor_for_token
from lianxin.kernel.refusals import NotAllowed
from lianxin.kernel.text import Text

RECEIPT_HEADER = "X-Receipt-Code"
SCOPES = {
    "cases:open": Text("提交", "open cases"),
    "cases:read": Text("查看办件", "read cases"),
    "cases:perform": Text("办理", "perform steps"),
    "queue:read": Text("查看待办", "read the queue"),
    "figures:read": Text("查看内部数据", "read internal figures"),
}


class Caller(HttpBearer):
    """Finds the actor behind ``Authorization: Bearer …`` or a receipt code, and sets the scope for it.

    A session cookie is not asked: what a page's reader may do needs a page's protection against forged requests.
    """

    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Actor:
        """The actor; calls without a token go on as nobody, and each operation says what it needs."""
        header = request.headers.get("Authorization", "")
        word, _, secret = header.partition(" ")
        if header and word.lower() == self.openapi_scheme:
            return self.authenticate(request, secret.strip())
        return self._without_token(request)

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """The token's owner; raises ``NotAllowed("token_invalid")``."""
        return self._enter(request, actor_for_token(token, at=clock.now(), request_id=_request_id(request)))

    def _without_token(self, request: HttpRequest) -> Actor:
        code = request.headers.get(RECEIPT_HEADER)
        if not code:
            return self._enter(request, NOBODY)
        reporter = follow_receipt(code, source=source_of(request), at=clock.now())
        holder = receipt_holder(reporter.case_id, position=reporter.position, request_id=_request_id(request))
        return self._enter(request, holder)

    def _enter(self, request: HttpRequest, actor: Actor) -> Actor:
        scope.enter(actor.scope)
        request.actor = actor  # type: ignore[attr-defined]
        return actor


def caller(request: HttpRequest, needs: str) -> Actor:
    """The actor, if their token allows this; raises ``NotAllowed("scope_missing")`` otherwise."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    if actor.token_scopes is not None and needs not in actor.token_scopes:
        raise NotAllowed(
            "scope_missing",
            Text("令牌没有“{needs}”权限。", "The token lacks the scope “{needs}”.").format(needs=needs),
        )
    return actor


def _request_id(request: HttpRequest) -> str:
    actor = getattr(request, "actor", NOBODY)
    return str(actor.request_id)

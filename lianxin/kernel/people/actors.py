"""Who acts and who looks: one value for both, so that a rule never asks where a request came from."""

from dataclasses import dataclass
from enum import StrEnum

from lianxin.kernel.crypto import reporter_key
from lianxin.kernel.people.models import Person, Role
from lianxin.kernel.people.roles import RoleKind, role_kind
from lianxin.kernel.scope import EVERYTHING, Scope


class ActorKind(StrEnum):
    """What stands behind the act."""

    PERSON = "person"
    RECEIPT = "receipt"
    PARTNER = "partner"
    SYSTEM = "system"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with the roles they hold now; or the holder of a receipt code; or the system itself.

    ``token_scopes`` narrows what an API token may do; ``None`` means no token is involved.
    """

    kind: ActorKind
    person: Person | None = None
    roles: tuple[Role, ...] = ()
    case_id: int | None = None
    request_id: str = ""
    token_scopes: frozenset[str] | None = None
    partner: str = ""

    @property
    def label(self) -> str:
        """How the log names the actor: never a name, a phone or a number of somebody's card."""
        if self.kind is ActorKind.PERSON and self.person is not None:
            return f"person:{self.person.pk}"
        if self.kind is ActorKind.PARTNER:
            return f"partner:{self.partner}"
        return {"receipt": "reporter", "system": "system"}.get(self.kind, "anonymous")

    @property
    def person_key(self) -> str:
        """The blind key under which this person's confidential cases are found; empty for nobody."""
        return reporter_key(self.person.pk) if self.person else ""

    @property
    def scope(self) -> Scope:
        """What row-level security lets this actor see."""
        if self.kind is ActorKind.SYSTEM:
            return EVERYTHING
        wide = tuple(sorted({r.scope_path for r in self.roles if not role_kind(r.kind).narrow}))
        narrow = tuple(sorted({r.scope_path for r in self.roles if role_kind(r.kind).narrow}))
        me = self.person.pk if self.person else None
        return Scope(wide=wide, narrow=narrow, person=self.person_key, me=me, case=self.case_id)

    @property
    def is_staff(self) -> bool:
        """Whether any role asks for a password and a second factor."""
        return any(role_kind(role.kind).staff for role in self.roles)

    def role_for(self, kinds: tuple[RoleKind, ...], path: str) -> Role | None:
        """The role of one of these kinds that covers this organization path, the nearest one first."""
        codes = {kind.code for kind in kinds}
        fitting = [r for r in self.roles if r.kind in codes and path.startswith(r.scope_path)]
        return max(fitting, key=lambda role: len(role.scope_path), default=None)


SYSTEM = Actor(ActorKind.SYSTEM)
NOBODY = Actor(ActorKind.NOBODY)


def actor_for(person: Person, *, request_id: str = "") -> Actor:
    """The person with the roles they hold now."""
    roles = tuple(Role.objects.filter(person=person, ended_at=None).select_related("organization"))
    return Actor(ActorKind.PERSON, person=person, roles=roles, request_id=request_id)


def receipt_holder(case_id: int, *, request_id: str = "") -> Actor:
    """Whoever has shown the receipt code of a case."""
    return Actor(ActorKind.RECEIPT, case_id=case_id, request_id=request_id)

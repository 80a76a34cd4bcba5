"""Who acts and who looks: one value for both, so that a rule never asks where a request came from."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lianxin.kernel.crypto import reporter_key
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.orgs.queries import paths_opened_by
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

    ``position`` is which of the case's reporters the receipt was made for.
    ``token_scopes`` narrows what an API token may do; ``None`` means no token is involved. ``seconded`` holds, for
    an office at an industry union, the union's key with each path below a second superior that it opens too.
    """

    kind: ActorKind
    person: Person | None = None
    roles: tuple[Role, ...] = ()
    case_id: int | None = None
    position: int = 0
    request_id: str = ""
    token_scopes: frozenset[str] | None = None
    partner: str = ""
    seconded: tuple[tuple[int, str], ...] = ()

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
        wide = self._opened(role for role in self.roles if not role_kind(role.kind).narrow)
        narrow = self._opened(role for role in self.roles if role_kind(role.kind).narrow)
        me = self.person.pk if self.person else None
        return Scope(wide=wide, narrow=narrow, person=self.person_key, me=me, case=self.case_id)

    @property
    def is_staff(self) -> bool:
        """Whether any role asks for a password and a second factor."""
        return any(role_kind(role.kind).staff for role in self.roles)

    def role_for(self, kinds: tuple[RoleKind, ...], path: str) -> Role | None:
        """The role of one of these kinds that covers this organization path, the nearest one first."""
        codes = {kind.code for kind in kinds}
        fitting = [r for r in self.roles if r.kind in codes and path.startswith(self.paths_of(r))]
        return max(fitting, key=lambda role: len(role.scope_path), default=None)

    def paths_of(self, role: Role) -> tuple[str, ...]:
        """The paths that an office of this actor opens: its body's own, and those seconded to it."""
        return (role.scope_path, *(path for body, path in self.seconded if body == role.organization_id))

    def _opened(self, roles: Iterable[Role]) -> tuple[str, ...]:
        return tuple(sorted({path for role in roles for path in self.paths_of(role)}))


SYSTEM = Actor(ActorKind.SYSTEM)
NOBODY = Actor(ActorKind.NOBODY)


def actor_for(person: Person, *, request_id: str = "") -> Actor:
    """The person with the roles they hold now."""
    roles = Role.objects.filter(person=person, ended_at=None).select_related("organization")
    return in_office(person, tuple(roles), request_id=request_id)


def in_office(person: Person, roles: tuple[Role, ...], *, request_id: str = "") -> Actor:
    """The person in these offices; one at an industry union opens what is seconded to it, for a statement more."""
    unions = {role.organization for role in roles if role.organization.kind == Organization.Kind.INDUSTRY}
    seconded = tuple((union.pk, path) for union in unions for path in paths_opened_by(union))
    return Actor(ActorKind.PERSON, person=person, roles=roles, request_id=request_id, seconded=seconded)


def receipt_holder(case_id: int, *, position: int = 1, request_id: str = "") -> Actor:
    """Whoever has shown a receipt code of a case: the one that was made for the reporter in this position."""
    return Actor(ActorKind.RECEIPT, case_id=case_id, position=position, request_id=request_id)

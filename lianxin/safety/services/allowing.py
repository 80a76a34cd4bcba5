"""One question that every deed outside a workflow asks first."""

from lianxin.kernel.people.actors import Actor, ActorKind
from lianxin.kernel.people.models import Role
from lianxin.kernel.people.roles import RoleKind
from lianxin.kernel.refusals import NotAllowed
from lianxin.kernel.text import Text


def holding(actor: Actor, kinds: tuple[RoleKind, ...], path: str) -> Role | None:
    """The actor's role of one of these kinds over a path; the system needs none.

    Raises ``NotAllowed("wrong_role")`` for anybody else.
    """
    role = actor.role_for(kinds, path)
    if role is None and actor.kind is not ActorKind.SYSTEM:
        words = Text("、".join(kind.label.zh for kind in kinds), ", ".join(kind.label.en for kind in kinds))
        raise NotAllowed(
            "wrong_role",
            Text("须由该辖区的{who}办理。", "This is for, in that territory: {who}.").format(who=words),
        )
    return role

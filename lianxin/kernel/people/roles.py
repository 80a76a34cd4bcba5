"""Kinds of role. The kernel declares the ones every union has; an app declares its own beside them."""

from dataclasses import dataclass

from lianxin.kernel.text import Text


@dataclass(frozen=True, slots=True)
class RoleKind:
    """An office that somebody can hold at an organization.

    A ``staff`` role needs a password and a second factor. A ``narrow`` one belongs to the place a case is
    about, and sees a case only once it has been disclosed to it.
    """

    code: str
    label: Text
    staff: bool = True
    narrow: bool = False


_kinds: dict[str, RoleKind] = {}


def declare(code: str, label: Text, *, staff: bool = True, narrow: bool = False) -> RoleKind:
    """Make a kind of role known; declaring the same one twice changes nothing."""
    kind = RoleKind(code, label, staff, narrow)
    if _kinds.setdefault(code, kind) != kind:
        message = f"role kind {code} is already declared differently"
        raise ValueError(message)
    return kind


def role_kind(code: str) -> RoleKind:
    """The kind with this code; raises ``KeyError`` if no app declares it."""
    return _kinds[code]


def role_kinds() -> list[RoleKind]:
    """All kinds, in the order they were declared."""
    return list(_kinds.values())


UNION_OFFICER = declare("union_officer", Text("工会干部", "union officer"))
FINANCE_OFFICER = declare("finance_officer", Text("财务人员", "finance officer"))
UNION_KEY = declare("union_key", Text("工会审批人", "union key-holder"))
PARTNER_KEY = declare("partner_key", Text("联合方放款人", "partner key-holder"))
AUDITOR = declare("auditor", Text("经审人员", "auditor"))
ADMINISTRATOR = declare("administrator", Text("系统管理员", "administrator"))
CUSTODIAN = declare("custodian", Text("身份保管人", "identity custodian"))
SITE_MANAGER = declare("site_manager", Text("企业现场负责人", "site manager"), narrow=True)

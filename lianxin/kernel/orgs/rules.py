"""Where a body may stand in the tree, and over which part of it a body acts. The database holds the same rules."""

from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text

Kind = Organization.Kind
Level = Organization.Level

_UNIONS = frozenset({Kind.FEDERATION, Kind.JOINT, Kind.INDUSTRY})
STANDS_UNDER: dict[str, frozenset[str]] = {
    Kind.FEDERATION: frozenset({Kind.FEDERATION}),
    Kind.INDUSTRY: frozenset({Kind.FEDERATION, Kind.INDUSTRY}),
    Kind.JOINT: _UNIONS,
    Kind.ENTERPRISE_UNION: _UNIONS | {Kind.ENTERPRISE, Kind.ENTERPRISE_UNION},
    Kind.ENTERPRISE: _UNIONS | {Kind.ENTERPRISE, Kind.ENTERPRISE_UNION},
    Kind.SAFETY_OFFICE: frozenset({Kind.FEDERATION}),
    Kind.AUTHORITY: frozenset({Kind.FEDERATION}),
    Kind.PARTNER: frozenset({Kind.FEDERATION}),
}
"""Trade Union Law art. 11 (who founds what under whom); offices, authorities and partners stand at a side."""

_LINE = frozenset({Kind.FEDERATION, Kind.JOINT})
_LOWEST = frozenset({Kind.ENTERPRISE, Kind.ENTERPRISE_UNION})
_AT_A_SIDE = frozenset({Kind.SAFETY_OFFICE, Kind.AUTHORITY})


def check_place(kind: str, level: int, parent: Organization | None) -> None:
    """Raise ``Refused`` unless a body of this kind and level may stand under this parent."""
    if kind in _LOWEST and level != Level.ENTERPRISE:
        raise Refused(
            "level_wrong",
            Text(
                "企业和企业工会属于企业一级。",
                "Enterprises and enterprise unions stand at the enterprise level.",
            ),
            field="level",
        )
    if parent is None:
        return
    if parent.kind not in STANDS_UNDER[kind]:
        raise Refused(
            "parent_kind_wrong",
            Text(
                "{kind}不能设在{parent}之下。",
                "A body of the kind “{kind}” cannot stand under one of “{parent}”.",
            ).format(kind=Kind(kind).label, parent=Kind(parent.kind).label),
            field="parent",
        )
    if level < parent.level + (kind in _LINE):
        raise Refused(
            "level_not_below",
            Text("下级组织的层级必须低于上级组织。", "A body stands at a lower level than its superior."),
            field="level",
        )


def usual_level(kind: str, parent: Organization | None) -> int:
    """The level a body of this kind has unless told: enterprises lowest, offices beside, unions one down."""
    if kind in _LOWEST:
        return Level.ENTERPRISE
    if parent is None:
        return Level.NATION
    return min(parent.level + (kind in _LINE), Level.ENTERPRISE)


def jurisdiction_of(kind: str, path: str, parent: Organization | None) -> str:
    """The path of the subtree on which a body acts.

    An office or authority acts on the territory of the federation at whose side it stands, and the union that
    stands in an enterprise on that enterprise; every other body acts on what is under itself.
    """
    if parent is None:
        return path
    inside = kind == Kind.ENTERPRISE_UNION and parent.kind == Kind.ENTERPRISE
    return parent.path if inside or kind in _AT_A_SIDE else path

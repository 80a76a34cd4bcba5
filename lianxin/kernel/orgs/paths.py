"""Paths of the two trees: four base-36 characters a level, given out by a counter on the parent's row.

The counter moves in one UPDATE, so two threads cannot be given one path, and a path is never given out twice.
A shared lock on the tree is held while a node is added, an exclusive one while a subtree moves: nobody adds a
node under a path that is just changing.
"""

from lianxin.kernel.orgs.models import PATH_WIDTH, Organization, Site
from lianxin.kernel.prepared import run

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SITE_ROOT_WIDTH = 2 * PATH_WIDTH
# The names are our own models'.
_COUNTED = {
    model: f"UPDATE {model._meta.db_table} SET next_child = next_child + $2 WHERE id = $1 RETURNING path, next_child"  # noqa: S608, SLF001
    for model in (Organization, Site)
}
_TREE_LOCK = 0x6F726773  # "orgs": any number that nobody else locks


def segment(number: int, width: int = PATH_WIDTH) -> str:
    """A number as base-36 digits of fixed width; raises ``ValueError`` when it does not fit."""
    digits = ""
    rest = number
    for _ in range(width):
        rest, digit = divmod(rest, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    if rest or number < 0:
        message = f"{number} does not fit {width} base-36 digits"
        raise ValueError(message)
    return digits


def end_of(path: str) -> str:
    """The upper bound of a subtree: what lies under a path is at least the path and less than this."""
    return path + "~"


def ancestors_of(path: str) -> list[str]:
    """The paths from the top of the tree down to this one, itself included."""
    return [path[:length] for length in range(PATH_WIDTH, len(path) + 1, PATH_WIDTH)]


def next_organization_paths(parent: Organization | None, count: int = 1) -> list[str]:
    """Take ``count`` fresh paths under a parent, or for new roots, within the caller's transaction."""
    lock_tree(exclusive=False)
    if parent is None:
        return [segment(number) for number in _numbers("orgs_organization_roots", count)]
    return _children(parent, count)


def next_site_paths(parent: Site | None, count: int = 1) -> list[str]:
    """Take ``count`` fresh paths for places: eight characters for a top one, four more per level below."""
    lock_tree(exclusive=False)
    if parent is None:
        return [segment(number, SITE_ROOT_WIDTH) for number in _numbers("orgs_site_roots", count)]
    return _children(parent, count)


def lock_tree(*, exclusive: bool) -> None:
    """Hold the trees still until the end of the transaction: shared to add, exclusive to move."""
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    run(f"SELECT {function}($1)", [_TREE_LOCK])


def _children(parent: Organization | Site, count: int) -> list[str]:
    ((path, after),) = run(_COUNTED[type(parent)], [parent.pk, count])
    return [path + segment(number) for number in range(after - count, after)]


def _numbers(sequence: str, count: int) -> list[int]:
    numbers = run("SELECT nextval($1::text::regclass) FROM generate_series(1, $2::bigint)", [sequence, count])
    return [number for (number,) in numbers]

"""Paths of the two trees: four base-36 characters a level, given out by a counter on the parent's row.

The counter moves in one UPDATE, so two threads cannot be given one path, and a path is never given out twice.
A shared lock on the tree is held while a node is added, an exclusive one while a subtree moves: nobody adds a
node under a path that is just changing.
"""

from django.db import connection
from django.db.models import F, QuerySet

from lianxin.kernel.orgs.models import PATH_WIDTH, Organization, Site

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SITE_ROOT_WIDTH = 2 * PATH_WIDTH
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
    return _children(Organization.objects.filter(pk=parent.pk), count)


def next_site_paths(parent: Site | None, count: int = 1) -> list[str]:
    """Take ``count`` fresh paths for places: eight characters for a top one, four more per level below."""
    lock_tree(exclusive=False)
    if parent is None:
        return [segment(number, SITE_ROOT_WIDTH) for number in _numbers("orgs_site_roots", count)]
    return _children(Site.objects.filter(pk=parent.pk), count)


def lock_tree(*, exclusive: bool) -> None:
    """Hold the trees still until the end of the transaction: shared to add, exclusive to move."""
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_TREE_LOCK])


def _children(parents: QuerySet[Organization] | QuerySet[Site], count: int) -> list[str]:
    # The row stays locked after the UPDATE, so what is read next is what this transaction counted.
    parents.update(next_child=F("next_child") + count)
    path, after = parents.values_list("path", "next_child").get()
    return [path + segment(number) for number in range(after - count, after)]


def _numbers(sequence: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, count])
        return [number for (number,) in cursor.fetchall()]

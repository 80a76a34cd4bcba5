"""The menus around a page, drawn once for each set of roles, place, language and mark, and kept."""

from collections.abc import Iterator
from functools import lru_cache

from django.utils.safestring import SafeString

from lianxin.web import navigation, reader
from lianxin.web.components import render

# A few dozen sets of roles, a dozen places, two languages, and marks from none to many.
REMEMBERED = 2_000
Roles = frozenset[str]


def sidebar(roles: Roles, path: str, unread: str) -> SafeString:
    """The workbench's menu; drawn once, it stands on the page twice: beside it, and behind a button on a phone."""
    return _sidebar(roles, _here(path), unread, english=reader.is_english())


def bar(roles: Roles, path: str, unread: str) -> SafeString:
    """A worker's menu under the thumbs."""
    return _row("web/_bar.html", navigation.BAR, roles, _here(path), unread, english=reader.is_english())


def links(roles: Roles, path: str, unread: str) -> SafeString:
    """The same at the top of a wide screen."""
    return _row("web/_links.html", navigation.BAR, roles, _here(path), unread, english=reader.is_english())


def public(roles: Roles, path: str) -> SafeString:
    """What anybody may read."""
    return _row("web/_links.html", navigation.PUBLIC, roles, _here(path), "", english=reader.is_english())


def foot(roles: Roles) -> SafeString:
    """The same at the foot of a page, where nothing is marked."""
    return _row("web/_foot.html", navigation.PUBLIC, roles, "", "", english=reader.is_english())


def _here(path: str) -> str:
    """The entry under which the reader is: all that a menu has to know of the address, which may name a case."""
    return max((href for href in _addresses() if navigation.is_here(href, path)), key=len, default="")


def _addresses() -> Iterator[str]:
    return (href for item in navigation.every_item() if (href := navigation.address(item)))


@lru_cache(REMEMBERED)
def _sidebar(roles: Roles, here: str, unread: str, *, english: bool) -> SafeString:
    del english
    return render(
        "web/_side.html", {"sections": navigation.sidebar(roles, here), "unread": unread, "here": here}
    )


@lru_cache(REMEMBERED)
def _row(
    template: str,
    items: tuple[navigation.NavItem, ...],
    roles: Roles,
    here: str,
    unread: str,
    *,
    english: bool,
) -> SafeString:
    del english
    return render(template, {"links": navigation.links(items, roles, here), "unread": unread})

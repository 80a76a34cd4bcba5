"""What every template knows without being told."""

from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest

from lianxin.kernel.notices.queries import MANY, unread_count
from lianxin.kernel.people.messages import shown_codes
from lianxin.web import menus, navigation, reader

if TYPE_CHECKING:
    from lianxin.kernel.people.actors import Actor

WORKER, WORKBENCH = "web/worker.html", "web/workbench.html"


def plain(request: HttpRequest | None) -> dict[str, Any]:
    """Enough for a page that must not touch the database: language and size of print."""
    english = reader.is_english()
    return {
        "lang": "en" if english else "zh-Hans",
        "other_lang": reader.CHINESE if english else reader.ENGLISH,
        "large_print": bool(request and reader.wants_large_print(request)),
        "here": request.get_full_path() if request else "/",
        "demo": bool(getattr(settings, "DEMO", False)),
    }


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the reader's language, print, navigation and face.

    ``face`` is the base page for pages that serve both: ``{% extends face %}``.
    """
    roles, path = reader.roles_of(request), request.path
    unread = cache(lambda: _unread(request))
    return {
        **plain(request),
        "face": WORKBENCH if roles else WORKER,
        "unread": unread,
        "nav_tiles": lambda: navigation.links(navigation.TILES, roles, path),
        "menu_side": cache(lambda: menus.sidebar(roles, path, unread())),
        "menu_bar": lambda: menus.bar(roles, path, unread()),
        "menu_links": lambda: menus.links(roles, path, unread()),
        "menu_public": lambda: menus.public(roles, path),
        "menu_foot": lambda: menus.foot(roles),
        # Nothing but in a demonstration, where no text message arrives.
        "shown_codes": lambda: shown_codes(3),
    }


def _unread(request: HttpRequest) -> str:
    """How many messages the reader has not read, as a mark: empty for none, and beyond a hundred it stops counting."""
    actor: Actor | None = getattr(request, "actor", None)
    count = unread_count(actor) if actor is not None and actor.person is not None else 0
    return f"{MANY - 1}+" if count >= MANY else str(count or "")

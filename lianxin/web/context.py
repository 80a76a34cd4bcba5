"""What every template knows without being told."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from lianxin.web import navigation, reader

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
    return {
        **plain(request),
        "face": WORKBENCH if roles else WORKER,
        "nav_tiles": lambda: navigation.links(navigation.TILES, roles, path),
        "nav_bar": lambda: navigation.links(navigation.BAR, roles, path),
        "nav_public": lambda: navigation.links(navigation.PUBLIC, roles, path),
        "nav_sections": lambda: navigation.sidebar(roles, path),
    }

"""What Django's own check must find right about the shell before anything starts."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Reminder
from django.urls import NoReverseMatch, reverse

from lianxin.web.icons import ICONS
from lianxin.web.navigation import AWAITED, every_item


def _resolves(url_name: str) -> bool:
    try:
        reverse(url_name)
    except NoReverseMatch:
        return False
    return True


@register("urls")
def navigation_leads_somewhere(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every entry of the navigation has a page, or is awaited; none is both."""
    faults: list[CheckMessage] = []
    for name in sorted({item.url_name for item in every_item()}):
        found = _resolves(name)
        if not found and name not in AWAITED:
            faults.append(Error(f"The navigation names {name!r}, which no URL has.", id="web.E001"))
        if found and name in AWAITED:
            faults.append(Reminder(f"{name!r} exists: take it out of navigation.AWAITED.", id="web.W002"))
    return faults


@register("urls")
def navigation_is_drawn(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every entry's icon is in the sprite."""
    missing = sorted({item.icon for item in every_item()} - ICONS)
    return [
        Error(f"The navigation shows the icon {name!r}, which icons.py lacks.", id="web.E003")
        for name in missing
    ]

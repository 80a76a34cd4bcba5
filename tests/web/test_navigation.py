"""Navigation leads somewhere."""

import pytest
from django.test import override_settings
from django.urls import include, path

from lianxin.kernel.text import Text
from lianxin.web import checks, navigation
from lianxin.web.navigation import HOME, NavItem
from lianxin.web.views import home

OFFICERS_ONLY = NavItem(Text("首页", "Home"), "web:home", "home", frozenset({"union_officer"}))


class BuiltUrls:
    """The addresses once an awaited page is built."""

    urlpatterns = (
        path("", include("lianxin.web.urls")),
        path("", include(([path("queue/", home, name="queue")], "cases"))),
    )


def test_every_item_resolves_or_is_awaited() -> None:
    assert checks.navigation_leads_somewhere(None) == []
    assert checks.navigation_is_drawn(None) == []


def test_item_that_leads_nowhere_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = NavItem(Text("无", "None"), "no:where", "home")
    monkeypatch.setattr(navigation, "BAR", (HOME, nowhere))
    assert [fault.id for fault in checks.navigation_leads_somewhere(None)] == ["web.E001"]


def test_awaited_item_that_is_built_is_a_fault() -> None:
    if "cases:queue" not in navigation.AWAITED:
        pytest.skip("the queue is built")
    with override_settings(ROOT_URLCONF=BuiltUrls):
        assert "web.E002" in [fault.id for fault in checks.navigation_leads_somewhere(None)]


def test_links_show_a_roles_item_to_its_holder_only() -> None:
    items = (HOME, OFFICERS_ONLY)
    assert [link.item for link in navigation.links(items, (), "/")] == [HOME]
    assert [link.item for link in navigation.links(items, {"union_officer"}, "/")] == [HOME, OFFICERS_ONLY]

"""Navigation leads somewhere."""

import pytest

from lianxin.kernel.text import Text
from lianxin.web import checks, navigation
from lianxin.web.navigation import HOME, NavItem

OFFICERS_ONLY = NavItem(Text("首页", "Home"), "web:home", "home", frozenset({"union_officer"}))


def test_every_item_resolves_or_is_awaited() -> None:
    assert checks.navigation_leads_somewhere(None) == []
    assert checks.navigation_is_drawn(None) == []


def test_item_that_leads_nowhere_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = NavItem(Text("无", "None"), "no:where", "home")
    monkeypatch.setattr(navigation, "BAR", (HOME, nowhere))
    assert [fault.id for fault in checks.navigation_leads_somewhere(None)] == ["web.E001"]


def test_awaited_item_that_is_built_is_a_reminder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "AWAITED", navigation.AWAITED | {"web:home"})
    assert [fault.id for fault in checks.navigation_leads_somewhere(None)] == ["web.W002"]


def test_links_show_a_roles_item_to_its_holder_only() -> None:
    items = (HOME, OFFICERS_ONLY)
    assert [link.item for link in navigation.links(items, (), "/")] == [HOME]
    assert [link.item for link in navigation.links(items, {"union_officer"}, "/")] == [HOME, OFFICERS_ONLY]

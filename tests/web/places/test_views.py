"""The tree of places, new sites, and labels."""

import re
from typing import Any

import pytest
from django.test import Client

from lianxin.kernel.orgs.models import Site
from tests.cast import Cast, cast
from tests.web.casework.conftest import Browser, signed

__all__ = ["cast", "signed"]


def test_places_begins_where_the_viewers_reach_begins(cast: Cast, signed: Browser) -> None:
    page = signed(cast.county_officer).get("/places/").content.decode()
    assert "红海街道总工会" in page
    assert "盖州市总工会" not in page
    assert "辽宁省总工会" not in page


def test_places_walks_down_to_the_sites(cast: Cast, signed: Browser) -> None:
    page = signed(cast.town_officer).get("/places/", {"body": cast.tree.enterprise.pk}).content.decode()
    assert "3号吊车" in page
    assert "lx-depth-2" in page


@pytest.mark.parametrize("who", ["site_manager", "other_county_officer"])
def test_places_elsewhere_are_not_there(cast: Cast, signed: Browser, who: str) -> None:
    body = cast.tree.county.pk
    assert signed(getattr(cast, who)).get("/places/", {"body": body}).status_code == 404


def test_search_finds_bodies_and_sites_within_reach_only(cast: Cast, signed: Browser) -> None:
    assert "3号吊车" in signed(cast.county_officer).get("/places/", {"q": "吊车"}).content.decode()
    page = signed(cast.other_county_officer).get("/places/", {"q": "吊车"}).content.decode()
    assert "3号吊车" not in page
    assert "没有找到" in page


def test_places_is_for_officers(cast: Cast, signed: Browser, client: Client) -> None:
    assert signed(cast.worker).get("/places/").status_code == 403
    assert client.get("/places/").status_code == 302


def test_add_site_sets_it_up(cast: Cast, signed: Browser) -> None:
    data = {"name": "2号吊车", "kind": "equipment", "parent": cast.tree.workshop.pk}
    answer = signed(cast.site_manager).post(f"/places/{cast.tree.enterprise.pk}/site/", data)
    assert answer.status_code == 303
    assert Site.objects.get(name="2号吊车").parent == cast.tree.workshop


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"name": ""}, "必填"), ({"kind": "area", "equipment_kind": "x"}, ""), ({"parent": "999999"}, "")],
)
def test_add_site_refused_gives_the_form_back(
    cast: Cast, signed: Browser, changes: dict[str, str], words: str
) -> None:
    data = {"name": "2号吊车", "kind": "equipment"} | changes
    answer = signed(cast.site_manager).post(f"/places/{cast.tree.enterprise.pk}/site/", data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Site.objects.filter(name="2号吊车").exists()


@pytest.mark.parametrize(
    ("who", "status"), [("auditor", 403), ("other_county_officer", 404), ("worker", 403)]
)
def test_add_site_is_for_its_keepers(cast: Cast, signed: Browser, who: str, status: int) -> None:
    address = f"/places/{cast.tree.enterprise.pk}/site/"
    assert signed(getattr(cast, who)).get(address).status_code == status
    assert signed(getattr(cast, who)).post(address, {"name": "x", "kind": "site"}).status_code == status


def test_labels_are_drawn_for_the_chosen_places(cast: Cast, signed: Browser) -> None:
    chosen: dict[str, Any] = {"site": [cast.tree.crane.pk, cast.tree.plant.pk], "size": "a6"}
    page = signed(cast.site_manager).get("/places/labels/", chosen).content.decode()
    assert len(re.findall('<li class="lx-label">', page)) == 2
    assert "lx-labels-a6" in page
    assert "style=" not in page.split("lx-labels-a6")[1]


def test_labels_of_another_enterprise_are_left_out(cast: Cast, signed: Browser) -> None:
    chosen: dict[str, Any] = {"site": [cast.tree.crane.pk, "x"]}
    page = signed(cast.other_county_officer).get("/places/labels/", chosen)
    assert "没有选择场所" in page.content.decode()


@pytest.mark.parametrize("end", ["", "/"])
def test_scan_opens_the_report_with_the_place(cast: Cast, client: Client, end: str) -> None:
    answer = client.get(f"/p/{cast.tree.crane.token}{end}", follow=True)
    page = answer.content.decode()
    assert "位置已由二维码填好" in page
    assert "3号吊车" in page


def test_scan_of_a_code_out_of_use_says_so(cast: Cast, client: Client) -> None:
    page = client.get("/p/gone", follow=True).content.decode()
    assert "这个二维码已经停用" in page

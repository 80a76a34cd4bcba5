"""Figures: public ones for everybody, the others within one's own territory, each counted again on the spot."""

import io
import re

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.metrics import registry
from lianxin.kernel.metrics.registry import metric
from lianxin.kernel.text import Text
from tests.kernel.cases.conftest import Town, found, town
from tests.web.casework.conftest import Browser, signed

__all__ = ["signed", "town"]


@pytest.fixture(autouse=True)
def inner(monkeypatch: pytest.MonkeyPatch) -> str:
    """A figure that is not public, beside the usual ones."""
    monkeypatch.setattr(registry, "_metrics", dict(registry._metrics))
    words = Text("内部办件", "Cases inside")
    query = "SELECT c.opened_at AS at, c.organization_path AS path, 1 AS value FROM cases_case c"
    return metric("cases.inside", label=words, unit=Text("件", "cases"), query=query, public=False).id


@pytest.fixture
def opened(town: Town) -> Town:
    """A town in which one case was opened just now."""
    found(town, at=clock.now())
    return town


def test_figures_are_open_to_everybody(opened: Town, client: Client) -> None:
    page = client.get("/figures/").content.decode()
    assert "受理办件" in page
    assert "重新数一遍" in page
    assert "内部办件" not in page


def test_officer_sees_their_own_territory_and_what_is_not_public(opened: Town, signed: Browser) -> None:
    client = signed(opened.county_officer)
    assert "内部办件" not in client.get("/figures/").content.decode()
    assert "内部办件" in client.get("/figures/", {"body": opened.county.pk}).content.decode()


@pytest.mark.parametrize("who", ["finder", "manager", "foreign_keeper"])
def test_figures_of_anothers_territory_are_the_public_ones(opened: Town, signed: Browser, who: str) -> None:
    client = signed(getattr(opened, who))
    assert "内部办件" not in client.get("/figures/", {"body": opened.county.pk}).content.decode()


def test_figure_shows_chart_parts_and_query(opened: Town, client: Client) -> None:
    page = client.get("/figures/cases.opened/").content.decode()
    assert 'id="by-month-data"' in page
    assert "SELECT" in page
    assert "办件类别" in page


@pytest.mark.parametrize("path", ["/figures/nothing/", "/figures/cases.inside/"])
def test_figure_that_is_not_the_readers_is_not_there(opened: Town, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(f"{path}recount/").status_code == 404


@pytest.mark.parametrize(
    "asked", [{"year": "ever"}, {"year": "1"}, {"year": "x", "body": "x"}, {"body": "999999999"}]
)
def test_figures_bear_any_address(opened: Town, client: Client, asked: dict[str, str]) -> None:
    assert client.get("/figures/", asked).status_code == 200
    assert client.get("/figures/cases.opened/", asked).status_code == 200


def test_recount_answers_htmx_with_its_part(opened: Town, client: Client) -> None:
    part = client.post("/figures/cases.opened/recount/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "重新数过，一致" in part
    assert "毫秒" in part
    assert "SELECT" in part


def test_recount_without_script_shows_the_page(opened: Town, client: Client) -> None:
    page = client.post("/figures/cases.opened/recount/?year=ever").content.decode()
    assert "<html" in page
    assert "重新数过，一致" in page


def test_recount_is_throttled(opened: Town, client: Client) -> None:
    answers = [client.post("/figures/cases.opened/recount/").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


def test_recount_is_not_made_by_looking(opened: Town, client: Client) -> None:
    assert client.get("/figures/cases.opened/recount/").status_code == 405


def test_export_holds_each_month(opened: Town, client: Client) -> None:
    answer = client.get("/figures/export/", {"metric": "cases.opened"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows[0] == ["指标", "编号", "时间", "数值", "单位"]
    assert sum(float(str(row[3])) for row in rows[1:]) == 1


def test_export_as_csv_of_all_holds_no_inner_figure(opened: Town, client: Client) -> None:
    text = client.get("/figures/export/", {"format": "csv"}).content.decode()
    assert "cases.opened" in text
    assert "cases.inside" not in text


def test_figures_are_in_english_too(opened: Town, client: Client) -> None:
    client.cookies["django_language"] = "en"
    assert "Count again" in client.get("/figures/").content.decode()


def test_figures_begin_with_the_last_year_in_which_anything_was_raised(opened: Town, client: Client) -> None:
    with scope.use(scope.EVERYTHING):
        year = clock.day_of(Case.objects.order_by("-pk")[0].opened_at).year
    page = client.get("/figures/").content.decode()
    assert re.search(rf'<option value="{year}"[^>]*selected', page)

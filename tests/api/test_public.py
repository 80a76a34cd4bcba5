"""Figures over the API, and the API's own description."""

from django.core.management import call_command

from lianxin.api.management.commands.openapi import COMMITTED, described
from tests.api.conftest import Call
from tests.kernel.cases.conftest import Town, found

YEAR = "first=2026-01-01&last=2026-12-31"


def test_figures_works_for_everybody(town: Town, call: Call) -> None:
    found(town)
    figures = {one["id"]: one for one in call(None, "get", f"/figures?{YEAR}").json()}
    assert figures["cases.opened"]["value"] == 1
    assert "SELECT" in figures["cases.opened"]["source"]


def test_recount_agrees(town: Town, call: Call) -> None:
    found(town)
    answer = call(None, "get", f"/figures/cases.opened/recount?{YEAR}").json()
    assert (answer["agrees"], answer["again"]["value"]) == (True, 1)


def test_figures_refused_for_a_period_that_ends_before_it_begins(call: Call, db: None) -> None:
    answer = call(None, "get", "/figures?first=2026-02-01&last=2026-01-01")
    assert (answer.status_code, answer.json()["code"]) == (422, "period_invalid")


def test_figures_refused_for_a_date_that_is_none(call: Call, db: None) -> None:
    answer = call(None, "get", "/figures?first=soon&last=2026-01-01")
    assert (answer.status_code, answer.json()["field"]) == (422, "first")


def test_recount_refused_for_a_figure_that_is_none(call: Call, db: None) -> None:
    assert call(None, "get", f"/figures/nothing.here/recount?{YEAR}").status_code == 404


def test_openapi_json_is_what_the_api_says() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == described()
    call_command("openapi", check=True)

"""The pages of same-kind sweeps."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.reference.models import Term
from lianxin.safety.models import SweepCheck
from tests.safety.conftest import Cast, Walk, report
from tests.web.casework.conftest import Browser


def order(cast: Cast, **changes: Any) -> dict[str, Any]:
    due: date = clock.day_of(clock.now()) + timedelta(days=20)
    usual = {
        "what": "计量罐围堰",
        "organization": cast.city.pk,
        "equipment_kind": "tank",
        "due_on": due.isoformat(),
    }
    return {**usual, "sample_percent": "50", **changes}


def ordered(cast: Cast, signed: Browser) -> Case:
    answer = signed(cast.safety_officer).post("/safety/sweeps/new/", order(cast))
    assert answer.status_code == 303
    with scope.use(scope.EVERYTHING):
        return Case.objects.get(kind="sweep")


def test_preview_lists_the_sites_and_orders_nothing(cast: Cast, signed: Browser) -> None:
    answer = signed(cast.safety_officer).post("/safety/sweeps/new/", order(cast, preview="1"))
    page = answer.content.decode()
    assert "匹配的场所：2 处，涉及 2 家企业" in page
    assert 'name="order"' in page
    with scope.use(scope.EVERYTHING):
        assert not Case.objects.filter(kind="sweep").exists()


def test_criteria_are_offered_in_words(cast: Cast, signed: Browser) -> None:
    """A code that stands on a site without being listed is offered as it is."""
    with scope.act():
        words = {
            "zh": "煤气区域作业",
            "en": "work in a gas area",
            "source": "x",
            "valid_from": date(2020, 1, 1),
        }
        Term.objects.create(dictionary="process", scheme="x", code="gas_area", **words)
        cast.tank.process = "gas_area"
        cast.tank.save(update_fields=["process"])
    form = signed(cast.safety_officer).get("/safety/sweeps/new/").content.decode()
    assert '<option value="gas_area">煤气区域作业</option>' in form
    assert '<option value="tank">tank</option>' in form
    page = signed(cast.safety_officer).post(
        "/safety/sweeps/new/", order(cast, equipment_kind="", process="gas_area", preview="1")
    )
    assert "tank · 煤气区域作业" in page.content.decode()


def test_preview_of_nothing_offers_no_order(cast: Cast, signed: Browser) -> None:
    answer = signed(cast.safety_officer).post("/safety/sweeps/new/", order(cast, process="焊接", preview="1"))
    assert "没有匹配的场所" in answer.content.decode()
    assert 'name="order"' not in answer.content.decode()


def test_preview_without_a_criterion_is_faulty(cast: Cast, signed: Browser) -> None:
    answer = signed(cast.safety_officer).post(
        "/safety/sweeps/new/", order(cast, equipment_kind="", preview="1")
    )
    assert answer.status_code == 422
    assert "请至少给出一项匹配条件" in answer.content.decode()


def test_order_sends_a_check_to_each_site(cast: Cast, signed: Browser) -> None:
    sweep = ordered(cast, signed)
    with scope.use(scope.EVERYTHING):
        assert SweepCheck.objects.filter(sweep=sweep.pk).count() == 2


def test_order_outside_ones_territory_is_refused(cast: Cast, signed: Browser) -> None:
    data = order(cast, organization=cast.other_county.pk)
    assert signed(cast.county_officer).post("/safety/sweeps/new/", data).status_code in {403, 422}
    with scope.use(scope.EVERYTHING):
        assert not Case.objects.filter(kind="sweep").exists()


def test_order_page_is_not_for_a_manager(cast: Cast, signed: Browser) -> None:
    assert signed(cast.manager).get("/safety/sweeps/new/").status_code == 403


def test_sweeps_lists_progress(cast: Cast, signed: Browser) -> None:
    assert "还没有排查令" in signed(cast.safety_officer).get("/safety/sweeps/").content.decode()
    sweep = ordered(cast, signed)
    page = signed(cast.safety_officer).get("/safety/sweeps/").content.decode()
    assert sweep.number in page
    assert "0 / 2 处" in page


def test_board_shows_each_site_by_where_it_stands(cast: Cast, signed: Browser) -> None:
    sweep = ordered(cast, signed)
    client = signed(cast.city_officer)
    page = client.get(f"/safety/sweeps/{sweep.number}/").content.decode()
    assert "化工厂" in page
    assert "材料厂" in page
    closed = client.get(f"/safety/sweeps/{sweep.number}/", {"tab": "closed"}).content.decode()
    assert "这里没有场所" in closed


@pytest.mark.parametrize("who", ["manager", "foreign_officer"])
def test_board_is_not_there_for_others(cast: Cast, signed: Browser, who: str) -> None:
    sweep = ordered(cast, signed)
    assert signed(getattr(cast, who)).get(f"/safety/sweeps/{sweep.number}/").status_code == 404


def test_export_holds_a_row_for_each_site(cast: Cast, signed: Browser) -> None:
    sweep = ordered(cast, signed)
    answer = signed(cast.city_officer).get(f"/safety/sweeps/{sweep.number}/export/")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    assert rows[0][1] == "企业"


def test_case_page_leads_to_the_board_and_a_graded_report_to_an_order(cast: Cast, signed: Browser) -> None:
    sweep = ordered(cast, signed)
    client = signed(cast.city_officer)
    assert f"/safety/sweeps/{sweep.number}/" in client.get(f"/case/{sweep.number}/").content.decode()
    case = report(cast).case
    assert "举一反三：" not in client.get(f"/case/{case.number}/").content.decode()
    Walk(cast, case).to("grade")
    page = client.get(f"/case/{case.number}/").content.decode()
    assert f"source={case.number}" in page
    filled = client.get("/safety/sweeps/new/", {"source": case.number}).content.decode()
    assert f'value="{case.number}"' in filled

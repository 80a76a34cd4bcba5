"""Taking it back, opening it again, and what is left on paper."""

import re

import pytest
from playwright.sync_api import Page, expect

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.people.actors import SYSTEM
from lianxin.safety.services.procedures import publish_procedure, publish_version
from tests.browser.conftest import Seat
from tests.browser.deeds import repair, repaired, report_hazard, status_of, verify
from tests.browser.seats import opens, posts, read, steps_offered, take
from tests.safety.conftest import LARGER, NOON, Cast, Walk, later, report
from tests.safety.services.test_procedures import EFFECTIVE, OLD

pytestmark = pytest.mark.django_db(transaction=True)


def test_worker_takes_a_report_back_and_nobody_else_can(seat: Seat, cast: Cast) -> None:
    worker, officer = seat(cast.worker, "phone"), seat(cast.county_officer)
    address = report_hazard(worker, cast, mode="confidential", hazard="阀门漏气")
    opens(officer, "/queue/")
    expect(officer.get_by_role("link", name="阀门漏气")).to_be_visible()
    opens(officer, address)
    assert "撤回" not in steps_offered(officer)
    assert posts(officer, f"{address}withdraw/") == 403
    opens(worker, address)
    take(worker, "撤回")
    expect(worker.get_by_text("已撤回").first).to_be_visible()
    assert steps_offered(worker) == []
    opens(officer, "/queue/")
    expect(officer.get_by_text("没有待办")).to_be_visible()


def test_major_hazard_is_not_taken_back(seat: Seat, cast: Cast) -> None:
    case = report(cast, at=clock.now()).case
    walk = Walk(cast, case)
    walk.take("accept", at=clock.now())
    major = {"law_grade_1": "major", "clause_1": "OTHER", "accident_type_1": "09", **LARGER}
    walk.take("grade", at=clock.now(), **major)
    worker = seat(cast.worker, "phone")
    opens(worker, f"/case/{case.number}/")
    assert "撤回" not in steps_offered(worker)
    expect(worker.get_by_text("重大隐患不能撤回")).to_be_visible()
    assert posts(worker, f"/case/{case.number}/withdraw/") == 403
    assert status_of(case) == "graded"


def test_closed_report_is_opened_again_by_the_city_repaired_and_confirmed(seat: Seat, cast: Cast) -> None:
    case = closed(cast)
    address = f"/case/{case.number}/"
    # The worker's week has passed; the county may not, the city may, and says why.
    worker, county, city = seat(cast.worker, "phone"), seat(cast.county_officer), seat(cast.city_officer)
    opens(worker, address)
    assert steps_offered(worker) == []
    assert posts(worker, f"{address}object/", reason="又松了") in {403, 409}
    opens(county, address)
    assert "重新打开" not in steps_offered(county)
    assert posts(county, f"{address}reopen/", reason="抽查发现松动") == 403
    opens(city, address)
    take(city, "重新打开", reason="抽查发现跨步梯又松动了")
    opens(worker, address)
    expect(worker.get_by_text("抽查发现跨步梯又松动了").first).to_be_visible()
    repair(seat(cast.manager), address, "重新焊接")
    verify(seat(cast.expert), address, "焊缝已探伤")
    opens(worker, address)
    take(worker, "确认已改好")
    assert status_of(case) == "closed"


def closed(cast: Cast) -> Case:
    """A report that closed by itself, a week after its verification."""
    case = repaired(cast)
    return perform(case, "close", actor=SYSTEM, at=later(8))


def sheets(page: Page, path: str) -> int:
    """Go there as paper goes to the printer; how many sheets of A4 come out."""
    opens(page, path)
    page.emulate_media(media="print")
    for gone in (".lx-top", ".lx-side", ".lx-bar", "[data-print]", ".lx-form-end"):
        assert not page.locator(gone).locator("visible=true").count(), gone
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def test_revised_procedure_goes_on_the_notice_board(seat: Seat, cast: Cast) -> None:
    source = repaired(cast)
    with scope.act():
        first = publish_procedure(
            cast.plant, title="卸车操作规程", clauses=OLD, effective_on=EFFECTIVE, actor=cast.manager, at=NOON
        )
        second = publish_version(
            first.procedure,
            clauses=[("1", "停稳后熄火，车钥匙交卸车工保管"), *OLD[1:]],
            effective_on=EFFECTIVE,
            source=source,
            actor=cast.manager,
            at=NOON,
        )
    page = seat(cast.manager)
    opens(page, f"/safety/procedures/{second.procedure.pk}/")
    page.get_by_role("link", name="张贴版").first.click()
    board = page.url
    assert sheets(page, board) == 1
    for words in ("卸车操作规程", "化工厂", "车钥匙交卸车工保管（本版新改）", "来自职工的报告或建议"):
        assert words in re.sub(r"\s+(?=（)", "", read(page))
    # The worker whose report it came from is named nowhere on the board.
    assert "职工甲" not in page.content()
    assert "职**" not in read(page)


def test_receipt_is_printed_with_its_code_and_picture(seat: Seat, cast: Cast) -> None:
    phone = seat(size="phone")
    opens(phone, f"/safety/report/?place={cast.tank.token}")
    phone.locator("[name=hazards]").first.fill("阀门漏气")
    phone.get_by_role("button", name="提交", exact=True).click()
    receipt = phone.locator(".lx-receipt").inner_text()
    assert sheets(phone, phone.url) == 1
    assert receipt in read(phone)
    expect(phone.locator(".lx-receipt-of img")).to_be_visible()

"""The turns that a report can take: sent back, declined, merged, raced for, and told by somebody known."""

import pytest
from playwright.sync_api import expect

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import Opened, perform
from tests.browser.conftest import Seat
from tests.browser.seats import (
    fill,
    find_place,
    opens,
    posts,
    press,
    read,
    steps_offered,
    take,
    unfold,
    within_reach,
)
from tests.safety.conftest import Cast, report

pytestmark = pytest.mark.django_db(transaction=True)


def told(cast: Cast, *texts: str, mode: str = "named") -> Opened:
    return report(cast, *texts, mode=mode, at=clock.now())


def status_of(case: Case) -> str:
    with scope.use(scope.EVERYTHING):
        return Case.objects.get(pk=case.pk).status


def test_report_is_returned_completed_and_declined_with_its_reason(seat: Seat, cast: Cast) -> None:
    case = told(cast, mode="confidential").case
    address = f"/case/{case.number}/"
    officer, worker = seat(cast.county_officer), seat(cast.worker, "phone")
    opens(officer, address)
    take(officer, "退回补充", reason="请说明是哪一个罐")
    opens(worker, "/mine/")
    within_reach(worker, "mine-phone")
    worker.get_by_role("link", name="围堰缺少跨步梯").click()
    expect(worker.get_by_text("请说明是哪一个罐").first).to_be_visible()
    within_reach(worker, "returned-phone")
    take(worker, "补充", supplement="东边第二个")
    officer.reload()
    expect(officer.get_by_text("东边第二个").first).to_be_visible()
    take(officer, "不予受理", reason="已由设备科处理完毕")
    worker.reload()
    expect(worker.get_by_text("已由设备科处理完毕").first).to_be_visible()
    assert steps_offered(worker) == []
    assert status_of(case) == "declined"


@pytest.mark.parametrize(("mode", "officer_reads"), [("named", True), ("confidential", False)])
def test_worker_reports_and_is_known_as_far_as_chosen(
    seat: Seat, cast: Cast, mode: str, *, officer_reads: bool
) -> None:
    worker = seat(cast.worker, "phone")
    opens(worker, "/safety/report/")
    assert worker.locator("[name=mode][value=confidential]").is_checked()
    find_place(worker, "计量罐", "计量罐")
    worker.locator("[name=hazards]").first.fill("阀门漏气")
    worker.locator(f"[name=mode][value={mode}]").check()
    within_reach(worker, f"report-{mode}-phone")
    press(worker, "提交")
    expect(worker.get_by_role("heading", name="已提交")).to_be_visible()
    with scope.use(scope.EVERYTHING):
        case = Case.objects.get()
    officer = seat(cast.county_officer)
    opens(officer, f"/case/{case.number}/")
    assert ("职**" in read(officer)) is officer_reads
    assert "职工甲" not in officer.content()
    assert opens(seat(cast.colleague), f"/case/{case.number}/") == 404


def test_same_report_is_merged_side_by_side(seat: Seat, cast: Cast) -> None:
    first, second = told(cast, "围堰缺少跨步梯").case, told(cast, "围堰没有梯子").case
    officer = seat(cast.county_officer)
    opens(officer, f"/case/{second.number}/")
    officer.get_by_role("link", name="并案").click()
    expect(officer.get_by_text("围堰缺少跨步梯").first).to_be_visible()
    within_reach(officer, "merge-desk")
    fill(officer, reason="同一处围堰")
    press(officer, "是同一件事，合并")
    expect(officer.get_by_text(first.number).first).to_be_visible()
    assert status_of(second) == "merged"
    worker = seat(cast.worker, "phone")
    opens(worker, f"/case/{second.number}/")
    expect(worker.get_by_text("同一处围堰").first).to_be_visible()


def test_second_of_two_officers_is_told_who_was_first(seat: Seat, cast: Cast) -> None:
    case = told(cast).case
    first, second = seat(cast.county_officer), seat(cast.city_officer)
    for page in (first, second):
        opens(page, f"/case/{case.number}/")
    take(first, "不予受理", reason="重复登记")
    panel = unfold(second, "不予受理")
    fill(panel, reason="不属于隐患")
    press(panel, "不予受理")
    expect(second.locator("#lx-notices")).to_contain_text("甲县 县**")
    assert "重复登记" in read(second)
    assert "不属于隐患" not in read(second)
    assert status_of(case) == "declined"


@pytest.mark.parametrize(
    ("who", "seen", "answer"),
    [
        ("expert", 200, 403),
        ("safety_officer", 200, 403),
        ("worker", 200, 403),
        ("manager", 404, 404),
        ("foreign_officer", 404, 404),
        ("stranger", 404, 404),
    ],
)
def test_wrong_person_has_no_button_and_no_way_around_it(
    seat: Seat, cast: Cast, who: str, seen: int, answer: int
) -> None:
    case = told(cast).case
    page = seat(getattr(cast, who))
    assert opens(page, f"/case/{case.number}/") == seen
    assert "受理" not in steps_offered(page)
    opens(page, "/")
    assert posts(page, f"/case/{case.number}/accept/", note="") == answer
    assert status_of(case) == "submitted"


def test_who_repaired_does_not_verify(seat: Seat, cast: Cast) -> None:
    case = told(cast).case
    perform(case, "accept", actor=cast.county_officer, at=clock.now())
    page = seat(cast.county_officer)
    opens(page, f"/case/{case.number}/")
    assert "定级" not in steps_offered(page)
    assert posts(page, f"/case/{case.number}/verify/", seen="看过") in {403, 409}

"""Suggestions, same-kind sweeps and procedures, each from the first page to the last."""

import pytest
from playwright.sync_api import expect

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.safety.models import Reading
from tests.browser.conftest import Seat
from tests.browser.deeds import in_days, latest
from tests.browser.seats import fill, find_place, opens, press, take, within_reach
from tests.safety.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def suggest(seat: Seat, cast: Cast) -> str:
    """Two workers suggest something; the address of their case."""
    worker = seat(cast.worker, "phone")
    opens(worker, "/safety/suggest/")
    find_place(worker, "计量罐", "计量罐")
    fill(worker, problem="夜间看不清跨步梯", proposal="加装感应灯")
    worker.get_by_text("几个人一起提的？").click()
    worker.locator("[name=co_authors]").first.fill("职工乙")
    fill(worker, shares="60，40")
    within_reach(worker, "suggest-phone")
    press(worker, "提交")
    expect(worker.get_by_role("heading", name="已提交")).to_be_visible()
    return f"/case/{latest('suggestion').number}/"


def test_suggestion_of_two_is_adopted_carried_out_and_verified(seat: Seat, cast: Cast) -> None:
    address = suggest(seat, cast)
    for who, label, photos, answers in (
        (cast.county_officer, "受理", (), {}),
        (
            cast.expert,
            "采纳",
            (),
            {"reason": "采纳，谢谢两位", "responsible": "设备科", "due_on": in_days(30)},
        ),
        (cast.manager, "报告已落实", ("done",), {"done": "装了两盏"}),
        (cast.second_expert, "验收通过", ("on_site",), {"seen": "夜间看过"}),
    ):
        page = seat(who)
        assert opens(page, address) == 200
        take(page, label, photos=photos, **answers)
    for author in (cast.worker, cast.colleague):
        page = seat(author, "phone")
        opens(page, address)
        expect(page.locator("#history")).to_contain_text("采纳，谢谢两位")
    worker = seat(cast.worker, "phone")
    within_reach(worker, "suggestion-phone")
    take(worker, "确认已落实")
    assert latest("suggestion").status == "closed"


def test_suggestion_declined_is_answered_to_each_author(seat: Seat, cast: Cast) -> None:
    address = suggest(seat, cast)
    officer = seat(cast.county_officer)
    opens(officer, address)
    take(officer, "不采纳", reason="该处已列入今年改造")
    for author in (cast.worker, cast.colleague):
        page = seat(author, "phone")
        opens(page, address)
        expect(page.locator("#history")).to_contain_text("该处已列入今年改造")


def test_sweep_is_ordered_and_a_finding_opens_a_report(seat: Seat, cast: Cast) -> None:
    office = seat(cast.safety_officer)
    opens(office, "/safety/sweeps/new/")
    fill(office, what="计量罐围堰", organization=str(cast.city.pk), equipment_kind="tank", due_on=in_days(20))
    fill(office, sample_percent="100")
    press(office, "预览匹配的场所")
    expect(office.get_by_text("匹配的场所：2 处，涉及 2 家企业")).to_be_visible()
    within_reach(office, "sweep-preview-desk")
    press(office, "下达排查令")
    expect(office.get_by_text("已下达排查令。")).to_be_visible()
    within_reach(office, "sweep-board-desk")
    with scope.use(scope.EVERYTHING):
        checks = {check.organization_id: check for check in Case.objects.filter(kind="sweep_check")}
    mine, theirs = checks[cast.plant.pk], checks[cast.other_plant.pk]
    manager, other = seat(cast.manager, "phone"), seat(cast.other_manager)
    assert opens(manager, f"/case/{theirs.number}/") == 404
    opens(manager, "/queue/")
    within_reach(manager, "queue-phone")
    opens(manager, f"/case/{mine.number}/")
    within_reach(manager, "check-phone")
    take(manager, "未发现", photos=("searched",))
    opens(other, f"/case/{theirs.number}/")
    take(other, "发现同类隐患", photos=("searched",), found="围堰有裂缝")
    found = latest("hazard")
    assert (found.parent_id, found.organization_id) == (theirs.pk, cast.other_plant.pk)
    expert = seat(cast.expert)
    opens(expert, f"/case/{mine.number}/")
    take(expert, "抽验通过", photos=("on_site",), seen="确实没有")


def test_procedure_is_revised_compared_and_read(seat: Seat, cast: Cast) -> None:
    manager = seat(cast.manager)
    opens(manager, "/safety/procedures/new/")
    within_reach(manager, "publish-desk")
    names = manager.locator("main form [name]").evaluate_all("fields => fields.map(field => field.name)")
    assert {"title", "clauses", "effective_on"} <= set(names)
    clauses = "1 吊装前检查限位器\n2 人员撤离"
    fill(manager, title="吊装规程", clauses=clauses, effective_on=in_days(1))
    press(manager, "发布")
    manager.get_by_role("link", name="修订").click()
    fill(manager, clauses="1 吊装前检查限位器和钢丝绳\n2 人员撤离", effective_on=in_days(2))
    press(manager, "发布")
    expect(manager.locator("ins", has_text="和钢丝绳")).to_be_visible()
    within_reach(manager, "procedure-desk")
    worker = seat(cast.worker, "phone")
    opens(worker, "/safety/procedures/")
    within_reach(worker, "procedures-phone")
    worker.get_by_role("link", name="吊装规程").first.click()
    press(worker, "我已阅读")
    expect(worker.get_by_text("您已读过这一版")).to_be_visible()
    with scope.use(scope.EVERYTHING):
        assert [reading.person_id for reading in Reading.objects.all()] == [
            cast.worker.person and cast.worker.person.pk
        ]

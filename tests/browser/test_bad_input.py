"""What goes wrong at a screen: pressed twice, written too long, written to hurt, too much money, a faulty bank file."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Act, Case
from lianxin.safety.models import Award
from tests.browser.conftest import Seat
from tests.browser.deeds import (
    PAYEE,
    claim,
    make_batch,
    payout_status,
    proposal,
    propose,
    repaired,
    send_answer,
)
from tests.browser.seats import fill, opens, press, read, take, unfold, within_reach
from tests.safety.conftest import Cast, report
from tests.safety.flows.test_rewards import build_purse

pytestmark = pytest.mark.django_db(transaction=True)
HURTFUL = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>{{7*7}}\'; DROP TABLE x; --'


def cases() -> int:
    with scope.use(scope.EVERYTHING):
        return Case.objects.count()


def test_whoever_presses_twice_sends_once(seat: Seat, cast: Cast) -> None:
    worker, officer = seat(cast.worker, "phone"), seat(cast.county_officer)
    opens(worker, f"/safety/report/?place={cast.tank.token}")
    worker.locator("[name=hazards]").first.fill("阀门漏气")
    worker.get_by_role("button", name="提交", exact=True).dblclick()
    expect(worker.get_by_role("heading", name="已提交")).to_be_visible()
    # Back, and sent again: it is known by its token.
    worker.go_back()
    assert cases() == 1
    with scope.use(scope.EVERYTHING):
        case = Case.objects.get()
    opens(officer, f"/case/{case.number}/")
    panel = unfold(officer, "受理")
    panel.get_by_role("button", name="受理", exact=True).dblclick()
    expect(officer.get_by_text("待定级").first).to_be_visible()
    with scope.use(scope.EVERYTHING):
        assert Act.objects.filter(case=case, step="accept").count() == 1


def test_text_too_long_or_missing_is_refused_at_its_field_and_stays(seat: Seat, cast: Cast) -> None:
    phone = seat(size="phone")
    opens(phone, f"/safety/report/?place={cast.tank.token}")
    phone.locator("[name=hazards]").first.fill("长" * 10_000)
    press(phone, "提交")
    expect(phone.get_by_text("每处最多").first).to_be_visible()
    assert len(phone.locator("[name=hazards]").first.input_value()) == 10_000
    within_reach(phone, "too-long-phone")
    phone.locator("[name=hazards]").first.fill("   ")
    press(phone, "提交")
    # Not any alert: that of the text before stands there until this answer has come.
    expect(phone.get_by_text("请拍照、录音或写一句话。").first).to_be_visible()
    assert cases() == 0
    phone.locator("[name=hazards]").first.fill("阀门漏气")
    press(phone, "提交")
    expect(phone.locator(".lx-receipt")).to_be_visible()
    assert cases() == 1


def test_what_is_written_to_hurt_is_read_as_it_was_written(seat: Seat, cast: Cast) -> None:
    worker, officer = seat(cast.worker, "phone"), seat(cast.county_officer)
    opens(worker, f"/safety/report/?place={cast.tank.token}")
    worker.locator("[name=hazards]").first.fill(HURTFUL)
    press(worker, "提交")
    expect(worker.get_by_role("heading", name="已提交")).to_be_visible()
    with scope.use(scope.EVERYTHING):
        address = f"/case/{Case.objects.get().number}/"
    opens(officer, address)
    take(officer, "退回补充", reason=HURTFUL)
    opens(worker, address)
    take(worker, "补充", supplement=HURTFUL)
    for page in (officer, worker):
        opens(page, address)
        # Three texts, each as it was typed: what was told, what was asked, what was added.
        assert read(page).count(HURTFUL) >= 3
        for place in (address, "/queue/" if page is officer else "/mine/", "/inbox/"):
            opens(page, place)
            assert page.evaluate("window.hurt") is None, place


def test_reward_over_the_fund_says_what_is_left_and_keeps_what_was_typed(seat: Seat, cast: Cast) -> None:
    purse = build_purse(cast, yuan=900)
    case = repaired(cast)
    officer = seat(cast.county_officer)
    opens(officer, f"/case/{case.number}/")
    part = proposal(officer, "authority")
    fill(part, line=str(purse.line.pk), fine="十万")
    press(part, "提出奖励")
    expect(officer.locator("#reward .lx-faults").first).to_be_visible()
    fill(officer.locator("#reward"), fine="100000")
    press(officer.locator("#reward details[open]"), "提出奖励")
    expect(officer.locator("#lx-notices, .lx-notices").first).to_contain_text("还剩 900 元，需要 15,000 元")
    assert officer.locator("#reward [name=fine]").input_value() == "100000"
    with scope.use(scope.EVERYTHING):
        assert not Award.objects.exists()


def test_faulty_bank_file_is_told_line_by_line_and_books_nothing(
    seat: Seat, cast: Cast, tmp_path: Path
) -> None:
    purse = build_purse(cast)
    case = repaired(cast)
    address = f"/case/{case.number}/"
    payout = propose(seat(cast.county_officer), address, line=purse.line.pk)
    claim(seat(cast.worker, "phone"), address)
    for who, label in ((purse.first_key, "审批"), (purse.second_key, "放款")):
        opens(seat(who), f"/case/{payout.number}/")
        take(seat(who), label)
    finance: Page = seat(purse.finance)
    make_batch(finance)
    send_answer(
        finance,
        tmp_path,
        (payout.number, "1999.99", "成功", "R-1"),
        (payout.number, "2000.00", "成功", "R-2"),
        ("P26-999999-X", "2000.00", "成功", "R-3"),
    )
    told = finance.locator("main")
    for words in ("金额应为 2,000 元", "同一笔发放出现多次", "查不到这个发放编号"):
        expect(told).to_contain_text(words)
    assert PAYEE["account"] not in read(finance)
    within_reach(finance, "faulty-bank-file-desk")
    assert payout_status(payout) == ("sent", True)
    send_answer(finance, tmp_path, (payout.number, "2000.00", "成功", "R-1"))
    expect(finance.get_by_text("已入账：成功 1 笔，失败 0 笔。")).to_be_visible()


def test_step_that_somebody_took_meanwhile_is_told(seat: Seat, cast: Cast) -> None:
    case = report(cast, at=clock.now()).case
    officer, worker = seat(cast.county_officer), seat(cast.worker, "phone")
    opens(officer, f"/case/{case.number}/")
    panel = unfold(officer, "退回补充")
    opens(worker, f"/case/{case.number}/")
    take(worker, "撤回")
    fill(panel, reason="请说明是哪一个罐")
    press(panel, "退回补充")
    expect(officer.locator("#lx-notices")).to_contain_text("已撤回")

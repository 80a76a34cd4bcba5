"""A hazard report from the photo on an unknown phone to the money on its owner's account, each by whoever has to."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lianxin.kernel import scope
from lianxin.kernel.ledger.models import Payout
from tests.browser.conftest import Seat
from tests.browser.deeds import (
    PAYEE,
    bank_file,
    in_days,
    latest,
    make_batch,
    repair,
    send_answer,
)
from tests.browser.seats import (
    PICTURE,
    fill,
    opens,
    posts,
    press,
    read,
    steps_offered,
    take,
    unfold,
    within_reach,
)
from tests.safety.conftest import ORDER, Cast
from tests.safety.flows.test_rewards import build_purse

pytestmark = pytest.mark.django_db(transaction=True)


def test_anonymous_report_is_repaired_and_rewarded(  # noqa: PLR0915 - a story is told from its beginning to its end
    seat: Seat, cast: Cast, tmp_path: Path
) -> None:
    purse = build_purse(cast)
    phone = seat(size="phone")

    # A photo and the code on the tank are enough.
    opens(phone, f"/safety/report/?place={cast.tank.token}")
    expect(phone.get_by_text("位置已由二维码填好")).to_be_visible()
    phone.locator("[name=photo]").set_input_files(PICTURE)
    within_reach(phone, "report-phone")
    press(phone, "提交")
    receipt = phone.locator(".lx-receipt").inner_text()
    within_reach(phone, "receipt-phone")
    case = latest("hazard")
    address = f"/case/{case.number}/"

    # Another phone, later: the receipt alone leads to the case.
    later = seat(size="phone", new=True)
    assert opens(later, address) == 404
    opens(later, "/receipt/")
    within_reach(later, "lookup-phone")
    later.locator("[name=receipt]").fill(receipt.lower().replace("-", " "))
    press(later, "查询")
    later.wait_for_url(f"**{address}")
    expect(later.get_by_text("待受理").first).to_be_visible()
    assert steps_offered(later) == ["撤回"]
    within_reach(later, "follow-phone")

    # The enterprise knows of nothing before it has to act.
    manager = seat(cast.manager)
    assert opens(manager, address) == 404

    # The officer finds it in the queue, with the photo and without a name.
    officer = seat(cast.county_officer)
    opens(officer, "/queue/")
    within_reach(officer, "queue-desk")
    officer.get_by_role("link", name="计量罐").first.click()
    expect(officer.locator("#history img").first).to_be_visible()
    within_reach(officer, "case-desk")
    take(officer, "受理")
    assert steps_offered(officer) == ["并案", "转办", "不予受理"]

    # The expert grades it: the score stands there as soon as the factors do.
    expert = seat(cast.expert)
    opens(expert, address)
    expert.get_by_role("link", name="定级").click()
    fill(expert, likelihood_1="6", exposure_1="6", consequence_1="7")
    expect(expert.get_by_text("D = L×E×C = 6×6×7 = 252")).to_be_visible()
    fill(expert, law_grade_1="general", accident_type_1="09")
    within_reach(expert, "grade-desk")
    press(expert, "定级")
    expect(expert.get_by_text("较大风险").first).to_be_visible()

    # The order: five elements, and one of them missing is asked for.
    office = seat(cast.safety_officer)
    opens(office, address)
    order = {**ORDER, "due_on": in_days(20)}
    panel = unfold(office, "下达整改通知")
    panel.evaluate("panel => panel.querySelector('form').noValidate = true")
    fill(panel, **{**order, "contingency": ""})
    press(panel, "下达整改通知")
    expect(office.locator("[name=contingency][aria-invalid=true]")).to_be_visible()
    within_reach(office, "order-faulty-desk")
    office.locator("[name=contingency]").fill(order["contingency"])
    press(office, "下达整改通知")
    expect(office.get_by_text("整改中").first).to_be_visible()

    # Now the enterprise sees what to do, and nothing of who told.
    assert opens(manager, address) == 200
    within_reach(manager, "manager-desk")
    repair(manager, address, "加装了跨步梯")
    opens(expert, address)
    take(expert, "验收通过", photos=("on_site",), seen="已到现场查看")

    # Not fixed, says the one who reported it; back it goes, and then it is.
    later.reload()
    assert steps_offered(later) == ["确认已改好", "我认为没改好"]
    take(later, "我认为没改好", reason="跨步梯没有固定")
    repair(manager, address, "已焊接固定")
    opens(expert, address)
    take(expert, "验收通过", photos=("on_site",), seen="固定牢靠")
    later.reload()
    within_reach(later, "verified-phone")
    take(later, "确认已改好")
    expect(later.get_by_text("已销号").first).to_be_visible()

    # The reward: proposed, claimed with the receipt, approved and released by two keys, paid by the bank.
    city = seat(cast.city_officer)
    opens(city, address)
    panel = unfold(city, "提出奖励")
    fill(panel, line=str(purse.line.pk))
    press(panel, "提出奖励")
    expect(city.get_by_text("¥2,000").first).to_be_visible()
    within_reach(city, "reward-desk")
    later.reload()
    panel = unfold(later, "领取奖励")
    fill(panel, **PAYEE)
    within_reach(later, "claim-phone")
    press(panel, "提交账户")
    expect(later.get_by_text("收款账户已登记")).to_be_visible()
    with scope.use(scope.EVERYTHING):
        payout = Payout.objects.select_related("case").get().case
    money = f"/case/{payout.number}/"
    first, second, finance = seat(purse.first_key), seat(purse.second_key), seat(purse.finance)
    opens(second, money)
    assert steps_offered(second) == ["不批准"]
    assert posts(second, f"{money}approve/") == 403
    opens(first, money)
    within_reach(first, "payout-desk")
    take(first, "审批")
    assert posts(first, f"{money}release/") == 403
    opens(second, money)
    take(second, "放款")
    opens(finance, "/money/batches/")
    within_reach(finance, "batches-desk")
    make_batch(finance)
    within_reach(finance, "batch-desk")
    assert PAYEE["account"] in bank_file(finance)
    send_answer(finance, tmp_path, (payout.number, "2000.00", "成功", "R-1"))
    expect(finance.get_by_text("已入账：成功 1 笔，失败 0 笔。")).to_be_visible()
    later.reload()
    expect(later.get_by_text("钱已收到")).to_be_visible()
    within_reach(later, "paid-phone")
    press(later, "钱已收到")
    expect(later.get_by_text("已签收，谢谢。")).to_be_visible()

    # Neither the enterprise nor the line union has seen who it was.
    for page in (manager, officer):
        opens(page, address)
        for told in (*PAYEE.values(), receipt):
            assert told not in page.content()
    assert opens(manager, money) == 404
    assert "奖励" not in read_after(manager, address)


def read_after(page: Page, address: str) -> str:
    opens(page, address)
    return read(page)

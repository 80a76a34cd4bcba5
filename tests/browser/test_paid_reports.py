"""A worker known by name and one in confidence, each from the phone to the money, with every "no" on the way."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.ledger import services as ledger
from lianxin.kernel.ledger.models import BudgetLine
from lianxin.kernel.money import Money
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.roles import FINANCE_OFFICER, PARTNER_KEY, SITE_MANAGER, UNION_KEY
from lianxin.safety.models import Award, RewardRule
from lianxin.safety.roles import SAFETY_EXPERT
from tests.browser.conftest import Seat
from tests.browser.deeds import (
    PAYEE,
    accept,
    bank_file,
    claim,
    grade,
    make_batch,
    order,
    payout_status,
    proposal,
    propose,
    repair,
    repaired,
    report_hazard,
    send_answer,
    status_of,
    verify,
)
from tests.browser.seats import opens, posts, press, read, steps_offered, take
from tests.safety.conftest import NOON, Cast, holder
from tests.safety.flows.test_rewards import build_purse

pytestmark = pytest.mark.django_db(transaction=True)


def case_at(address: str) -> Case:
    with scope.use(scope.EVERYTHING):
        return Case.objects.get(number=address.split("/")[2])


def refused(page: Page, address: str, step: str, label: str) -> bool:
    """Whether the step is on nobody's page here, and a POST without its button is forbidden."""
    opens(page, address)
    return label not in steps_offered(page) and posts(page, f"{address}{step}/") == 403


def test_named_report_is_repaired_by_one_verified_by_another_and_paid(
    seat: Seat, cast: Cast, tmp_path: Path
) -> None:
    purse = build_purse(cast)
    # Somebody who manages the place and is an expert of the office as well.
    both = holder("现场兼专家", (SITE_MANAGER, cast.plant), (SAFETY_EXPERT, cast.office))
    worker, officer, expert = seat(cast.worker, "phone"), seat(cast.county_officer), seat(cast.expert)
    address = report_hazard(worker, cast, mode="named", hazard="阀门漏气")
    case = case_at(address)

    # The officer reads whose it is, masked; the expert does not accept, nor does the officer grade.
    opens(officer, address)
    assert "职**" in read(officer)
    assert refused(expert, address, "accept", "受理")
    accept(officer, address)
    assert refused(officer, address, "grade", "定级")
    grade(expert, address)
    order(seat(cast.safety_officer), address)

    # Whoever repaired it does not verify it, whatever else they are.
    repair(seat(both), address, "换了阀门")
    assert refused(seat(both), address, "verify", "验收通过")
    assert status_of(case) == "verifying"
    verify(seat(cast.second_expert), address, "已到现场查看，不再漏气")
    opens(worker, address)
    take(worker, "确认已改好")

    # The worker does not propose a reward for it; the officer does, by the scale, and two keys confirm.
    assert posts(worker, f"/safety/award/{case.number}/", line=str(purse.line.pk)) == 403
    payout = propose(officer, address, line=purse.line.pk)
    expect(officer.get_by_text("¥2,000").first).to_be_visible()
    claim(worker, address, account="1")
    expect(worker.get_by_text("银行账号应为").first).to_be_visible()
    claim(worker, address)
    expect(worker.get_by_text("收款账户已登记")).to_be_visible()
    money = f"/case/{payout.number}/"
    first, second, finance = seat(purse.first_key), seat(purse.second_key), seat(purse.finance)
    assert refused(second, money, "approve", "审批")
    opens(first, money)
    take(first, "审批")
    assert refused(first, money, "release", "放款")
    opens(second, money)
    take(second, "放款")

    # The bank knows the account, refuses once, and pays at the second try.
    make_batch(finance)
    assert PAYEE["account"] in bank_file(finance)
    send_answer(finance, tmp_path, (payout.number, "2000.00", "失败", "R-1"))
    expect(finance.get_by_text("已入账：成功 0 笔，失败 1 笔。")).to_be_visible()
    opens(finance, money)
    take(finance, "重新支付")
    make_batch(finance)
    send_answer(finance, tmp_path, (payout.number, "2000.00", "成功", "R-2"))
    expect(finance.get_by_text("已入账：成功 1 笔，失败 0 笔。")).to_be_visible()
    opens(worker, address)
    press(worker, "钱已收到")
    expect(worker.get_by_text("已签收，谢谢。")).to_be_visible()
    assert payout_status(payout) == ("acknowledged", True)


def test_confidential_report_is_paid_and_nobody_nearby_learns_whose_it_was(
    seat: Seat, cast: Cast, tmp_path: Path
) -> None:
    purse = build_purse(cast)
    # One person with the union's key and the partner's, and the expert who graded with a key as well.
    two_keys = holder("双钥匙", (UNION_KEY, cast.city), (PARTNER_KEY, cast.office))
    grader = holder("专家兼钥匙", (SAFETY_EXPERT, cast.office), (UNION_KEY, cast.city))
    worker, officer, manager = seat(cast.worker, "phone"), seat(cast.county_officer), seat(cast.manager)
    address = report_hazard(worker, cast, mode="confidential", hazard="围堰开裂")

    # The line union sees a report without a name; the enterprise sees nothing until it has to act.
    opens(officer, address)
    assert "职**" not in read(officer)
    assert opens(manager, address) == 404
    accept(officer, address)
    grade(seat(grader), address)
    order(seat(cast.safety_officer), address)
    assert opens(manager, address) == 200
    repair(manager, address, "已修补")
    assert refused(manager, address, "verify", "验收通过")
    verify(seat(cast.expert), address, "裂缝已封")

    # Not fixed, says the worker; then it is.
    opens(worker, address)
    take(worker, "我认为没改好", reason="北侧还在渗")
    repair(manager, address, "北侧也修补了")
    verify(seat(cast.expert), address, "两侧都看过")
    opens(worker, address)
    take(worker, "确认已改好")

    # A grader holds no key, one person turns one key, and the reporter turns none.
    payout = propose(officer, address, line=purse.line.pk)
    money = f"/case/{payout.number}/"
    claim(worker, address)
    assert refused(seat(grader), money, "approve", "审批")
    holding = seat(two_keys)
    opens(holding, money)
    take(holding, "审批")
    assert refused(holding, money, "release", "放款")
    assert payout_status(payout) == ("approved", True)
    second, finance = seat(purse.second_key), seat(purse.finance)
    opens(second, money)
    take(second, "放款")
    make_batch(finance)
    send_answer(finance, tmp_path, (payout.number, "2000.00", "成功", "R-1"))
    opens(worker, address)
    press(worker, "钱已收到")
    expect(worker.get_by_text("已签收，谢谢。")).to_be_visible()
    assert payout_status(payout) == ("acknowledged", True)

    # Who it was stands on no page of those who work on it.
    for page in (manager, officer, second):
        for place in (address, money):
            opens(page, place)
            assert not any(told in page.content() for told in (*PAYEE.values(), "职工甲", "职**"))


def build_line(owner: Organization, partner: Organization, *, scheme: str) -> BudgetLine:
    """A line of a fund for one scheme alone, with money in it."""
    finance = holder("财务", (FINANCE_OFFICER, owner))
    with scope.act():
        fund = ledger.open_fund(
            owner,
            name=f"{owner.name}奖励金",
            year=2025,
            partner=partner,
            scheme=scheme,
            actor=finance,
            at=NOON,
        )
        line = ledger.open_line(
            fund, code=scheme, name="报告奖励", amount=Money.yuan(50_000), actor=finance, at=NOON
        )
        ledger.fund_in(fund, amount=Money.yuan(50_000), actor=finance, at=NOON, idempotency_key=scheme)
        ledger.allocate(
            line, amount=Money.yuan(50_000), actor=finance, at=NOON, idempotency_key=f"{scheme}-in"
        )
    return line


def test_one_report_earns_by_three_regimes_each_with_its_own_money_and_keys(seat: Seat, cast: Cast) -> None:
    purse = build_purse(cast)
    company = build_line(cast.plant, cast.office, scheme="company")
    authority = build_line(cast.city, cast.office, scheme="authority")
    with scope.act():
        RewardRule.objects.create(
            regime="company",
            basis="grade",
            risk_grade="larger",
            amount_fen=80_000,
            valid_from=NOON.date(),
            source="测试规则",
        )
    key = holder("企业钥匙", (UNION_KEY, cast.plant))
    case = repaired(cast)
    address = f"/case/{case.number}/"

    # Each regime is offered with the lines of its own money and by its own rule; none twice.
    officer = seat(cast.county_officer)
    opens(officer, address)
    for regime, own, others in (
        ("union_fund", "专项资金", "奖励金"),
        ("company", "化工厂奖励金", "某市奖励金"),
        ("authority", "某市奖励金", "化工厂奖励金"),
    ):
        lines = proposal(officer, regime).locator("[name=line]").inner_text()
        assert own in lines
        assert others not in lines
    propose(officer, address, line=purse.line.pk)
    paid_by_company = propose(officer, address, line=company.pk, regime="company")
    propose(officer, address, line=authority.pk, regime="authority", fine="100000")
    expect(officer.locator("#reward details.lx-confirm")).to_have_count(0)
    with scope.use(scope.EVERYTHING):
        earned = dict(Award.objects.values_list("regime", "amount_fen"))
    assert earned == {"union_fund": 200_000, "company": 80_000, "authority": 1_500_000}
    answer = posts(officer, f"/safety/award/{case.number}/", line=str(authority.pk), regime="company")
    assert answer == 404

    # The worker sees three sums, and is told whose finance will see the account.
    worker = seat(cast.worker, "phone")
    opens(worker, address)
    for words in ("政府举报奖励", "企业内部奖励", "工会专项资金奖励"):
        expect(worker.locator("#reward").get_by_text(words).first).to_be_visible()
    assert "企业财务付款时会看到您的姓名" in proposal(worker, "company").inner_text()
    claim(worker, address, regime="company")
    expect(worker.get_by_text("收款账户已登记")).to_be_visible()

    # The union's key does not fit the company's money; the company's does.
    money = f"/case/{paid_by_company.number}/"
    assert refused(seat(purse.first_key), money, "approve", "审批")
    opens(seat(key), money)
    take(seat(key), "审批")
    opens(seat(purse.second_key), money)
    take(seat(purse.second_key), "放款")
    assert payout_status(paid_by_company) == ("released", True)

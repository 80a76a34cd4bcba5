"""The reward of a report on its case page: proposed by an officer, claimed without a name."""

import pytest
from django.test import Client

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.ledger import services
from lianxin.kernel.ledger.models import BudgetLine, Fund, Payout
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.people.roles import FINANCE_OFFICER
from lianxin.safety.models import Award
from tests.safety.conftest import NOON, Cast, Walk, fresh, holder, report
from tests.web.casework.conftest import Browser

ACCOUNT = {"name": "收款人甲", "account": "6200000000000000017", "bank": "某银行"}


@pytest.fixture
def line(cast: Cast) -> BudgetLine:
    """A line of the city's fund with money in it."""
    finance = holder("财务", (FINANCE_OFFICER, cast.city))
    fund = services.open_fund(
        cast.city, name="专项资金", year=2025, partner=cast.office, actor=finance, at=NOON
    )
    found = services.open_line(
        fund, code="reward", name="报告奖励", amount=Money.yuan(100_000), actor=finance, at=NOON
    )
    services.fund_in(fund, amount=Money.yuan(100_000), actor=finance, at=NOON, idempotency_key="in")
    services.allocate(found, amount=Money.yuan(50_000), actor=finance, at=NOON, idempotency_key="out")
    return found


@pytest.fixture
def anonymous(cast: Cast, line: BudgetLine) -> tuple[Case, str]:
    """A verified report by somebody nobody knows, and their receipt code."""
    opened = report(cast, mode="anonymous", at=NOON)
    return Walk(cast, opened.case).to("verify"), opened.receipt or ""


def propose(client: Client, case: Case, line: BudgetLine) -> object:
    return client.post(f"/safety/award/{case.number}/", {"line": line.pk}, follow=True)


def test_officer_sees_what_the_scale_gives_and_proposes_it(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser
) -> None:
    client = signed(cast.safety_officer)
    assert "按奖励标准可奖" in client.get(f"/case/{anonymous[0].number}/").content.decode()
    assert "已提出奖励" in propose(client, anonymous[0], line).content.decode()  # type: ignore[attr-defined]
    with scope.use(scope.EVERYTHING):
        assert Award.objects.get().case == fresh(anonymous[0])


def test_county_officer_proposes_from_the_city_s_fund_without_seeing_it(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser
) -> None:
    client = signed(cast.county_officer)
    page = client.get(f"/case/{anonymous[0].number}/").content.decode()
    assert "报告奖励" in page
    assert "50,000" not in page
    assert "已提出奖励" in propose(client, anonymous[0], line).content.decode()  # type: ignore[attr-defined]
    assert client.get(f"/money/{line.fund_id}/").status_code in {403, 404}
    with scope.use(scope.EVERYTHING):
        assert Award.objects.get().line == line


def test_propose_from_a_line_that_does_not_pay_for_the_place_is_not_there(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser
) -> None:
    with scope.act():
        Fund.objects.filter(pk=line.fund_id).update(scheme="company")
    client = signed(cast.city_officer)
    assert "提出奖励" not in client.get(f"/case/{anonymous[0].number}/").content.decode()
    assert propose(client, anonymous[0], line).status_code == 404  # type: ignore[attr-defined]
    assert not Award.objects.exists()


@pytest.mark.parametrize("regime", ["lottery", "\0"])
@pytest.mark.parametrize("deed", ["", "claim/", "received/"])
def test_reward_of_no_regime_is_not_there(
    anonymous: tuple[Case, str], line: BudgetLine, signed: Browser, cast: Cast, regime: str, deed: str
) -> None:
    officer = signed(cast.safety_officer)
    answer = officer.post(
        f"/safety/award/{anonymous[0].number}/{deed}", {"line": line.pk, "regime": regime, **ACCOUNT}
    )
    assert answer.status_code == 404
    with scope.use(scope.EVERYTHING):
        assert not Award.objects.exists()


def test_both_regimes_are_proposed_on_one_page_and_claimed_each_for_itself(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser, client: Client
) -> None:
    case, receipt = anonymous
    officer = signed(cast.safety_officer)
    propose(officer, case, line)
    page = officer.get(f"/case/{case.number}/").content.decode()
    assert ("罚款金额" in page, "按奖励标准可奖" in page) == (True, False)
    imposed = {"line": line.pk, "regime": "authority", "fine": "100000"}
    page = officer.post(f"/safety/award/{case.number}/", imposed, follow=True).content.decode()
    assert "已提出奖励 15,000 元" in page
    client.post("/receipt/", {"receipt": receipt})
    page = client.get(f"/case/{case.number}/").content.decode()
    assert ("政府举报奖励" in page, "工会专项资金奖励" in page, page.count("提交账户")) == (True, True, 2)
    for regime in ("authority", "union_fund"):
        answer = client.post(
            f"/safety/award/{case.number}/claim/", {**ACCOUNT, "regime": regime}, follow=True
        )
        assert "收款账户已登记，只有财务能看到" in answer.content.decode()
    with scope.use(scope.EVERYTHING):
        assert Payout.objects.filter(payee_sealed__isnull=False).count() == 2


@pytest.mark.parametrize(
    ("field", "value"), [("fine", "-1"), ("fine", "许多"), ("deaths", "-1"), ("accident_grade", "x")]
)
def test_propose_with_a_faulty_fact_names_it_and_reserves_nothing(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser, field: str, value: str
) -> None:
    sent = {"line": line.pk, "regime": "authority", "fine": "100000", field: value}
    page = signed(cast.safety_officer).post(f"/safety/award/{anonymous[0].number}/", sent, follow=True)
    named = {"fine": "罚款金额（元）", "deaths": "查实的瞒报死亡人数", "accident_grade": "瞒报事故的等级"}
    assert page.status_code == 422
    assert f">{named[field]}</a>：" in page.content.decode()
    # What was right stands there still.
    assert 'name="fine" value="100000"' in page.content.decode() or field == "fine"
    assert not Award.objects.exists()


def test_propose_over_the_fund_says_what_is_left_and_reserves_nothing(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser
) -> None:
    services.transfer_between_lines(
        line,
        services.open_line(line.fund, code="other", name="别处", amount=Money(1), actor=SYSTEM, at=NOON),
        amount=Money.yuan(48_500),
        actor=SYSTEM,
        at=NOON,
        idempotency_key="away",
    )
    client = signed(cast.safety_officer)
    for language, words in (
        ("zh-hans", "金额不足：还剩 1,500 元，需要 2,000 元"),
        ("en", "is short: ¥1,500"),
    ):
        client.cookies["django_language"] = language
        assert words in propose(client, anonymous[0], line).content.decode()  # type: ignore[attr-defined]
    assert not Award.objects.exists()
    with scope.use(scope.EVERYTHING):
        assert not Payout.objects.exists()


def test_propose_twice_says_so(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser
) -> None:
    client = signed(cast.safety_officer)
    propose(client, anonymous[0], line)
    assert "该报告已提出" in propose(client, anonymous[0], line).content.decode()  # type: ignore[attr-defined]
    assert Award.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("worker", 403), ("manager", 403), ("foreign_officer", 404)])
def test_propose_is_for_officers_of_the_place(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser, who: str, status: int
) -> None:
    assert propose(signed(getattr(cast, who)), anonymous[0], line).status_code in {status, 404}  # type: ignore[attr-defined]
    assert not Award.objects.exists()


def test_enterprise_sees_no_reward(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser
) -> None:
    propose(signed(cast.safety_officer), anonymous[0], line)
    assert 'id="reward"' not in signed(cast.manager).get(f"/case/{anonymous[0].number}/").content.decode()


def test_reporter_claims_by_receipt(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser, client: Client
) -> None:
    case, receipt = anonymous
    propose(signed(cast.safety_officer), case, line)
    client.post("/receipt/", {"receipt": receipt})
    assert "领取奖励" in client.get(f"/case/{case.number}/").content.decode()
    page = client.post(f"/safety/award/{case.number}/claim/", ACCOUNT, follow=True).content.decode()
    assert "收款账户已登记" in page
    assert ACCOUNT["account"] not in page
    with scope.use(scope.EVERYTHING):
        assert Payout.objects.get().payee_sealed is not None
    again = client.post(f"/safety/award/{case.number}/claim/", ACCOUNT, follow=True).content.decode()
    assert "收款账户已登记，只有财务能看到" not in again


def test_faulty_account_is_told_and_nothing_is_kept(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser, client: Client
) -> None:
    case, receipt = anonymous
    propose(signed(cast.safety_officer), case, line)
    client.post("/receipt/", {"receipt": receipt})
    page = client.post(f"/safety/award/{case.number}/claim/", {**ACCOUNT, "account": "1"})
    assert page.status_code == 422
    assert "银行账号应为" in page.content.decode()
    assert f'value="{ACCOUNT["name"]}"' in page.content.decode()
    with scope.use(scope.EVERYTHING):
        assert Payout.objects.get().payee_sealed is None


@pytest.mark.parametrize("deed", ["claim", "received"])
def test_another_claims_nothing(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser, deed: str
) -> None:
    propose(signed(cast.safety_officer), anonymous[0], line)
    for who in (cast.stranger, cast.manager, cast.county_officer):
        answer = signed(who).post(f"/safety/award/{anonymous[0].number}/{deed}/", ACCOUNT)
        assert answer.status_code == 404
    with scope.use(scope.EVERYTHING):
        assert Payout.objects.get().payee_sealed is None


def test_received_before_it_was_paid_is_refused(
    cast: Cast, line: BudgetLine, anonymous: tuple[Case, str], signed: Browser, client: Client
) -> None:
    propose(signed(cast.safety_officer), anonymous[0], line)
    client.post("/receipt/", {"receipt": anonymous[1]})
    assert client.post(f"/safety/award/{anonymous[0].number}/received/").status_code in {403, 409, 422}

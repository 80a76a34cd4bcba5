"""What a verified report earns, and how somebody nobody knows is paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.cases.reporters import Reporting, reporter_of_receipt
from lianxin.kernel.cases.rules import duty_claims
from lianxin.kernel.cases.services import Opened, open_case, perform
from lianxin.kernel.ledger import batches
from lianxin.kernel.ledger import services as ledger
from lianxin.kernel.ledger.models import Account, BudgetLine, Coverage, Fund, Payout
from lianxin.kernel.ledger.payees import Payee, unseal_payee
from lianxin.kernel.metrics import totals
from lianxin.kernel.metrics.periods import year
from lianxin.kernel.metrics.registry import metric_of
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import SYSTEM, Actor, receipt_holder
from lianxin.kernel.people.roles import FINANCE_OFFICER, PARTNER_KEY, UNION_KEY
from lianxin.kernel.reference.services import set_parameter
from lianxin.safety.models import Award, HazardReport
from lianxin.safety.services.procedures import publish_procedure, publish_version
from lianxin.safety.services.rewards import claim_award, propose_award, renew_award
from lianxin.safety.workflow.hazard import workflow
from tests.safety.conftest import (
    NOON,
    Cast,
    Walk,
    build_cast,
    code_of,
    fresh,
    grades,
    holder,
    later,
    race,
    report,
)

PAYEE = Payee("收款人甲", "6200000000000000017", "某银行")
LOW = grades(likelihood="1", exposure="3", consequence="7")
CRITICAL = grades(likelihood="6", exposure="6", consequence="15")


@dataclass(frozen=True)
class Purse:
    """The fund with its two keys and its finance."""

    fund: Fund
    line: BudgetLine
    first_key: Actor
    second_key: Actor
    finance: Actor


def build_purse(cast: Cast, yuan: int = 100_000) -> Purse:
    """A fund of the city with the safety office as partner."""
    finance = holder("财务", (FINANCE_OFFICER, cast.city))
    with scope.act():
        fund = ledger.open_fund(
            cast.city, name="专项资金", year=2025, partner=cast.office, actor=finance, at=NOON
        )
        line = ledger.open_line(
            fund, code="reward", name="报告奖励", amount=Money.yuan(yuan), actor=finance, at=NOON
        )
        ledger.fund_in(fund, amount=Money.yuan(yuan), actor=finance, at=NOON, idempotency_key="in")
        ledger.allocate(line, amount=Money.yuan(yuan), actor=finance, at=NOON, idempotency_key="allocate")
    return Purse(
        fund,
        line,
        holder("钥匙甲", (UNION_KEY, cast.city)),
        holder("钥匙乙", (PARTNER_KEY, cast.office)),
        finance,
    )


@pytest.fixture
def purse(cast: Cast) -> Purse:
    """The purse, inside the test's transaction."""
    return build_purse(cast)


def verified(cast: Cast, case: Case | None = None, duty: str = "outside", **answers: str) -> Case:
    """A report, verified; a larger risk unless the answers say otherwise."""
    case = case or report(cast).case
    Walk(cast, case).to("grade", own_duty=duty, **(answers or grades()))
    for step in ("order", "rectify", "verify"):
        Walk(cast, case).take(step)
    return case


def propose(cast: Cast, purse: Purse, case: Case) -> list[Award]:
    """The county officer proposes by the union fund's scale."""
    return propose_award(case, line=purse.line, actor=cast.county_officer, at=later(1))


def amounts(awards: Sequence[Award]) -> list[int]:
    """Whole yuan of each."""
    return [award.amount_fen // 100 for award in awards]


def reserved(purse: Purse) -> Money:
    """What the fund holds back."""
    with scope.use(scope.EVERYTHING):
        return Money(Account.objects.get(line=purse.line, kind="reserved").balance)


@pytest.mark.parametrize(
    ("answers", "duty", "yuan"),
    [
        (grades(), "inside", 500),
        (grades(), "outside", 2_000),
        (CRITICAL, "inside", 3_000),
        (CRITICAL, "outside", 5_000),
        ({**grades(), "accident_averted": "on"}, "inside", 8_000),
    ],
)
def test_propose_award_by_the_scale(
    cast: Cast, purse: Purse, answers: dict[str, Any], duty: str, yuan: int
) -> None:
    awards = propose(cast, purse, verified(cast, duty=duty, **answers))
    assert amounts(awards) == [yuan]
    assert reserved(purse) == Money.yuan(yuan)
    assert awards[0].rule.source == "demonstration scale"


def test_the_year_adds_up() -> None:
    # The mix that the replayed year uses: 34 awards, one of them for a report that led to a revised procedure.
    mix = [500] * 6 + [2_000] * 22 + [3_000] * 4 + [5_000] + [8_000]
    assert (len(mix), sum(mix)) == (34, 72_000)


def test_propose_award_refuses_below_the_grade(cast: Cast, purse: Purse) -> None:
    assert code_of(lambda: propose(cast, purse, verified(cast, **LOW))) == "below_grade"
    assert reserved(purse) == Money(0)


def test_propose_award_refuses_before_verification(cast: Cast, purse: Purse) -> None:
    case = report(cast).case
    Walk(cast, case).to("rectify")
    assert code_of(lambda: propose(cast, purse, case)) == "not_verified"
    Walk(cast, case).take("verify")
    assert code_of(lambda: propose(cast, purse, case)) == ""


def test_propose_award_refuses_after_an_objection(cast: Cast, purse: Purse) -> None:
    case = verified(cast)
    perform(case, "object", actor=cast.worker, at=later(1), reason="没改")
    assert code_of(lambda: propose(cast, purse, case)) == "not_verified"


def test_propose_award_is_for_the_first_report_only(cast: Cast, purse: Purse) -> None:
    first = report(cast).case
    second = report(cast, "同一处", actor=cast.colleague).case
    perform(second, "merge", actor=cast.county_officer, at=NOON, into=first.number)
    verified(cast, first)
    assert code_of(lambda: propose(cast, purse, second)) == "not_first"
    assert code_of(lambda: propose(cast, purse, first)) == ""


def test_propose_award_twice_is_refused(cast: Cast, purse: Purse) -> None:
    case = verified(cast)
    propose(cast, purse, case)
    assert code_of(lambda: propose(cast, purse, case)) == "award_exists"


@pytest.mark.parametrize("who", ["manager", "worker", "foreign_officer", "expert"])
def test_propose_award_is_for_the_line(cast: Cast, purse: Purse, who: str) -> None:
    case = verified(cast)
    actor = getattr(cast, who)
    assert code_of(lambda: propose_award(case, line=purse.line, actor=actor, at=NOON)) == "wrong_role"
    assert code_of(lambda: propose(cast, purse, case)) == ""


def test_propose_award_is_not_for_the_reporter(cast: Cast, purse: Purse) -> None:
    case = verified(cast, report(cast, actor=cast.safety_officer, mode="confidential").case)
    own = lambda: propose_award(case, line=purse.line, actor=cast.safety_officer, at=NOON)  # noqa: E731
    assert code_of(own) == "own_report"
    assert code_of(lambda: propose(cast, purse, case)) == ""


def test_propose_award_over_the_fund_reserves_nothing(cast: Cast) -> None:
    purse = build_purse(cast, yuan=1_999)
    case = verified(cast)
    assert code_of(lambda: propose(cast, purse, case)) == "fund_short"
    with scope.use(scope.EVERYTHING):
        assert Award.objects.count() == Payout.objects.count() == 0


def test_propose_award_splits_by_shares(cast: Cast, purse: Purse) -> None:
    case = joint(cast, mode="named", co_authors=(cast.colleague.person,), shares=(2, 1)).case
    awards = propose(cast, purse, verified(cast, case))
    assert [award.amount_fen for award in awards] == [133_334, 66_666]
    with scope.use(scope.EVERYTHING):
        paid_to = list(Payout.objects.order_by("position").values_list("person", flat=True))
    assert paid_to == [person.pk for person in (cast.worker.person, cast.colleague.person) if person]


def test_propose_award_by_the_authority_goes_to_the_first_signatory(cast: Cast, purse: Purse) -> None:
    case = verified(cast, **LOW)
    awards = propose_award(
        case,
        line=purse.line,
        regime="authority",
        fine=Money.yuan(100_000),
        actor=cast.safety_officer,
        at=NOON,
    )
    assert amounts(awards) == [15_000]


def both_regimes(cast: Cast, purse: Purse, case: Case) -> list[Award]:
    """The union's reward and the authority's, as the county and the safety office propose them."""
    fine = Money.yuan(100_000)
    authority = propose_award(
        case, line=purse.line, regime="authority", fine=fine, actor=cast.safety_officer, at=later(1)
    )
    return [*propose(cast, purse, case), *authority]


def test_one_report_earns_by_two_regimes_and_each_is_claimed_and_paid(cast: Cast, purse: Purse) -> None:
    opened = report(cast, mode="anonymous")
    awards = both_regimes(cast, purse, verified(cast, opened.case))
    assert amounts(awards) == [2_000, 15_000]
    for award in awards:
        me = receipt_holder(opened.case.pk)
        claim = partial(claim_award, award.case, payee=PAYEE, actor=me, at=later(2), regime=award.regime)
        claim()
        assert code_of(claim) == "payee_set"
        pay(purse, award)
    with scope.use(scope.EVERYTHING):
        paid = Payout.objects.filter(paid_at__isnull=False).values_list("scheme", "amount")
        assert sorted(paid) == [("authority", 1_500_000), ("union_fund", 200_000)]


def test_claim_award_of_a_regime_that_gave_nothing(cast: Cast, purse: Purse) -> None:
    case = verified(cast)
    propose(cast, purse, case)
    claim = partial(claim_award, case, payee=PAYEE, actor=cast.worker, at=later(2))
    assert code_of(lambda: claim(regime="authority")) == "no_award"
    assert code_of(lambda: claim(regime="union_fund")) == ""


def test_propose_award_by_one_regime_twice_is_refused_beside_the_other(cast: Cast, purse: Purse) -> None:
    case = verified(cast)
    both_regimes(cast, purse, case)
    for regime, fine in (("union_fund", None), ("authority", Money.yuan(200_000))):
        again = partial(propose_award, case, line=purse.line, regime=regime, fine=fine, at=later(2))
        assert code_of(partial(again, actor=cast.city_officer)) == "award_exists"
    assert reserved(purse) == Money.yuan(17_000)


def test_renewed_award_pays_once_beside_the_other_regime(cast: Cast, purse: Purse) -> None:
    awards = both_regimes(cast, purse, verified(cast))
    assert awards[0].payout is not None
    perform(awards[0].payout, "decline", actor=purse.first_key, at=later(2), reason="材料不全")
    renewed = renew_award(awards[0], actor=cast.county_officer, at=later(3))
    assert code_of(lambda: renew_award(renewed, actor=cast.county_officer, at=later(3))) == "payout_exists"
    assert code_of(lambda: renew_award(awards[1], actor=cast.county_officer, at=later(3))) == "payout_exists"
    assert reserved(purse) == Money.yuan(17_000)


def test_database_refuses_the_payout_of_another_regime_for_an_award(cast: Cast, purse: Purse) -> None:
    union, authority = both_regimes(cast, purse, verified(cast))
    with pytest.raises(IntegrityError, match="is not what payout"), transaction.atomic(), scope.act():
        Award.objects.filter(pk=union.pk).update(payout=authority.payout)


def test_propose_award_from_a_fund_that_does_not_cover_the_place(cast: Cast, purse: Purse) -> None:
    case = verified(cast)
    with scope.use(scope.EVERYTHING):
        coverage = Coverage.objects.select_related("fund").get(fund=purse.fund)
    ledger.end_coverage(coverage, actor=purse.finance, at=later(1))
    ledger.cover(purse.fund, cast.other_county, actor=purse.finance, at=later(1))
    assert code_of(lambda: propose(cast, purse, case)) == "fund_elsewhere"
    with scope.use(scope.EVERYTHING):
        assert not Award.objects.exists()
    ledger.cover(purse.fund, cast.county, actor=purse.finance, at=later(1))
    assert code_of(lambda: propose(cast, purse, case)) == ""


def test_propose_award_by_the_authority_needs_a_fine(cast: Cast, purse: Purse) -> None:
    case = verified(cast)
    ask = lambda: propose_award(  # noqa: E731
        case, line=purse.line, regime="authority", actor=cast.safety_officer, at=NOON
    )
    assert code_of(ask) == "no_rule"


def test_propose_award_by_the_company_has_no_scale_of_ours(cast: Cast, purse: Purse) -> None:
    case = verified(cast)
    ask = lambda: propose_award(  # noqa: E731
        case, line=purse.line, regime="company", actor=cast.safety_officer, at=NOON
    )
    assert code_of(ask) == "no_rule"


def test_anonymous_reporter_is_paid_without_being_known(cast: Cast, purse: Purse) -> None:
    opened = report(cast, mode="anonymous")
    award = propose(cast, purse, verified(cast, opened.case))[0]
    assert opened.receipt is not None
    case = reporter_of_receipt(opened.receipt).case
    claim_award(case, payee=PAYEE, actor=receipt_holder(case.pk), at=later(2))
    assert award.payout is not None
    perform(award.payout, "approve", actor=purse.first_key, at=later(3))
    perform(award.payout, "release", actor=purse.second_key, at=later(4))
    with scope.use(scope.EVERYTHING):
        payout = Payout.objects.get(case=award.payout)
        assert (payout.person, payout.payee_sealed is not None) == (None, True)
    for viewer in (cast.manager, cast.county_officer):
        with scope.use(viewer.scope):
            assert Payout.objects.count() == 0
            assert list(Reporter.objects.filter(person__isnull=False)) == []


def joint(cast: Cast, **reporting: Any) -> Opened:
    return open_case(
        workflow,
        actor=cast.worker,
        at=NOON,
        organization=cast.plant,
        site=cast.tank,
        title="两人发现",
        data={"hazards": ["两人发现"], "spoken": {}},
        reporting=Reporting(**reporting),
    )


def test_each_anonymous_reporter_claims_their_own_share_and_no_other(cast: Cast, purse: Purse) -> None:
    opened = joint(cast, mode="anonymous", people=2, shares=(3, 1))
    awards = propose(cast, purse, verified(cast, opened.case))
    assert amounts(awards) == [1_500, 500]
    for number, receipt in enumerate(opened.receipts, start=1):
        row = reporter_of_receipt(receipt)
        holder_of_it = receipt_holder(row.case_id, position=row.position)
        payee = Payee(f"收款人{number}", f"620000000000000001{number}", "某银行")
        assert claim_award(row.case, payee=payee, actor=holder_of_it, at=later(2)).position == number
        again = partial(claim_award, row.case, payee=payee, actor=holder_of_it, at=later(2))
        assert code_of(again) == "payee_set"
    with scope.use(scope.EVERYTHING):
        told = [
            unseal_payee(payout.payee_sealed, case_id=payout.case_id).name
            for payout in Payout.objects.order_by("position")
            if payout.payee_sealed is not None
        ]
    assert told == ["收款人1", "收款人2"]


def test_receipt_of_a_position_that_earned_nothing_claims_nothing(cast: Cast, purse: Purse) -> None:
    opened = report(cast, mode="anonymous")
    propose(cast, purse, verified(cast, opened.case))
    claim = partial(claim_award, opened.case, payee=PAYEE, at=later(2))
    assert code_of(lambda: claim(actor=receipt_holder(opened.case.pk, position=2))) == "no_award"
    assert code_of(lambda: claim(actor=receipt_holder(opened.case.pk))) == ""


def test_each_confidential_reporter_claims_signed_in(cast: Cast, purse: Purse) -> None:
    opened = joint(cast, mode="confidential", co_authors=(cast.colleague.person,), shares=(3, 1))
    propose(cast, purse, verified(cast, opened.case))
    for actor, position in ((cast.colleague, 2), (cast.worker, 1)):
        assert claim_award(opened.case, payee=PAYEE, actor=actor, at=later(2)).position == position
    with scope.use(scope.EVERYTHING):
        assert list(Payout.objects.values_list("person", flat=True)) == [None, None]


def test_confidential_reporter_claims_signed_in(cast: Cast, purse: Purse) -> None:
    case = report(cast, mode="confidential").case
    propose(cast, purse, verified(cast, case))
    assert code_of(lambda: claim_award(case, payee=PAYEE, actor=cast.colleague, at=later(2))) == "no_award"
    assert claim_award(case, payee=PAYEE, actor=cast.worker, at=later(2)).claimed_at == later(2)
    assert code_of(lambda: claim_award(case, payee=PAYEE, actor=cast.worker, at=later(3))) == "payee_set"


def test_claim_award_before_there_is_one(cast: Cast, purse: Purse) -> None:
    opened = report(cast, mode="anonymous")
    claim = lambda: claim_award(  # noqa: E731
        opened.case, payee=PAYEE, actor=receipt_holder(opened.case.pk), at=NOON
    )
    assert code_of(claim) == "no_award"
    propose(cast, purse, verified(cast, opened.case))
    assert code_of(claim) == ""


def test_claim_award_after_its_window(cast: Cast, purse: Purse) -> None:
    set_parameter(
        "reward.claim_window",
        region=cast.city.region,
        value={"amount": 60, "unit": "days"},
        valid_from=NOON.date(),
        source="测试规则",
        actor=SYSTEM,
        at=NOON,
    )
    case = verified(cast)
    propose(cast, purse, case)
    assert (
        code_of(lambda: claim_award(case, payee=PAYEE, actor=cast.worker, at=later(62))) == "claim_too_late"
    )
    assert code_of(lambda: claim_award(case, payee=PAYEE, actor=cast.worker, at=later(61))) == ""


def test_grader_holds_no_key(cast: Cast, purse: Purse) -> None:
    award = propose(cast, purse, verified(cast))[0]
    both = holder("评级兼钥匙", (UNION_KEY, cast.city))
    assert award.payout is not None
    with scope.act():
        for claim in duty_claims(both, award.case, {"reward": "grade"}, None):
            claim.at = NOON
            claim.save()
    payout = award.payout
    assert code_of(lambda: perform(payout, "approve", actor=both, at=NOON)) == "same_person"
    assert code_of(lambda: perform(payout, "approve", actor=purse.first_key, at=NOON)) == ""


def test_renew_award_after_a_key_declined(cast: Cast, purse: Purse) -> None:
    award = propose(cast, purse, verified(cast))[0]
    assert code_of(lambda: renew_award(award, actor=cast.county_officer, at=NOON)) == "payout_exists"
    assert award.payout is not None
    perform(award.payout, "decline", actor=purse.first_key, at=NOON, reason="材料不全")
    assert reserved(purse) == Money(0)
    renewed = renew_award(award, actor=cast.county_officer, at=later(1))
    assert renewed.payout is not None
    assert (fresh(renewed.payout).status, reserved(purse)) == ("reserved", Money.yuan(2_000))


def test_database_refuses_an_award_for_an_unverified_report(cast: Cast, purse: Purse) -> None:
    case = verified(cast)
    award = propose(cast, purse, case)[0]
    other = report(cast, "另一处").case
    with pytest.raises(IntegrityError, match="verified first report"), transaction.atomic(), scope.act():
        Award.objects.create(
            case=other,
            position=1,
            regime=award.regime,
            rule=award.rule,
            amount_fen=1,
            line=purse.line,
            proposed_at=NOON,
        )


@pytest.mark.parametrize("change", [{"amount_fen": 1}, {"position": 2}])
def test_database_keeps_the_facts_of_an_award(cast: Cast, purse: Purse, change: dict[str, int]) -> None:
    award = propose(cast, purse, verified(cast))[0]
    with pytest.raises(IntegrityError, match="facts of an award stay"), transaction.atomic(), scope.act():
        Award.objects.filter(pk=award.pk).update(**change)
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic(), scope.act():
        Award.objects.filter(pk=award.pk).delete()


def test_figures_count_what_was_paid(cast: Cast, purse: Purse) -> None:
    first, second = verified(cast, duty="inside"), verified(cast, report(cast, "另一处").case)
    revised(cast, source=first)
    for case in (first, second):
        award = propose(cast, purse, case)[0]
        claim_award(case, payee=PAYEE, actor=cast.worker, at=later(2))
        pay(purse, award)
    counted = {
        "hazard.reports.awarded": 2,
        "safety.rewards.paid": 250_000,
        "safety.rewards.procedure_revision": 50_000,
        "safety.rewards.days_to_pay": Decimal(4),
    }
    with scope.use(scope.EVERYTHING):
        assert {id_: totals.recount(metric_of(id_), year(2025)) for id_ in counted} == counted


def revised(cast: Cast, *, source: Case) -> None:
    """A procedure, and a new version of it that a report led to."""
    first = publish_procedure(
        cast.plant, title="规程", clauses=[("1", "甲")], effective_on=NOON.date(), actor=cast.manager, at=NOON
    )
    publish_version(
        first.procedure,
        clauses=[("1", "乙")],
        effective_on=NOON.date(),
        source=source,
        actor=cast.manager,
        at=NOON,
    )


def pay(purse: Purse, award: Award) -> None:
    """Both keys, a bank batch and the bank's word, four days after the verification."""
    assert award.payout is not None
    perform(award.payout, "approve", actor=purse.first_key, at=later(3))
    perform(award.payout, "release", actor=purse.second_key, at=later(3))
    with scope.use(scope.EVERYTHING):
        payout = Payout.objects.select_related("case", "fund").get(case=award.payout)
    batch = batches.create_batch(purse.fund, actor=purse.finance, at=later(4), payouts=[payout])
    said = batches.BankAnswer(2, payout.case.number, award.amount, paid=True, reference="R-1", reason="")
    batches.book_result(batch, [said], sha256=payout.case.number.encode(), actor=purse.finance, at=later(4))


@pytest.mark.django_db(transaction=True)
def test_propose_award_twice_at_once_reserves_once() -> None:
    cast = build_cast()
    purse = build_purse(cast)
    case = verified(cast)
    outcomes = race([lambda: propose(cast, purse, case)] * 2)
    assert outcomes == ["award_exists", "done"]
    assert reserved(purse) == Money.yuan(2_000)
    with scope.use(scope.EVERYTHING):
        assert HazardReport.objects.filter(verified_at__isnull=False).count() == 1

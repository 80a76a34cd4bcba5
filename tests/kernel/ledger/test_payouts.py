"""Proposing a payout, saying to whom, and acknowledging it."""

from dataclasses import replace
from functools import partial

import pytest
from django.template.loader import render_to_string

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.cases.intake import submit
from lianxin.kernel.cases.models import Act, Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.ledger import payouts, queries, services
from lianxin.kernel.ledger.models import Payout
from lianxin.kernel.ledger.payees import clean_payee, seal_payee, unseal_payee
from lianxin.kernel.ledger.workflow import S, workflow
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import receipt_holder
from lianxin.kernel.refusals import Conflict, Invalid, NotFound, Refused
from tests.kernel.ledger.conftest import (
    NOON,
    PAYEE,
    Cast,
    balance,
    build_cast,
    fresh,
    paid,
    propose,
    race,
    raise_case,
    released,
)

YUAN = Money.yuan


def test_propose_payout_reserves_and_stands_with_the_fund(cast: Cast) -> None:
    award = raise_case(cast).case
    payout = propose(cast, award)
    case = payout.case
    assert (case.parent_id, case.root_id, case.organization, case.status) == (
        award.pk,
        award.pk,
        cast.city,
        S.RESERVED,
    )
    assert (payout.verified_at, payout.person, payout.award_id) == (NOON, None, award.pk)
    assert balance(cast.fund, "reserved", cast.line) == YUAN(500)


def test_propose_payout_beyond_the_fund_leaves_nothing_behind(cast: Cast) -> None:
    award = raise_case(cast).case
    with pytest.raises(Refused) as refused:
        propose(cast, award, yuan=5001)
    assert refused.value.code == "fund_short"
    with scope.use(scope.EVERYTHING):
        assert not Case.objects.filter(kind="payout").exists()
    assert propose(cast, award, yuan=5000).amount == YUAN(5000).fen


def test_nobody_opens_a_payout_by_hand(cast: Cast) -> None:
    with pytest.raises(NotFound) as refused:
        submit(workflow, actor=cast.finance, at=NOON, data={"organization": cast.city.pk}, uploads={})
    assert refused.value.code == "not_opened_directly"


def test_propose_payout_of_nothing_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        propose(cast, raise_case(cast).case, yuan=0)
    assert refused.value.code == "amount_not_positive"


def test_propose_payout_with_the_same_key_is_the_same_payout(cast: Cast) -> None:
    award = raise_case(cast).case
    first = propose(cast, award, key="k")
    assert propose(cast, award, key="k").pk == first.pk
    assert balance(cast.fund, "reserved", cast.line) == YUAN(500)
    with pytest.raises(Conflict) as refused:
        propose(cast, award, yuan=501, key="k")
    assert refused.value.code == "key_reused"


def test_propose_payout_twice_for_one_payee_is_refused(cast: Cast) -> None:
    award = raise_case(cast).case
    propose(cast, award, key="a")
    with pytest.raises(Conflict) as refused:
        propose(cast, award, key="b")
    assert refused.value.code == "payout_exists"
    assert propose(cast, award, key="c", position=2).position == 2


@pytest.mark.django_db(transaction=True)
def test_propose_payout_by_ten_at_once_for_one_award_opens_one() -> None:
    cast = build_cast()
    award = raise_case(cast).case
    outcomes = race([partial(propose, cast, award, key=f"k{n}") for n in range(10)])
    assert outcomes == ["done"] + ["payout_exists"] * 9
    assert balance(cast.fund, "reserved", cast.line) == YUAN(500)


@pytest.mark.django_db(transaction=True)
def test_propose_payout_for_twenty_awards_at_once_covers_exactly_ten() -> None:
    cast = build_cast()
    awards = [raise_case(cast).case for _ in range(20)]
    assert race([partial(propose, cast, award) for award in awards]) == ["done"] * 10 + ["fund_short"] * 10
    assert balance(cast.fund, "available", cast.line) == YUAN(0)


# --- Payees --------------------------------------------------------------------------------------------------


def test_a_payee_is_cleaned_sealed_and_opens_only_where_it_belongs() -> None:
    payee = clean_payee(name=" 收款人 甲 ", account="6200 0000-0000 0000 017", bank="某银行")
    assert (payee.name, payee.account) == ("收款人 甲", "6200000000000000017")
    sealed = seal_payee(payee, case_id=7)
    assert payee.account.encode() not in sealed
    assert unseal_payee(sealed, case_id=7) == payee
    with pytest.raises(Exception, match="does not open"):
        unseal_payee(sealed, case_id=8)
    assert repr(payee) == "Payee()"


def test_a_faulty_payee_is_told_every_fault_without_repeating_what_was_typed() -> None:
    with pytest.raises(Invalid) as refused:
        clean_payee(name="", account="6200x", bank="")
    assert set(refused.value.faults) == {"name", "account", "bank"}
    assert "6200x" not in str(refused.value.faults)


def test_set_payee_by_the_reporter_is_sealed_and_stays(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast).case, payee=None)
    give = partial(payouts.set_payee, payout, actor=cast.worker, at=NOON)
    sealed = give(payee=PAYEE).payee_sealed
    assert sealed is not None
    assert unseal_payee(sealed, case_id=payout.case_id) == PAYEE
    with pytest.raises(Conflict) as refused:
        give(payee=replace(PAYEE, account="6200000000000000099"))
    assert refused.value.code == "payee_set"


def test_set_payee_by_receipt_tells_the_log_nothing_but_a_hash(cast: Cast) -> None:
    award = raise_case(cast, mode="anonymous").case
    payout = propose(cast, award, payee=None)
    payouts.set_payee(payout, payee=PAYEE, actor=receipt_holder(award.pk), at=NOON)
    with scope.use(scope.EVERYTHING):
        told = LogEntry.objects.get(action="payout.set_payee", stream=f"case:{payout.case_id}")
        everything = " ".join(LogEntry.objects.values_list("body", flat=True))
        acts = str(list(Act.objects.values("data", "actor")))
    assert told.actor == "reporter"
    for secret in (PAYEE.name, PAYEE.account, PAYEE.bank):
        assert secret not in everything
        assert secret not in acts


def test_set_payee_by_a_confidential_reporter_does_not_name_them(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast, mode="confidential").case, payee=None)
    payouts.set_payee(payout, payee=PAYEE, actor=cast.worker, at=NOON)
    done = paid_after_claim(cast, payout)
    payouts.acknowledge_payout(done, actor=cast.worker, at=NOON)
    assert cast.worker.person is not None
    with scope.use(scope.EVERYTHING):
        told = LogEntry.objects.filter(stream=f"case:{payout.case_id}")
        assert cast.worker.label not in set(told.values_list("actor", flat=True))
        assert not Act.objects.filter(case=payout.case, person=cast.worker.person).exists()
        assert not Payout.objects.filter(person=cast.worker.person).exists()


def paid_after_claim(cast: Cast, payout: Payout) -> Payout:
    return paid(cast, fresh(payout))


@pytest.mark.parametrize("who", ["manager", "county_officer", "expert", "finance", "first_key"])
def test_set_payee_by_anybody_else_finds_nothing(cast: Cast, who: str) -> None:
    payout = propose(cast, raise_case(cast).case, payee=None)
    with pytest.raises(NotFound) as refused:
        payouts.set_payee(payout, payee=PAYEE, actor=getattr(cast, who), at=NOON)
    assert refused.value.code == "payout_unknown"


def test_set_payee_by_another_case_s_receipt_or_for_the_second_reporter_finds_nothing(cast: Cast) -> None:
    award, other = (raise_case(cast, mode="anonymous").case for _ in range(2))
    payout = propose(cast, award, payee=None)
    second = propose(cast, award, payee=None, position=2)
    for wrong, actor in ((payout, receipt_holder(other.pk)), (second, receipt_holder(award.pk))):
        with pytest.raises(NotFound):
            payouts.set_payee(wrong, payee=PAYEE, actor=actor, at=NOON)
    payouts.set_payee(payout, payee=PAYEE, actor=receipt_holder(award.pk), at=NOON)


def test_set_payee_by_finance_is_for_named_payees_only(cast: Cast) -> None:
    case = payouts.propose_payout(
        raise_case(cast).case,
        fund=cast.fund,
        line=None,
        amount=YUAN(10),
        payee=None,
        reason_code="prize",
        actor=cast.expert,
        at=NOON,
        idempotency_key="named",
        person=cast.auditor.person,
    )
    with scope.use(scope.EVERYTHING):
        payout = payouts.payout_of(case)
    assert payouts.set_payee(payout, payee=PAYEE, actor=cast.finance, at=NOON).payee_sealed


def test_set_payee_after_it_has_gone_to_the_bank_is_refused(cast: Cast) -> None:
    payout = paid(cast, propose(cast, raise_case(cast).case))
    with pytest.raises(Conflict) as refused:
        payouts.set_payee(payout, payee=PAYEE, actor=cast.worker, at=NOON)
    assert refused.value.code == "payout_closed"


@pytest.mark.django_db(transaction=True)
def test_set_payee_with_two_accounts_at_once_keeps_the_first() -> None:
    cast = build_cast()
    payout = propose(cast, raise_case(cast).case, payee=None)
    accounts = [replace(PAYEE, account=f"62000000000000{n:05}") for n in range(6)]
    deeds = [
        partial(payouts.set_payee, payout, payee=payee, actor=cast.worker, at=NOON) for payee in accounts
    ]
    assert race(deeds) == ["done"] + ["payee_set"] * 5
    with scope.use(scope.EVERYTHING):
        assert LogEntry.objects.filter(action="payout.set_payee").count() == 1


@pytest.mark.parametrize("step", [None, "approve", "release"])
def test_the_facts_of_a_payout_show_no_payee(cast: Cast, step: str | None) -> None:
    payout = propose(cast, raise_case(cast).case)
    if step:
        perform(payout.case, "approve", actor=cast.first_key, at=NOON)
    if step == "release":
        perform(payout.case, "release", actor=cast.second_key, at=NOON)
    with scope.use(cast.auditor.scope):
        detail = Payout.objects.get(pk=payout.pk)
        page = render_to_string("ledger/payout_facts.html", {"detail": detail, "case": detail.case})
    assert "500" in page
    assert "专项资金 · 报告奖励" in page
    assert ("安委办" in page) == (step == "release")
    for secret in (PAYEE.name, PAYEE.account, PAYEE.bank):
        assert secret not in page


def test_acknowledge_payout_is_for_the_payee_once_paid(cast: Cast) -> None:
    award = raise_case(cast).case
    payout = propose(cast, award)
    acknowledge = partial(payouts.acknowledge_payout, payout, at=NOON)
    with pytest.raises(Conflict):
        acknowledge(actor=cast.worker)
    payout = paid(cast, payout)
    with pytest.raises(NotFound):
        acknowledge(actor=cast.expert)
    assert acknowledge(actor=cast.worker).status == S.ACKNOWLEDGED


def test_own_payouts_shows_the_reporter_theirs_and_nobody_else_s(cast: Cast) -> None:
    opened = raise_case(cast, mode="confidential")
    payout = released(cast, propose(cast, opened.case, payee=None))
    [(found, progress)] = queries.own_payouts(cast.worker, opened.case)
    assert (found.pk, progress.amount, progress.needs_account) == (payout.pk, YUAN(500), True)
    assert progress.status.en == "released"
    assert len(queries.own_payouts(receipt_holder(opened.case.pk), opened.case)) == 1
    for other in (cast.manager, cast.county_officer, receipt_holder(opened.case.pk + 1)):
        assert queries.own_payouts(other, opened.case) == []


def test_a_reserve_kept_by_hand_does_not_let_a_payout_go_uncovered(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast).case)
    with pytest.raises(Refused):
        services.pay(
            payout.case,
            fund=cast.fund,
            line=cast.line,
            amount=YUAN(501),
            actor=cast.finance,
            at=NOON,
            idempotency_key="x",
        )

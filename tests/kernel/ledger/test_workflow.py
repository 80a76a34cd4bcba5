"""A payout from reserve to receipt: the steps, who may take them, and what happens to the money."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.clock import day_of
from lianxin.kernel.ledger.batches import book_result, create_batch
from lianxin.kernel.ledger.models import Entry, Payout
from lianxin.kernel.ledger.payouts import set_payee
from lianxin.kernel.ledger.workflow import S
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import Actor, actor_for
from lianxin.kernel.people.models import Role
from lianxin.kernel.people.roles import FINANCE_OFFICER, PARTNER_KEY, UNION_KEY
from lianxin.kernel.refusals import Conflict, Invalid, Refused
from tests.kernel.ledger.conftest import (
    NOON,
    PAYEE,
    Cast,
    answer,
    balance,
    build_cast,
    fresh,
    holder,
    paid,
    propose,
    race,
    raise_case,
    released,
    sent,
)

YUAN = Money.yuan


def step(payout: Payout, name: str, actor: Actor, **inputs: object) -> Payout:
    perform(payout.case, name, actor=actor, at=NOON, inputs=inputs)
    return fresh(payout)


def refusal(deed: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def failed(cast: Cast, payout: Payout) -> Payout:
    batch = sent(cast, payout)
    book_result(batch, [answer(payout, paid=False)], sha256=b"failed", actor=cast.finance, at=NOON)
    return fresh(payout)


def money(cast: Cast) -> tuple[Money, Money, Money]:
    return tuple(balance(cast.fund, kind, cast.line) for kind in ("available", "reserved", "paid"))  # type: ignore[return-value]


def person_of(actor: Actor) -> int | None:
    return actor.person.pk if actor.person else None


def also(actor: Actor, cast: Cast, *, first: bool) -> Actor:
    """The same person with a key in hand besides."""
    body = cast.city if first else cast.office
    assert actor.person is not None
    Role.objects.create(
        person=actor.person,
        kind=(UNION_KEY if first else PARTNER_KEY).code,
        organization=body,
        scope_path=body.jurisdiction_path,
        granted_at=NOON,
    )
    return actor_for(actor.person)


def test_a_payout_goes_from_reserve_to_receipt(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast).case)
    assert (payout.case.status, payout.case.owner, payout.case.owner_role) == (
        S.RESERVED,
        cast.city,
        "union_key",
    )
    assert money(cast) == (YUAN(4500), YUAN(500), YUAN(0))
    payout = step(payout, "approve", cast.first_key)
    assert (payout.approved_by_id, payout.approved_body_id) == (person_of(cast.first_key), cast.city.pk)
    assert (payout.case.owner, payout.case.owner_role) == (cast.office, "partner_key")
    payout = step(payout, "release", cast.second_key)
    assert (payout.released_by_id, payout.released_body_id) == (person_of(cast.second_key), cast.office.pk)
    assert money(cast) == (YUAN(4500), YUAN(500), YUAN(0))
    batch = create_batch(cast.fund, actor=cast.finance, at=NOON)
    book_result(batch, [answer(payout)], sha256=b"1", actor=cast.finance, at=NOON)
    payout = fresh(payout)
    assert (payout.case.status, payout.attempts, payout.bank_reference) == (S.PAID, 1, "R-1")
    assert money(cast) == (YUAN(4500), YUAN(0), YUAN(500))
    with scope.use(scope.EVERYTHING):
        kinds = list(Entry.objects.filter(case=payout.case).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["reserve", "pay"]


@pytest.mark.parametrize("who", ["second_key", "key_of_another_union", "expert", "finance", "worker"])
def test_approve_by_anybody_but_the_first_body_s_key_is_refused(cast: Cast, who: str) -> None:
    payout = propose(cast, raise_case(cast).case)
    code = refusal(lambda: step(payout, "approve", getattr(cast, who)))
    assert code == ("wrong_body" if who == "key_of_another_union" else "wrong_role")
    assert fresh(payout).case.status == S.RESERVED


def test_release_before_approval_is_out_of_turn(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast).case)
    with pytest.raises(Conflict) as refused:
        step(payout, "release", cast.second_key)
    assert refused.value.code == "out_of_turn"


def test_one_person_with_both_keys_turns_only_one(cast: Cast) -> None:
    payout = step(propose(cast, raise_case(cast).case), "approve", cast.both_keys)
    assert refusal(lambda: step(payout, "release", cast.both_keys)) == "same_person"
    assert step(payout, "release", cast.second_key).case.status == S.RELEASED


def test_one_body_never_turns_both_keys(cast: Cast) -> None:
    payout = step(propose(cast, raise_case(cast).case), "approve", cast.first_key)
    second_key_of_the_city = holder((PARTNER_KEY, cast.city))
    assert refusal(lambda: step(payout, "release", second_key_of_the_city)) == "wrong_body"


@pytest.mark.parametrize("who", ["worker", "expert"])
def test_neither_reporter_nor_grader_turns_a_key(cast: Cast, who: str) -> None:
    payout = propose(cast, raise_case(cast).case)
    assert (
        refusal(lambda: step(payout, "approve", also(getattr(cast, who), cast, first=True))) == "same_person"
    )
    payout = step(payout, "approve", cast.first_key)
    assert (
        refusal(lambda: step(payout, "release", also(getattr(cast, who), cast, first=False))) == "same_person"
    )


def test_who_turned_a_key_does_not_send(cast: Cast) -> None:
    key_and_finance = holder((UNION_KEY, cast.city), (FINANCE_OFFICER, cast.city))
    payout = step(propose(cast, raise_case(cast).case), "approve", key_and_finance)
    payout = step(payout, "release", cast.second_key)
    assert refusal(lambda: create_batch(cast.fund, actor=key_and_finance, at=NOON)) == "same_person"
    assert create_batch(cast.fund, actor=cast.finance, at=NOON).count == 1


@pytest.mark.parametrize("approved", [False, True])
def test_decline_gives_the_reserve_back(cast: Cast, approved: bool) -> None:
    award = raise_case(cast).case
    payout = propose(cast, award)
    if approved:
        payout = step(payout, "approve", cast.first_key)
    decliner = cast.second_key if approved else cast.first_key
    with pytest.raises(Invalid):
        step(payout, "decline", decliner)
    payout = step(payout, "decline", decliner, reason="等级有误")
    assert (payout.case.status, payout.case.outcome, payout.live) == (S.DECLINED, "declined", False)
    assert money(cast) == (YUAN(5000), YUAN(0), YUAN(0))
    assert propose(cast, award, key="second try").case.status == S.RESERVED


def test_send_without_a_payee_or_a_batch_is_refused(cast: Cast) -> None:
    payout = released(cast, propose(cast, raise_case(cast).case, payee=None))
    send = partial(step, payout, "send", cast.finance)
    assert refusal(send) == "payee_missing"
    assert refusal(lambda: create_batch(cast.fund, actor=cast.finance, at=NOON)) == "nothing_to_send"
    set_payee(payout, payee=PAYEE, actor=cast.worker, at=NOON)
    with pytest.raises(Invalid) as refused:
        send()
    assert set(refused.value.faults) == {"batch", "number"}


def test_while_the_payee_is_unknown_the_claim_window_runs_and_not_finance_s_time(cast: Cast) -> None:
    payout = released(cast, propose(cast, raise_case(cast).case, payee=None))
    assert payout.case.due_at is not None
    assert (day_of(payout.case.due_at) - day_of(NOON)).days == 60
    later = NOON + timedelta(days=30)
    set_payee(payout, payee=PAYEE, actor=cast.worker, at=later)
    case = fresh(payout).case
    assert case.due_at is not None
    assert day_of(case.due_at).isoformat() == "2025-07-16"
    assert case.wake_at == case.due_at


def test_a_failed_payout_is_retried_with_another_account(cast: Cast) -> None:
    payout = failed(cast, propose(cast, raise_case(cast).case))
    assert payout.case.status == S.FAILED
    assert money(cast) == (YUAN(4500), YUAN(500), YUAN(0))
    set_payee(payout, payee=PAYEE, actor=cast.worker, at=NOON)
    payout = step(payout, "retry", cast.finance)
    batch = create_batch(cast.fund, actor=cast.finance, at=NOON)
    book_result(batch, [answer(payout)], sha256=b"2", actor=cast.finance, at=NOON)
    payout = fresh(payout)
    assert (payout.case.status, payout.attempts) == (S.PAID, 2)
    assert money(cast) == (YUAN(4500), YUAN(0), YUAN(500))


def test_a_failed_payout_can_be_voided(cast: Cast) -> None:
    payout = failed(cast, propose(cast, raise_case(cast).case))
    payout = step(payout, "void", cast.finance, reason="本人放弃")
    assert (payout.case.status, payout.case.outcome, payout.live) == (S.VOID, "void", False)
    assert money(cast) == (YUAN(5000), YUAN(0), YUAN(0))


def test_void_of_what_is_at_the_bank_or_paid_is_out_of_turn(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast).case)
    batch = sent(cast, payout)
    assert refusal(lambda: step(payout, "void", cast.finance, reason="撤回")) == "out_of_turn"
    book_result(batch, [answer(payout)], sha256=b"1", actor=cast.finance, at=NOON)
    assert refusal(lambda: step(payout, "void", cast.finance, reason="撤回")) == "out_of_turn"


def test_what_the_bank_returns_later_is_reserved_again_and_paid_again(cast: Cast) -> None:
    payout = step(paid(cast, propose(cast, raise_case(cast).case)), "bounce", cast.finance, reason="账户已销")
    assert (payout.case.status, payout.paid_at, payout.case.closed_at) == (S.FAILED, None, None)
    assert money(cast) == (YUAN(4500), YUAN(500), YUAN(0))
    payout = step(payout, "retry", cast.finance)
    batch = create_batch(cast.fund, actor=cast.finance, at=NOON)
    book_result(batch, [answer(payout)], sha256=b"again", actor=cast.finance, at=NOON)
    assert money(cast) == (YUAN(4500), YUAN(0), YUAN(500))


def test_confirm_paid_for_another_batch_is_refused(cast: Cast) -> None:
    payout, other = propose(cast, raise_case(cast).case), propose(cast, raise_case(cast).case)
    sent(cast, payout)
    wrong = sent(cast, other)
    code = refusal(lambda: step(payout, "confirm_paid", cast.finance, batch=wrong.pk, reference="R"))
    assert code == "not_in_batch"
    assert fresh(payout).case.status == S.SENT


@pytest.mark.django_db(transaction=True)
def test_the_two_keys_of_one_person_at_once_turn_only_one() -> None:
    cast = build_cast()
    payout = propose(cast, raise_case(cast).case)
    deeds = [
        partial(perform, payout.case, name, actor=cast.both_keys, at=NOON) for name in ("approve", "release")
    ]
    outcomes = race(deeds * 5)
    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "out_of_turn", "same_person"}
    assert fresh(payout).case.status == S.APPROVED


@pytest.mark.django_db(transaction=True)
def test_two_payouts_of_one_award_approved_and_released_crosswise_by_one_person_at_once() -> None:
    """Both payouts hang under one report: on that chain a person is one key or the other, in whatever order."""
    cast = build_cast()
    award = raise_case(cast).case
    first = step(propose(cast, award), "approve", cast.first_key)
    second = propose(cast, award, position=2)
    outcomes = race(
        [
            partial(perform, first.case, "release", actor=cast.both_keys, at=NOON),
            partial(perform, second.case, "approve", actor=cast.both_keys, at=NOON),
        ]
    )
    assert outcomes == ["done", "same_person"]


def test_the_line_union_and_the_enterprise_do_not_see_the_payout(cast: Cast) -> None:
    payout = propose(cast, raise_case(cast).case)
    for viewer, seen in ((cast.manager, 0), (cast.county_officer, 0), (cast.worker, 0), (cast.expert, 1)):
        with scope.use(viewer.scope):
            assert Payout.objects.filter(pk=payout.pk).count() == seen
            assert Case.objects.filter(pk=payout.case_id).count() == seen

"""What each viewer sees of funds, and figures that can be recounted."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from lianxin.kernel import scope
from lianxin.kernel.ledger import queries
from lianxin.kernel.ledger.models import Account, BankBatch, Entry, Fund, Payout, Posting
from lianxin.kernel.money import Money
from lianxin.kernel.refusals import NotFound
from tests.kernel.ledger.conftest import NOON, Cast, paid, propose, raise_case, released, sent

YUAN = Money.yuan


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("finance", True),
        ("auditor", True),
        ("second_key", True),
        ("key_of_another_union", True),
        ("county_officer", False),
        ("manager", False),
        ("worker", False),
    ],
)
def test_a_fund_is_seen_from_its_two_bodies_and_above(cast: Cast, who: str, seen: bool) -> None:
    viewer = getattr(cast, who)
    sent(cast, propose(cast, raise_case(cast).case))
    with scope.use(viewer.scope):
        assert list(queries.funds_visible_to(viewer)) == ([cast.fund] if seen else [])
        for model in (Fund, Account, Entry, Posting, Payout, BankBatch):
            assert model._default_manager.exists() is seen
        if seen:
            assert queries.fund_for(viewer, cast.fund.pk) == cast.fund
        else:
            with pytest.raises(NotFound):
                queries.fund_for(viewer, cast.fund.pk)


def test_whoever_sees_only_the_partner_sees_the_fund_too(cast: Cast) -> None:
    with scope.use(scope.Scope(wide=(cast.office.path,))):
        assert list(Fund.objects.all()) == [cast.fund]
    with scope.use(scope.Scope(wide=(cast.plant.path,))):
        assert list(Fund.objects.all()) == []


def test_standings_tell_each_line_and_the_unallocated(cast: Cast) -> None:
    paid(cast, propose(cast, raise_case(cast).case))
    propose(cast, raise_case(cast).case, yuan=300)
    with scope.use(cast.finance.scope):
        standings = {s.line.code if s.line else "": s for s in queries.standings(cast.fund)}
        recounted = queries.recounted(cast.fund)
    assert (standings[""].available, standings["advice"].available) == (YUAN(395_000), YUAN(0))
    reward = standings["reward"]
    assert (reward.available, reward.reserved, reward.paid) == (YUAN(4200), YUAN(300), YUAN(500))
    assert recounted == {
        "source": -YUAN(400_000),
        "available": YUAN(399_200),
        "reserved": YUAN(300),
        "paid": YUAN(500),
        "returned": YUAN(0),
    }


def test_days_to_payment_count_from_verified_to_paid(cast: Cast) -> None:
    for days in (3, 5, 10):
        paid(cast, propose(cast, raise_case(cast).case), after=timedelta(days=days))
    released(cast, propose(cast, raise_case(cast).case))
    with scope.use(cast.finance.scope):
        visible = queries.payouts_visible_to(cast.finance)
        assert queries.days_to_payment(visible) == [3, 5, 10]
        assert queries.median_days_to_payment(visible) == 5.0
        assert queries.median_days_to_payment(visible.filter(paid_at=None)) is None
    with scope.use(cast.county_officer.scope):
        assert queries.days_to_payment(queries.payouts_visible_to(cast.county_officer)) == []


def test_entries_of_a_fund_come_newest_first_in_pages_at_the_same_cost(
    cast: Cast, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    for _ in range(4):
        propose(cast, raise_case(cast).case)
    with scope.use(cast.finance.scope):
        page: list[Entry] = []
        for size in (1, 6):
            with django_assert_num_queries(4):
                page = queries.entries_of(cast.fund, size=size)
                assert [p.account.kind for e in page for p in e.postings.all()]
        rest = queries.entries_of(cast.fund, before=page[1].pk)
    assert [entry.pk for entry in rest] == sorted((e.pk for e in rest), reverse=True)
    assert len(rest) == 4
    assert rest[0].at == NOON

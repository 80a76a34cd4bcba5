"""Random histories: whatever is tried in whatever order, the ledger stays a ledger."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from beancount import loader
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.ledger import services
from lianxin.kernel.ledger.beancount import beancount_lines
from lianxin.kernel.ledger.checks import ledger_faults
from lianxin.kernel.ledger.models import Account, Entry, Hold, Posting
from lianxin.kernel.money import Money
from lianxin.kernel.refusals import Refused
from tests.kernel.ledger.conftest import NOON, Cast, raise_case

ACTS = ("fund_in", "allocate", "transfer", "reserve", "release", "pay", "give_back", "reverse", "again")
_act = st.tuples(st.sampled_from(ACTS), st.integers(1, 400_000), st.integers(0, 5), st.booleans())


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that leaves nothing behind: each example begins with the same fund."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def run(
    cast: Cast, cases: list[Case], number: int, act: tuple[str, int, int, bool], done: list[Entry]
) -> Entry:
    """One act of the history; raises ``Refused`` where the ledger says no."""
    name, fen, choice, flag = act
    usual: dict[str, Any] = {
        "amount": Money(fen),
        "actor": cast.finance,
        "at": NOON + timedelta(hours=7 * number),
        "idempotency_key": f"act {number}",
    }
    lines = (cast.line, cast.other_line)
    if name == "again" and done:
        usual["idempotency_key"] = done[choice % len(done)].idempotency_key
        name = "fund_in"
    if name in {"fund_in", "give_back"}:
        deed = services.fund_in if name == "fund_in" else services.give_back
        return deed(cast.fund, **usual)
    if name == "allocate":
        return services.allocate(lines[flag], **usual)
    if name == "transfer":
        return services.transfer_between_lines(lines[flag], lines[not flag], **usual)
    if name in {"reverse", "again"}:
        del usual["amount"]
        return services.reverse_entry(done[choice % len(done)], reason="冲正", **usual)
    deed_of_case = {"reserve": services.reserve, "release": services.release_reserve, "pay": services.pay}[
        name
    ]
    return deed_of_case(cases[choice % len(cases)], fund=cast.fund, line=lines[flag], **usual)


def check(cast: Cast) -> None:
    """Everything that must hold at every moment."""
    sums = dict(
        Posting.objects.filter(account__fund=cast.fund).values_list("account").annotate(total=Sum("amount"))
    )
    accounts = list(Account.objects.filter(fund=cast.fund))
    assert {a.pk: a.balance for a in accounts} == {a.pk: sums.get(a.pk, 0) for a in accounts}
    assert sum(sums.values()) == 0
    assert all(a.balance >= 0 for a in accounts if a.kind != "source")
    came_in = sum(a.balance for a in accounts if a.kind == "source")
    assert -came_in == sum(a.balance for a in accounts if a.kind != "source")
    held: dict[int, int] = defaultdict(int)
    for hold in Hold.objects.filter(account__fund=cast.fund):
        assert hold.balance >= 0
        held[hold.account_id] += hold.balance
    assert all(held[a.pk] == a.balance for a in accounts if a.kind == "reserved")
    assert list(ledger_faults()) == []


@pytest.mark.django_db
@given(history=st.lists(_act, max_size=14))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_history_keeps_the_ledger_whole_and_beancount_agrees(
    cast: Cast, history: list[tuple[str, int, int, bool]]
) -> None:
    cases = _cases(cast)
    with scope.use(scope.EVERYTHING), undone():
        done = list(Entry.objects.filter(fund=cast.fund).order_by("pk"))
        for number, act in enumerate(history):
            before = dict(Account.objects.filter(fund=cast.fund).values_list("pk", "balance"))
            try:
                done.append(run(cast, cases, number, act, done))
            except Refused:
                assert dict(Account.objects.filter(fund=cast.fund).values_list("pk", "balance")) == before
        check(cast)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert loader.load_string("\n".join(beancount_lines([cast.fund])) + "\n")[1] == []


def _cases(cast: Cast) -> list[Case]:
    with scope.use(scope.EVERYTHING):
        cases = list(Case.objects.filter(kind="found_item").order_by("pk"))
    return cases or [raise_case(cast).case for _ in range(3)]

"""Who reported: two custodians, receipts, shares."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.cases import reporters
from lianxin.kernel.cases.models import IdentityOpening, Reporter
from lianxin.kernel.cases.receipts import new_receipt, receipt_digest
from lianxin.kernel.cases.rules import is_reporter
from lianxin.kernel.cases.services import Opened, open_case
from lianxin.kernel.people.actors import NOBODY, Actor, actor_for
from lianxin.kernel.people.roles import CUSTODIAN
from lianxin.kernel.refusals import NotAllowed, NotFound, Refused
from tests.example_app.workflow import workflow
from tests.kernel.cases.conftest import NOON, Town, build_town, found, holder, make_person


def sealed_row(town: Town) -> Reporter:
    case = found(town, mode="confidential").case
    with scope.use(scope.EVERYTHING):
        return Reporter.objects.select_related("case").get(case=case)


def test_open_identity_needs_two_custodians_and_is_logged(town: Town) -> None:
    row = sealed_row(town)
    first, second = town.custodians
    opening = reporters.ask_to_open(row, actor=first, reason="须核实奖金领取人", at=NOON)
    assert reporters.open_identity(opening, actor=second, at=NOON) == town.finder.person
    with scope.use(scope.EVERYTHING):
        deeds = [e.action for e in LogEntry.objects.filter(stream=f"case:{row.case_id}").order_by("seq")]
    assert deeds == ["found_item.open", "found_item.ask_identity", "found_item.open_identity"]


def test_open_identity_refused_for_the_one_who_asked(town: Town) -> None:
    opening = reporters.ask_to_open(
        sealed_row(town), actor=town.custodians[0], reason="须核实领取人", at=NOON
    )
    with pytest.raises(NotAllowed) as refusal:
        reporters.open_identity(opening, actor=town.custodians[0], at=NOON)
    assert refusal.value.code == "same_custodian"


@pytest.mark.django_db(transaction=True)
def test_open_identity_by_many_at_once_has_one_who_opened_it() -> None:
    town = build_town()
    opening = reporters.ask_to_open(
        sealed_row(town), actor=town.custodians[0], reason="须核实领取人", at=NOON
    )
    office = town.custodians[1].roles[0].organization
    with scope.act():
        others = [holder(f"保管{n}", CUSTODIAN, office) for n in range(3)]
    start, outcomes = threading.Barrier(4), []

    def run(custodian: Actor) -> None:
        start.wait()
        try:
            reporters.open_identity(opening, actor=custodian, at=NOON)
            outcomes.append("opened by one")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(each,)) for each in (*others, town.custodians[1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["opened"] * 3 + ["opened by one"]
    with scope.use(scope.EVERYTHING):
        opened = LogEntry.objects.filter(action="found_item.open_identity").get()
        opening.refresh_from_db()
        assert opened.actor == f"person:{opening.second_custodian_id}"


def test_open_identity_refused_by_the_database_for_one_custodian(town: Town) -> None:
    opening = reporters.ask_to_open(
        sealed_row(town), actor=town.custodians[0], reason="须核实领取人", at=NOON
    )
    with scope.use(scope.EVERYTHING), pytest.raises(IntegrityError), transaction.atomic():
        IdentityOpening.objects.filter(pk=opening.pk).update(
            second_custodian=opening.first_custodian, second_body=opening.first_body, second_at=NOON
        )


@pytest.mark.parametrize("who", ["city_officer", "manager", "stranger"])
def test_ask_to_open_refused_for_others(town: Town, who: str) -> None:
    with pytest.raises(NotAllowed):
        reporters.ask_to_open(sealed_row(town), actor=getattr(town, who), reason="须核实领取人", at=NOON)


def test_ask_to_open_refused_without_a_reason(town: Town) -> None:
    with pytest.raises(Refused) as refusal:
        reporters.ask_to_open(sealed_row(town), actor=town.custodians[0], reason=" ", at=NOON)
    assert refusal.value.field == "reason"


def test_reporter_of_receipt_finds_the_case_however_it_is_typed(town: Town) -> None:
    opened = found(town, actor=NOBODY, mode="anonymous")
    assert opened.receipt is not None
    assert reporters.reporter_of_receipt(opened.receipt).case == opened.case
    assert reporters.reporter_of_receipt(opened.receipt.lower().replace("-", " ")).case == opened.case


@pytest.mark.parametrize("code", ["", "0000-0000-0000-0000-0000", "not a code", "👷" * 20])
def test_reporter_of_receipt_answers_every_wrong_code_alike(town: Town, code: str) -> None:
    found(town, actor=NOBODY, mode="anonymous")
    with pytest.raises(NotFound) as refusal:
        reporters.reporter_of_receipt(code)
    assert refusal.value.code == "receipt_unknown"


def test_new_receipt_holds_a_hundred_bits_and_no_lookalikes() -> None:
    codes = {new_receipt() for _ in range(500)}
    assert len(codes) == 500
    assert not {"I", "L", "O", "U"} & set("".join(codes))
    assert receipt_digest("O" * 20) == receipt_digest("0" * 20)


def test_open_with_co_authors_writes_their_shares(town: Town) -> None:
    friend = make_person("同事")
    opened = open_case(
        workflow,
        actor=town.finder,
        at=NOON,
        organization=town.market,
        title="雨伞",
        data={"what": "雨伞"},
        reporting=reporters.Reporting(co_authors=(friend,), shares=(2, 1)),
    )
    with scope.use(scope.EVERYTHING):
        assert [(row.person, row.share) for row in reporters.authors(opened.case)] == [
            (town.finder.person, 2),
            (friend, 1),
        ]


def open_with(town: Town, **reporting: Any) -> Opened:
    return open_case(
        workflow,
        actor=town.finder,
        at=NOON,
        organization=town.market,
        title="雨伞",
        data={"what": "雨伞"},
        reporting=reporters.Reporting(**reporting),
    )


def test_open_anonymously_together_gives_each_a_receipt_of_their_own(town: Town) -> None:
    opened = open_with(town, mode="anonymous", people=3, shares=(5, 3, 2))
    assert opened.receipt == opened.receipts[0]
    assert len(set(opened.receipts)) == 3
    rows = [reporters.reporter_of_receipt(receipt) for receipt in opened.receipts]
    assert [(row.case, row.position, row.share) for row in rows] == [
        (opened.case, 1, 5),
        (opened.case, 2, 3),
        (opened.case, 3, 2),
    ]
    assert {(row.mode, row.person, row.person_key, row.sealed) for row in rows} == {
        ("anonymous", None, "", None)
    }


def test_open_anonymously_together_in_equal_parts(town: Town) -> None:
    opened = open_with(town, mode="anonymous", people=2)
    with scope.use(scope.EVERYTHING):
        assert [row.share for row in reporters.authors(opened.case)] == [1, 1]


@pytest.mark.parametrize("shares", [(1,), (0, 1), (1, 1, 1)])
def test_open_anonymously_refused_with_shares_that_do_not_fit(town: Town, shares: tuple[int, ...]) -> None:
    with pytest.raises(Refused) as refusal:
        open_with(town, mode="anonymous", people=2, shares=shares)
    assert refusal.value.field == "shares"
    with scope.use(scope.EVERYTHING):
        assert not Reporter.objects.exists()


def test_open_confidentially_together_gives_a_receipt_to_the_sender_alone(town: Town) -> None:
    friend = make_person("同事")
    opened = open_with(town, mode="confidential", co_authors=(friend,))
    assert len(opened.receipts) == 1
    assert reporters.reporter_of_receipt(opened.receipts[0]).position == 1
    with scope.use(scope.EVERYTHING):
        codes = Reporter.objects.order_by("position").values_list("receipt_digest", flat=True)
        assert [code is None for code in codes] == [False, True]
    follower = actor_for(friend)
    with scope.use(follower.scope):
        assert is_reporter(follower, opened.case)


@pytest.mark.parametrize("shares", [(1,), (0, 1), (1, 1, 1)])
def test_open_refused_with_shares_that_do_not_fit(town: Town, shares: tuple[int, ...]) -> None:
    with pytest.raises(Refused) as refusal:
        open_case(
            workflow,
            actor=town.finder,
            at=NOON,
            organization=town.market,
            title="雨伞",
            data={"what": "雨伞"},
            reporting=reporters.Reporting(co_authors=(make_person("同事"),), shares=shares),
        )
    assert refusal.value.field == "shares"


def test_reporter_row_cannot_show_more_than_was_chosen(town: Town) -> None:
    row = sealed_row(town)
    with scope.use(scope.EVERYTHING), pytest.raises(IntegrityError), transaction.atomic():
        Reporter.objects.filter(pk=row.pk).update(person=town.finder.person)


def test_named_report_does_not_unmask_a_confidential_one(town: Town) -> None:
    found(town)
    found(town, mode="confidential")
    with scope.use(scope.EVERYTHING):
        named = Reporter.objects.get(mode="named")
        sealed = Reporter.objects.get(mode="confidential")
    assert named.person_key == ""
    assert sealed.person is None
    with scope.use(town.finder.scope):
        assert Reporter.objects.made_by(town.finder).count() == 2

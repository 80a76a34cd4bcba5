"""A city union's fund with a safety office as partner, and everybody who touches its money."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case, Duty
from lianxin.kernel.cases.reporters import Reporting
from lianxin.kernel.cases.rules import duty_claims
from lianxin.kernel.cases.services import Opened, open_case, perform
from lianxin.kernel.clock import CHINA
from lianxin.kernel.ledger import batches, services
from lianxin.kernel.ledger.models import Account, BankBatch, BudgetLine, Fund, Payout
from lianxin.kernel.ledger.payees import Payee
from lianxin.kernel.ledger.payouts import payout_of, propose_payout
from lianxin.kernel.money import Money
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.orgs.services import create_enterprise, create_organization
from lianxin.kernel.people.actors import SYSTEM, Actor, actor_for
from lianxin.kernel.people.models import Person, Role
from lianxin.kernel.people.roles import (
    AUDITOR,
    FINANCE_OFFICER,
    PARTNER_KEY,
    SITE_MANAGER,
    UNION_KEY,
    UNION_OFFICER,
    RoleKind,
)
from lianxin.kernel.refusals import Refused
from tests.example_app.workflow import workflow
from tests.keeping import kept

NOON = datetime(2025, 6, 9, 12, tzinfo=CHINA)
PAYEE = Payee("收款人甲", "6200000000000000017", "某银行")


@dataclass(frozen=True)
class Cast:
    """The bodies, the fund and the people of these tests."""

    city: Organization
    office: Organization
    plant: Organization
    fund: Fund
    line: BudgetLine
    other_line: BudgetLine
    finance: Actor
    first_key: Actor
    second_key: Actor
    both_keys: Actor
    key_of_another_union: Actor
    expert: Actor
    worker: Actor
    auditor: Actor
    manager: Actor
    county_officer: Actor


def person_named(name: str) -> Person:
    """A synthetic person without phone or number."""
    with scope.act():
        return Person.objects.create(name=name, created_at=NOON)


def holder(*offices: tuple[RoleKind, Organization]) -> Actor:
    """Somebody new in these offices."""
    person = person_named("某人")
    for kind, organization in offices:
        Role.objects.create(
            person=person,
            kind=kind.code,
            organization=organization,
            scope_path=organization.jurisdiction_path,
            granted_at=NOON,
        )
    return actor_for(person)


@kept
def build_cast() -> Cast:
    """City, county, safety office and plant; a fund of 400,000 yuan with 5,000 in a line."""
    kinds = Organization.Kind
    with scope.act():
        nation = create_organization("全国", kind=kinds.FEDERATION, parent=None, actor=SYSTEM, at=NOON)
        province = create_organization("某省", kind=kinds.FEDERATION, parent=nation, actor=SYSTEM, at=NOON)
        city = create_organization("某市", kind=kinds.FEDERATION, parent=province, actor=SYSTEM, at=NOON)
        county = create_organization("甲县", kind=kinds.FEDERATION, parent=city, actor=SYSTEM, at=NOON)
        office = create_organization("安委办", kind=kinds.SAFETY_OFFICE, parent=city, actor=SYSTEM, at=NOON)
        plant = create_enterprise("化工厂", parent=county, actor=SYSTEM, at=NOON)
        finance = holder((FINANCE_OFFICER, city))
        fund, line, other_line = build_fund(city, office, finance)
        return Cast(
            city=city,
            office=office,
            plant=plant,
            fund=fund,
            line=line,
            other_line=other_line,
            finance=finance,
            first_key=holder((UNION_KEY, city)),
            second_key=holder((PARTNER_KEY, office)),
            both_keys=holder((UNION_KEY, city), (PARTNER_KEY, office)),
            key_of_another_union=holder((UNION_KEY, province)),
            expert=holder((UNION_OFFICER, city)),
            worker=actor_for(person_named("职工甲")),
            auditor=holder((AUDITOR, city)),
            manager=holder((SITE_MANAGER, plant)),
            county_officer=holder((UNION_OFFICER, county)),
        )


def build_fund(
    city: Organization, office: Organization, finance: Actor
) -> tuple[Fund, BudgetLine, BudgetLine]:
    """A fund with money in it and two lines, the first of which has some."""
    fund = services.open_fund(
        city, name="专项资金", name_en="Special fund", year=2025, partner=office, actor=finance, at=NOON
    )
    planned = Money.yuan(300_000)
    line = services.open_line(
        fund, code="reward", name="报告奖励", name_en="Rewards", amount=planned, actor=finance, at=NOON
    )
    other = services.open_line(
        fund, code="advice", name="建议奖励", amount=Money.yuan(100_000), actor=finance, at=NOON
    )
    services.fund_in(
        fund, amount=Money.yuan(400_000), actor=finance, at=NOON, idempotency_key="in", memo="annual"
    )
    services.allocate(line, amount=Money.yuan(5000), actor=finance, at=NOON, idempotency_key="allocate")
    return fund, line, other


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, inside the test's transaction."""
    return build_cast()


def raise_case(cast: Cast, *, reporter: Actor | None = None, mode: str = "named") -> Opened:
    """Open a case that may earn money, with the duties of who reports and who grades taken."""
    reporter = reporter or cast.worker
    opened = open_case(
        workflow,
        actor=reporter,
        at=NOON,
        organization=cast.plant,
        title="隐患",
        data={"what": "隐患"},
        reporting=Reporting(mode=mode),
    )
    with scope.act():
        for actor, duty in ((reporter, "report"), (cast.expert, "grade")):
            for claim in duty_claims(actor, opened.case, {"reward": duty}, None):
                Duty.objects.create(
                    chain_id=claim.chain_id, group=claim.group, subject=claim.subject, duty=duty, at=NOON
                )
    return opened


def propose(
    cast: Cast, award: Case, *, yuan: int = 500, payee: Payee | None = PAYEE, key: str = "", position: int = 1
) -> Payout:
    """A payout for a case, reserved; the expert who grades proposes it."""
    case = propose_payout(
        award,
        fund=cast.fund,
        line=cast.line,
        amount=Money.yuan(yuan),
        payee=payee,
        reason_code="reward.larger",
        actor=cast.expert,
        at=NOON,
        idempotency_key=key or f"award:{award.pk}:{position}",
        position=position,
    )
    with scope.use(scope.EVERYTHING):
        return payout_of(case)


def released(cast: Cast, payout: Payout) -> Payout:
    """The payout under both keys."""
    perform(payout.case, "approve", actor=cast.first_key, at=NOON)
    perform(payout.case, "release", actor=cast.second_key, at=NOON)
    return fresh(payout)


def sent(cast: Cast, payout: Payout) -> BankBatch:
    """The batch in which the payout went to the bank, alone."""
    return batches.create_batch(cast.fund, actor=cast.finance, at=NOON, payouts=[released(cast, payout)])


def answer(payout: Payout, *, paid: bool = True, row: int = 2, yuan: int = 500) -> batches.BankAnswer:
    """What the bank says of a payout."""
    return batches.BankAnswer(
        row, payout.case.number, Money.yuan(yuan), paid, "R-1", "" if paid else "户名不符"
    )


def paid(cast: Cast, payout: Payout, *, after: timedelta = timedelta(0)) -> Payout:
    """The payout after the bank has paid it."""
    batch = sent(cast, payout)
    batches.book_result(
        batch, [answer(payout)], sha256=payout.case.number.encode(), actor=cast.finance, at=NOON + after
    )
    return fresh(payout)


def fresh(payout: Payout) -> Payout:
    """The payout as it stands now."""
    with scope.use(scope.EVERYTHING):
        return Payout.objects.select_related("case", "fund", "line", "award").get(pk=payout.pk)


def balance(fund: Fund, kind: str, line: BudgetLine | None = None) -> Money:
    """What stands in an account."""
    with scope.use(scope.EVERYTHING):
        return Money(Account.objects.get(fund=fund, kind=kind, line=line).balance)


def race(deeds: Sequence[Callable[[], object]]) -> list[str]:
    """Do several deeds at the same moment on threads of their own; their outcomes, sorted."""
    outcomes: list[str] = []
    start = threading.Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> None:
        start.wait()
        try:
            deed()
            outcomes.append("done")
        except Refused as refusal:
            outcomes.append(refusal.code)
        except Exception as error:  # noqa: BLE001 - whatever a thread meets is shown by the test
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)

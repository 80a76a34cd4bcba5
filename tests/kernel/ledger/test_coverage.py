"""Whose cases a fund pays for, by which scheme, and that nobody is paid twice by the same one."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.ledger import services
from lianxin.kernel.ledger.models import Coverage, Fund, Payout
from lianxin.kernel.ledger.payouts import payout_of, propose_payout
from lianxin.kernel.ledger.queries import coverages_of, lines_for
from lianxin.kernel.money import Money
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.orgs.services import create_organization, move_organization
from lianxin.kernel.people.actors import SYSTEM, Actor
from lianxin.kernel.refusals import Conflict, NotAllowed, Refused, constraint_of
from tests.kernel.ledger.conftest import NOON, Cast, balance, build_cast, fresh, paid, race, raise_case


def county_of(cast: Cast) -> Organization:
    assert cast.plant.parent is not None
    return cast.plant.parent


def other_county(cast: Cast) -> Organization:
    return create_organization(
        "乙县", kind=Organization.Kind.FEDERATION, parent=cast.city, actor=SYSTEM, at=NOON
    )


def only_coverage(fund: Fund) -> Coverage:
    with scope.use(scope.EVERYTHING):
        return Coverage.objects.select_related("fund").get(fund=fund, ended_at=None)


def earn(cast: Cast, award: Case, scheme: str = "", *, yuan: int = 500, actor: Actor | None = None) -> Payout:
    """A payout by a scheme; one key for each try, so that no repetition is taken for the same request."""
    case = propose_payout(
        award,
        fund=cast.fund,
        line=cast.line,
        amount=Money.yuan(yuan),
        payee=None,
        reason_code="reward.grade",
        actor=actor or cast.expert,
        at=NOON,
        idempotency_key=f"{scheme}:{yuan}:{Case.objects.count()}:{id(actor)}",
        scheme=scheme,
    )
    with scope.use(scope.EVERYTHING):
        return payout_of(case)


# --- Whose cases -------------------------------------------------------------------------------------------------


def test_fund_covers_its_owner_from_the_first_day(cast: Cast) -> None:
    with scope.use(cast.finance.scope):
        assert [row.organization for row in coverages_of(cast.fund)] == [cast.city]
    assert earn(cast, raise_case(cast).case).fund_id == cast.fund.pk


def test_county_officer_charges_the_city_s_fund_without_seeing_how_it_stands(cast: Cast) -> None:
    award = raise_case(cast).case
    with scope.use(cast.county_officer.scope):
        lines = lines_for(award)
        assert not Fund.objects.exists()
    assert [line.code for line in lines] == ["advice", "reward"]
    assert earn(cast, award, actor=cast.county_officer).live


def test_cover_narrows_to_the_bodies_it_names(cast: Cast) -> None:
    services.end_coverage(only_coverage(cast.fund), actor=cast.finance, at=NOON)
    services.cover(cast.fund, other_county(cast), actor=cast.finance, at=NOON)
    award = raise_case(cast).case
    assert lines_for(award) == []
    with pytest.raises(Refused) as refused:
        earn(cast, award)
    assert (refused.value.code, refused.value.field) == ("fund_elsewhere", "line")
    assert balance(cast.fund, "reserved", cast.line) == Money(0)
    services.cover(cast.fund, county_of(cast), actor=cast.finance, at=NOON)
    assert len(lines_for(award)) == 2
    assert earn(cast, award).live


def test_open_fund_for_one_county_only(cast: Cast) -> None:
    fund = services.open_fund(
        cast.city,
        name="乙县专用",
        year=2025,
        partner=cast.office,
        actor=cast.finance,
        at=NOON,
        covers=[other_county(cast)],
    )
    services.open_line(fund, code="x", name="另一项", amount=Money(1), actor=cast.finance, at=NOON)
    assert {line.fund for line in lines_for(raise_case(cast).case)} == {cast.fund}


def test_lines_for_leaves_out_closed_funds_and_other_schemes(cast: Cast) -> None:
    award = raise_case(cast).case
    closing = cast.fund
    for name, scheme in (("乙类", "authority"), ("甲类", "union_fund")):
        closing = fund = services.open_fund(
            cast.city, name=name, year=2025, partner=cast.office, actor=cast.finance, at=NOON, scheme=scheme
        )
        services.open_line(fund, code=name, name=name, amount=Money(1), actor=cast.finance, at=NOON)
    assert {line.code for line in lines_for(award, scheme="union_fund")} == {"advice", "reward", "甲类"}
    services.close_fund(closing, actor=cast.finance, at=NOON)
    assert {line.code for line in lines_for(award, scheme="union_fund")} == {"advice", "reward"}


def test_cover_outside_the_owner_s_jurisdiction_is_refused(cast: Cast) -> None:
    foreign = create_organization(
        "邻市", kind=Organization.Kind.FEDERATION, parent=cast.city.parent, actor=SYSTEM, at=NOON
    )
    for body in (foreign, cast.city.parent):
        assert body is not None
        with pytest.raises(Refused) as refused:
            services.cover(cast.fund, body, actor=cast.finance, at=NOON)
        assert refused.value.code == "not_under_fund"


@pytest.mark.parametrize("who", ["expert", "first_key", "auditor", "county_officer", "worker"])
def test_cover_and_end_coverage_are_for_the_fund_s_finance(cast: Cast, who: str) -> None:
    coverage = only_coverage(cast.fund)
    with pytest.raises(NotAllowed):
        services.cover(cast.fund, county_of(cast), actor=getattr(cast, who), at=NOON)
    with pytest.raises(NotAllowed):
        services.end_coverage(coverage, actor=getattr(cast, who), at=NOON)
    assert services.end_coverage(coverage, actor=cast.finance, at=NOON).ended_at == NOON


def test_cover_and_end_coverage_tell_the_log_and_refuse_the_second_time(cast: Cast) -> None:
    coverage = only_coverage(cast.fund)
    with pytest.raises(Conflict) as refused:
        services.cover(cast.fund, cast.city, actor=cast.finance, at=NOON)
    assert refused.value.code == "covered"
    services.end_coverage(coverage, actor=cast.finance, at=NOON)
    with pytest.raises(Conflict) as refused:
        services.end_coverage(coverage, actor=cast.finance, at=NOON)
    assert refused.value.code == "not_covered"
    services.cover(cast.fund, cast.city, actor=cast.finance, at=NOON)
    entries = LogEntry.objects.filter(stream=f"fund:{cast.fund.pk}", action__contains="cover").order_by("seq")
    assert [entry.action for entry in entries] == ["ledger.cover", "ledger.end_coverage", "ledger.cover"]
    assert [entry.told["after"] for entry in entries] == [{"organization": cast.city.pk}] * 3


def test_reserve_stays_when_its_coverage_ends(cast: Cast) -> None:
    payout = earn(cast, raise_case(cast).case)
    services.end_coverage(only_coverage(cast.fund), actor=cast.finance, at=NOON)
    assert perform(payout.case, "approve", actor=cast.first_key, at=NOON).status == "approved"


def test_coverage_and_fund_follow_a_body_that_moves(cast: Cast) -> None:
    services.cover(cast.fund, county_of(cast), actor=cast.finance, at=NOON)
    before = cast.city.path
    province = create_organization(
        "邻省", kind=Organization.Kind.FEDERATION, parent=_top(cast.city), actor=SYSTEM, at=NOON
    )
    moved = move_organization(cast.city, parent=province, actor=SYSTEM, at=NOON)
    assert moved.path != before
    with scope.use(scope.EVERYTHING):
        fund = Fund.objects.select_related("partner").get(pk=cast.fund.pk)
        paths = set(Coverage.objects.filter(fund=fund).values_list("organization_path", flat=True))
    assert fund.organization_path == moved.path
    assert fund.partner_path == fund.partner.path
    assert all(path.startswith(moved.path) for path in [*paths, fund.partner_path])


def _top(body: Organization) -> Organization:
    return body if body.parent is None else _top(body.parent)


# --- By which scheme ---------------------------------------------------------------------------------------------


def test_one_case_earns_by_two_schemes(cast: Cast) -> None:
    award = raise_case(cast).case
    payouts = [earn(cast, award, scheme) for scheme in ("union_fund", "authority")]
    assert [payout.scheme for payout in payouts] == ["union_fund", "authority"]
    assert balance(cast.fund, "reserved", cast.line) == Money.yuan(1_000)


def test_one_scheme_earns_once_even_after_it_was_paid(cast: Cast) -> None:
    award = raise_case(cast).case
    payout = _with_payee(cast, award, "union_fund")
    for _ in ("reserved", "paid"):
        with pytest.raises(Conflict) as refused:
            earn(cast, award, "union_fund", yuan=700)
        assert refused.value.code == "payout_exists"
        if payout.paid_at is None:
            payout = paid(cast, payout)
    assert balance(cast.fund, "paid", cast.line) == Money.yuan(500)


def test_fund_of_one_scheme_pays_for_no_other(cast: Cast) -> None:
    with scope.act():
        Fund.objects.filter(pk=cast.fund.pk).update(scheme="union_fund")
    cast.fund.scheme = "union_fund"
    award = raise_case(cast).case
    for scheme in ("authority", ""):
        with pytest.raises(Refused) as refused:
            earn(cast, award, scheme)
        assert (refused.value.code, refused.value.field) == ("other_scheme", "line")
    assert earn(cast, award, "union_fund").live


def _with_payee(cast: Cast, award: Case, scheme: str) -> Payout:
    payout = earn(cast, award, scheme)
    with scope.act():
        Payout.objects.filter(pk=payout.pk).update(payee_sealed=b"sealed")
    return fresh(payout)


@pytest.mark.django_db(transaction=True)
def test_one_scheme_proposed_by_many_at_once_reserves_once() -> None:
    cast = build_cast()
    award = raise_case(cast).case
    actors = [cast.expert, cast.county_officer, cast.auditor]
    deeds = [partial(earn, cast, award, "union_fund", yuan=100 + n, actor=a) for n, a in enumerate(actors)]
    other = partial(earn, cast, award, "authority", yuan=900)
    assert race([*deeds, other]) == ["done", "done", "payout_exists", "payout_exists"]
    with scope.use(scope.EVERYTHING):
        live = sorted(Payout.objects.filter(live=True).values_list("scheme", flat=True))
        held = sum(Payout.objects.values_list("amount", flat=True))
    assert live == ["authority", "union_fund"]
    assert balance(cast.fund, "reserved", cast.line) == Money(held)


# --- Past all services -------------------------------------------------------------------------------------------


def test_database_refuses_a_second_payout_of_one_scheme(cast: Cast) -> None:
    award = raise_case(cast).case
    earn(cast, award, "union_fund")
    other = earn(cast, raise_case(cast).case, "authority")
    copy = {
        "case": other.case,
        "award": award,
        "fund": cast.fund,
        "line": cast.line,
        "amount": 1,
        "reason_code": "x",
        "verified_at": NOON,
    }
    with scope.act():
        Payout.objects.filter(pk=other.pk)._raw_delete(using="default")
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), scope.act():
        Payout.objects.create(**copy, scheme="union_fund")
    assert constraint_of(refused.value) == "ledger_one_payout_per_payee"
    with scope.act():
        assert Payout.objects.create(**copy, scheme="company").pk


@pytest.mark.parametrize("end", [False, True])
def test_database_refuses_a_payout_from_a_fund_that_does_not_cover_the_award(cast: Cast, end: bool) -> None:
    payout = earn(cast, raise_case(cast).case)
    with scope.act():
        Payout.objects.filter(pk=payout.pk)._raw_delete(using="default")
    if end:
        services.end_coverage(only_coverage(cast.fund), actor=cast.finance, at=NOON)
    payout.pk = None
    outcome = ""
    try:
        with transaction.atomic(), scope.act():
            payout.save(force_insert=True)
    except IntegrityError as error:
        outcome = constraint_of(error)
    assert outcome == ("ledger_fund_covers_the_award" if end else "")


def test_database_refuses_another_scheme_for_a_payout(cast: Cast) -> None:
    payout = earn(cast, raise_case(cast).case, "union_fund")
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), scope.act():
        Payout.objects.filter(pk=payout.pk).update(scheme="authority")
    assert constraint_of(refused.value) == "ledger_payout_keeps_its_scheme"


def test_database_keeps_a_coverage_but_for_its_end(cast: Cast) -> None:
    coverage = only_coverage(cast.fund)
    others = {"since": NOON.replace(year=2020), "organization": county_of(cast)}
    for change in others.items():
        with pytest.raises(IntegrityError, match="ended, never changed"), transaction.atomic(), scope.act():
            Coverage.objects.filter(pk=coverage.pk).update(**dict([change]))
    with pytest.raises(IntegrityError, match="ended, never changed"), transaction.atomic(), scope.act():
        coverage.delete()
    services.end_coverage(coverage, actor=cast.finance, at=NOON)
    with pytest.raises(IntegrityError, match="ended, never changed"), transaction.atomic(), scope.act():
        Coverage.objects.filter(pk=coverage.pk).update(ended_at=None)

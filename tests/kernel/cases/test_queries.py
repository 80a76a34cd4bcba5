"""Who sees which case: by the query, and by the database when the query forgets."""

import pytest

from lianxin.kernel import scope
from lianxin.kernel.cases import queries
from lianxin.kernel.cases.models import Act, Case, Reporter
from lianxin.kernel.cases.services import perform
from lianxin.kernel.people.actors import NOBODY, Actor, receipt_holder
from lianxin.kernel.refusals import NotFound
from tests.example_app.workflow import S
from tests.kernel.cases.conftest import NOON, Town, found


def seen_by(viewer: Actor) -> set[int]:
    """What the database shows under the viewer's scope to a query without any filter."""
    with scope.use(viewer.scope):
        return set(Case.objects.values_list("pk", flat=True))


def test_nothing_is_seen_without_a_scope(case: Case) -> None:
    with scope.use(scope.NOTHING):
        assert not Case.objects.exists()
        assert not Reporter.objects.exists()
        assert not Act.objects.exists()


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("finder", True),
        ("county_officer", True),
        ("city_officer", True),
        ("keeper", True),
        ("stranger", False),
        ("foreign_keeper", False),
        ("manager", False),
    ],
)
def test_case_is_seen_by(town: Town, case: Case, who: str, sees: bool) -> None:
    viewer: Actor = getattr(town, who)
    assert seen_by(viewer) == ({case.pk} if sees else set())
    with scope.use(viewer.scope):
        if sees:
            assert queries.case_for(viewer, case.number) == case
        else:
            with pytest.raises(NotFound):
                queries.case_for(viewer, case.number)


def test_case_is_seen_by_the_place_once_disclosed(town: Town, case: Case) -> None:
    perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    assert seen_by(town.manager) == set()
    perform(case, "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    assert seen_by(town.manager) == {case.pk}


def test_reporter_is_never_seen_by_the_place(town: Town, case: Case) -> None:
    perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    perform(case, "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    with scope.use(town.manager.scope):
        assert not Reporter.objects.exists()
    with scope.use(town.county_officer.scope):
        assert Reporter.objects.get().person == town.finder.person


def test_receipt_opens_its_case_and_no_other(town: Town, case: Case) -> None:
    anonymous = found(town, actor=NOBODY, mode="anonymous").case
    assert seen_by(receipt_holder(anonymous.pk)) == {anonymous.pk}


def test_confidential_case_is_found_by_its_reporter(town: Town) -> None:
    case = found(town, mode="confidential").case
    with scope.use(town.finder.scope):
        assert list(queries.cases_of_reporter(town.finder)) == [case]
    with scope.use(town.stranger.scope):
        assert list(queries.cases_of_reporter(town.stranger)) == []


def test_case_for_accepts_a_number_as_people_type_it(town: Town, case: Case) -> None:
    typed = case.number.lower().replace("-", " ")
    with scope.use(town.finder.scope):
        assert queries.case_for(town.finder, typed) == case


def test_case_for_refuses_a_number_with_a_slip(town: Town, case: Case) -> None:
    wrong = case.number.replace("26", "62", 1)
    with scope.use(town.finder.scope), pytest.raises(NotFound):
        queries.case_for(town.finder, wrong)


def test_offers_show_the_step_and_why_it_is_barred(town: Town) -> None:
    case = found(town, actor=town.keeper).case
    with scope.use(town.keeper.scope):
        assert {offer.step.name for offer in queries.offers(town.keeper, case, at=NOON)} == {
            "keep",
            "withdraw",
        }
    perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    perform(case, "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    with scope.use(town.keeper.scope):
        fresh = queries.case_for(town.keeper, case.number)
        barred = {o.step.name: o.verdict.code for o in queries.offers(town.keeper, fresh, at=NOON)}
    assert barred == {"refuse": "", "hand_over": "same_person"}


def test_history_is_told_in_order(town: Town, case: Case) -> None:
    perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    with scope.use(town.finder.scope):
        assert [(act.step, act.to_status) for act in queries.history(case)] == [
            ("open", S.FOUND),
            ("keep", S.KEPT),
        ]

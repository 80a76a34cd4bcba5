"""A suggestion from the idea to the verified work, with every author told."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lianxin.kernel import scope
from lianxin.kernel.cases.intake import submit
from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.cases.services import perform
from lianxin.kernel.cases.waking import wake_due
from lianxin.kernel.notices.models import Notice
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Invalid
from lianxin.safety.models import Suggestion
from lianxin.safety.queries.suggestions import similar_suggestions, words_of
from lianxin.safety.workflow.suggestion import workflow
from tests.safety.conftest import NOON, Cast, code_of, fresh, later, photos

IDEA = {"problem": "卸车时提前拿走车钥匙", "proposal": "规程增加一条：卸车完成前不得拿取车钥匙"}
ANSWER = {"reason": "予以采纳", "responsible": "安全科", "due_on": "2025-07-31"}


def suggest(cast: Cast, *, actor: Actor | None = None, **changes: Any) -> Case:
    """An idea about the tank."""
    data = {"place": cast.tank.token, "mode": "named", **IDEA, **changes}
    return submit(workflow, actor=actor or cast.worker, at=NOON, data=data, uploads={}).case


@pytest.fixture
def case(cast: Cast) -> Case:
    """A named suggestion, just submitted."""
    return suggest(cast)


def go_on(cast: Cast, case: Case, *steps: str, **changes: Any) -> Case:
    """Take steps with their usual inputs; ``changes`` go to the last one."""
    usual: dict[str, tuple[Actor, dict[str, Any]]] = {
        "accept": (cast.county_officer, {}),
        "adopt": (cast.expert, ANSWER),
        "carry_out": (cast.manager, {"done": "已修订规程", "files": photos("done")}),
        "verify": (cast.expert, {"seen": "已张贴", "files": photos("on_site")}),
    }
    for step in steps:
        actor, inputs = usual[step]
        more = changes if step == steps[-1] else {}
        perform(case, step, **{"actor": actor, "at": NOON, **inputs, **more})
    return fresh(case)


def detail(case: Case) -> Suggestion:
    """The facts as they stand now."""
    with scope.use(scope.EVERYTHING):
        return Suggestion.objects.get(case=case)


def test_suggestion_is_carried_through(cast: Cast, case: Case) -> None:
    adopted = go_on(cast, case, "accept", "adopt")
    assert (adopted.status, adopted.owner) == ("adopted", cast.plant)
    go_on(cast, case, "carry_out", "verify")
    assert wake_due(at=later(8)) == 1
    assert (fresh(case).status, detail(case).answer) == ("closed", "予以采纳")
    assert detail(case).verified_at == NOON


def test_co_authors_share_and_are_all_answered(cast: Cast) -> None:
    assert cast.colleague.person is not None
    case = suggest(cast, co_authors=[cast.colleague.person.pk], shares=[2, 1])
    perform(case, "decline", actor=cast.county_officer, at=NOON, reason="已有规定")
    with scope.use(scope.EVERYTHING):
        assert list(Reporter.objects.order_by("position").values_list("share", flat=True)) == [2, 1]
        told = {
            notice.person_id
            for notice in Notice.objects.filter(case=case, person__isnull=False)
            if notice.params.get("reason") == "已有规定"
        }
    assert told == {cast.worker.person.pk if cast.worker.person else 0, cast.colleague.person.pk}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"problem": ""}, "problem"),
        ({"proposal": "长" * 10_000}, "proposal"),
        ({"shares": [1, 1]}, "shares"),
        ({"shares": "一"}, "shares"),
        ({"co_authors": [0]}, "co_authors"),
        ({"mode": "anonymous"}, "mode"),
    ],
)
def test_suggest_names_each_fault(cast: Cast, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        suggest(cast, **changes)
    assert list(refused.value.faults) == [field]


def test_adopt_is_not_for_an_author(cast: Cast) -> None:
    case = suggest(cast, actor=cast.expert)
    go_on(cast, case, "accept")
    assert code_of(lambda: go_on(cast, case, "adopt")) == "same_person"
    assert code_of(lambda: go_on(cast, case, "adopt", actor=cast.second_expert)) == ""


@pytest.mark.parametrize("missing", ["reason", "responsible"])
def test_adopt_needs_an_answer_and_a_name(cast: Cast, case: Case, missing: str) -> None:
    go_on(cast, case, "accept")
    assert code_of(lambda: go_on(cast, case, "adopt", **{missing: ""})) == "invalid"


def test_carry_out_needs_evidence(cast: Cast, case: Case) -> None:
    go_on(cast, case, "accept", "adopt")
    assert code_of(lambda: go_on(cast, case, "carry_out", files={})) == "evidence_missing"
    assert code_of(lambda: go_on(cast, case, "carry_out")) == ""


def test_reject_and_object_send_it_back(cast: Cast, case: Case) -> None:
    go_on(cast, case, "accept", "adopt", "carry_out")
    perform(case, "reject", actor=cast.expert, at=NOON, reason="没有张贴")
    assert (fresh(case).status, detail(case).carried_out_at) == ("adopted", None)
    go_on(cast, case, "carry_out", "verify")
    perform(case, "object", actor=cast.worker, at=later(1), reason="现场没有")
    assert (fresh(case).status, detail(case).verified_at) == ("adopted", None)


def test_similar_suggestions_are_offered_and_a_person_decides(cast: Cast, case: Case) -> None:
    suggest(cast, actor=cast.colleague, problem="食堂排队太久", proposal="增加一个窗口")
    second = suggest(
        cast,
        actor=cast.colleague,
        problem="有人提前拿走车钥匙",
        proposal="卸车完成前不得拿取车钥匙，写入规程",
    )
    with scope.use(cast.county_officer.scope):
        offered = similar_suggestions(cast.county_officer, second)
    assert [candidate.case for candidate in offered] == [case]
    assert "卸车" in offered[0].shared
    assert fresh(second).status == "submitted"
    perform(second, "merge", actor=cast.county_officer, at=NOON, into=case.number, reason="同一建议")
    assert fresh(second).merged_into == case


def test_similar_suggestions_stay_within_the_county(cast: Cast) -> None:
    elsewhere = suggest(cast, place=cast.other_tank.token)
    here = suggest(cast, actor=cast.colleague)
    with scope.use(cast.city_officer.scope):
        assert similar_suggestions(cast.city_officer, here) == []
    assert elsewhere.pk < here.pk


def test_words_of_leaves_out_what_says_nothing() -> None:
    assert words_of(",。 a 的") == frozenset()
    assert "规程" in words_of("修订规程")


def test_withdraw_before_adoption_only(cast: Cast, case: Case) -> None:
    go_on(cast, case, "accept", "adopt")
    assert code_of(lambda: perform(case, "withdraw", actor=cast.worker, at=NOON)) == "out_of_turn"


def test_database_refuses_closing_an_adopted_one_without_proof(cast: Cast, case: Case) -> None:
    go_on(cast, case, "accept", "adopt")
    with pytest.raises(IntegrityError, match="without verified evidence"), transaction.atomic(), scope.act():
        Case.objects.filter(pk=case.pk).update(status="closed")


def test_database_refuses_adoption_without_an_answer(case: Case) -> None:
    with pytest.raises(IntegrityError, match="adopted_with_an_answer"), transaction.atomic(), scope.act():
        Suggestion.objects.filter(case=case).update(adopted_at=NOON)

"""What every step and panel must have."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from lianxin.kernel import scope
from lianxin.kernel.cases.queries import detail_of
from lianxin.kernel.cases.workflow import Step, Workflow, workflow_for
from tests.safety.conftest import NOON, PLAN, Cast, Walk, fresh, grades, report

KINDS = {
    "hazard": {
        "accept", "return", "complete", "merge", "decline", "reroute", "grade", "order", "ask_extension", "extend",
        "rectify", "verify", "reject", "object", "confirm", "close", "withdraw", "reopen",
    },
    "suggestion": {
        "accept", "merge", "adopt", "decline", "carry_out", "verify", "reject", "object", "confirm", "close",
        "withdraw",
    },
    "sweep": {"close", "withdraw"},
    "sweep_check": {"answer_none", "answer_found", "settle", "verify", "reject", "withdraw"},
    "recheck": {"hold", "relapse"},
    "reprisal": {"investigate", "answer", "object", "confirm", "close", "withdraw"},
}  # fmt: skip
STEPS = [(kind, step) for kind in KINDS for step in workflow_for(kind).steps.values()]


@pytest.mark.parametrize("kind", KINDS)
def test_kind_keeps_the_names_of_its_steps(kind: str) -> None:
    assert set(workflow_for(kind).steps) == KINDS[kind]


@pytest.mark.parametrize(("kind", "step"), STEPS, ids=lambda value: getattr(value, "name", value))
def test_step_speaks_both_languages_and_leads_somewhere(kind: str, step: Step) -> None:
    workflow = workflow_for(kind)
    known = set(workflow.statuses.values)
    assert step.label.zh
    assert step.label.en.isascii()
    assert step.move.sources <= known
    assert step.move.target in {*known, ""}


@pytest.mark.parametrize("kind", KINDS)
def test_every_open_status_has_somebody_whose_turn_it_is(kind: str) -> None:
    workflow: Workflow = workflow_for(kind)
    assert set(workflow.stages) == set(workflow.statuses.values) - workflow.final


@pytest.mark.parametrize("kind", KINDS)
def test_every_status_can_be_reached(kind: str) -> None:
    workflow = workflow_for(kind)
    reached = {workflow.initial, *(step.move.target for step in workflow.steps.values())}
    # A check that is not in the sample goes straight to its end.
    assert set(workflow.statuses.values) <= reached


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_hazard_facts_show_escaped_words(cast: Cast, language: str) -> None:
    case = report(cast, "<script>alert(1)</script>").case
    Walk(cast, case).to("grade", own_duty="outside", **grades(law_grade="major", clause="HG-3"))
    Walk(cast, case).take("order", **PLAN)
    with scope.use(scope.EVERYTHING), translation.override(language):
        page = render_to_string("safety/hazard_facts.html", {"case": fresh(case), "detail": detail_of(case)})
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert ("Major hazard" if language == "en" else "重大隐患") in page
    assert "252" in page
    assert "{%" not in page
    assert NOON.year == 2025

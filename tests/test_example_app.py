"""A kind of case that the kernel has never heard of, in one folder: everything else comes by itself."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from lianxin.kernel import scope
from lianxin.kernel.audit.verify import verify
from lianxin.kernel.cases.services import perform
from lianxin.kernel.cases.waking import wake_due
from lianxin.kernel.cases.workflow import workflow_for
from lianxin.kernel.clock import day_of
from lianxin.kernel.metrics import queries
from lianxin.kernel.metrics.periods import year
from lianxin.kernel.people.actors import NOBODY
from lianxin.kernel.refusals import NotAllowed
from tests.api.conftest import call  # noqa: F401 - a fixture
from tests.kernel.cases.conftest import NOON, PICTURE, Town, found, town  # noqa: F401 - fixtures
from tests.web.casework.conftest import Browser, signed  # noqa: F401 - a fixture

FOLDER = Path(__file__).parent / "example_app"
EVIDENCE = {"handover": [PICTURE]}


def test_example_is_one_small_folder() -> None:
    lines = sum(len(file.read_text().splitlines()) for file in FOLDER.rglob("*.py"))
    assert lines <= 200


def test_guide_and_folder_say_the_same() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "guide" / "add-a-kind-of-case.md").read_text(
        encoding="utf-8"
    )
    told = "".join(re.findall(r"^```python\n(.*?)^```$", guide, flags=re.MULTILINE | re.DOTALL))
    files = {
        name: (FOLDER / name).read_text(encoding="utf-8") for name in ("models.py", "workflow.py", "apps.py")
    }
    migration = (FOLDER / "migrations" / "0001_initial.py").read_text(encoding="utf-8")
    shown = [line.strip() for line in told.splitlines() if line.strip()]
    there = {line.strip() for text in (*files.values(), migration) for line in text.splitlines()}
    assert [line for line in shown if line not in there] == []
    # All but the imports and the head of each file.
    bodies = [
        re.split(r"^(?=class |[A-Z_]+ = )", text, maxsplit=1, flags=re.MULTILINE)[1]
        for text in files.values()
    ]
    wanted = [line.strip() for body in bodies for line in body.splitlines() if line.strip()]
    assert sorted(wanted) == sorted(line for line in shown if not line.startswith("rls."))


@pytest.mark.parametrize("word", ["hazard", "found_item", "lost property", "suggestion"])
def test_kernel_knows_no_domain(word: str) -> None:
    kernel = Path(__file__).parents[1] / "lianxin" / "kernel"
    code = [file for file in kernel.rglob("*.py") if word in _code_of(file)]
    assert code == []


def _code_of(file: Path) -> str:
    """The file without its docstrings and comments, where an example may be named."""
    import ast

    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            node.body = body[1:]  # type: ignore[attr-defined]
    return ast.unparse(tree).lower()


def test_found_thing_goes_back_to_its_owner(town: Town) -> None:  # noqa: F811
    case = found(town).case
    perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    perform(case, "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    closed = perform(case, "hand_over", actor=town.keeper, at=NOON, files=EVIDENCE)
    assert (closed.status, closed.outcome) == ("returned", "hand_over")
    with scope.use(scope.EVERYTHING):
        assert (
            queries.figures_for(NOBODY, period=year(day_of(NOON).year), ids=["found_items.returned"])[0].value
            == 1
        )
        assert verify() == []


def test_found_thing_is_not_handed_over_by_its_finder(town: Town) -> None:  # noqa: F811
    case = found(town, actor=town.keeper).case
    perform(case, "keep", actor=town.other_keeper, at=NOON, shelf="A-3")
    perform(case, "claim", actor=town.other_keeper, at=NOON, proof_of_ownership="伞柄刻字")
    with pytest.raises(NotAllowed):
        perform(case, "hand_over", actor=town.keeper, at=NOON, files=EVIDENCE)


def test_found_thing_that_nobody_claims_is_handed_on(town: Town) -> None:  # noqa: F811
    perform(found(town).case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    assert wake_due(at=NOON + timedelta(days=91)) == 1


def test_found_thing_has_queue_page_and_api(town: Town, signed: Browser, call) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001, F811
    case = found(town).case
    browser = signed(town.keeper)
    assert case.number in browser.get("/queue/").content.decode()
    assert "收存" in browser.get(f"/case/{case.number}/").content.decode()
    assert "捡到什么" in browser.get("/new/found_item/").content.decode()
    assert call(town.keeper, "get", f"/cases/{case.number}").json()["kind"] == "found_item"


def test_every_step_has_a_label_in_both_languages_and_a_way_out() -> None:
    workflow = workflow_for("found_item")
    assert all(step.label.zh and step.label.en for step in workflow.steps.values())
    open_statuses = set(workflow.statuses.values) - workflow.final
    assert all(workflow.steps_from(status) for status in open_statuses)

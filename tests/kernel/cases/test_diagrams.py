"""The page of workflows is what the workflows say."""

from lianxin.kernel.cases.diagrams import told
from lianxin.kernel.cases.management.commands.workflows import PAGE, product_workflows
from tests.example_app.workflow import workflow


def test_told_shows_states_turns_and_permissions() -> None:
    page = told([workflow])
    assert "  claimed --> returned: hand_over" in page
    assert "| `claimed` | 驿站管理员 station keeper | 3 个工作日 3 working days |" in page
    assert "| `hand_over` 交还失主 Hand over | 驿站管理员 station keeper |" in page
    assert page.count("`open`") == 1


def test_committed_page_is_true() -> None:
    assert PAGE.read_text(encoding="utf-8") == product_workflows()

"""History against the log: whatever is changed, taken away or put into the rows of a case, verification is red."""

import pytest
from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.verify import verify
from lianxin.kernel.cases.models import Act, Case
from lianxin.kernel.cases.services import perform
from tests.kernel.audit.conftest import as_owner, execute
from tests.kernel.cases.conftest import NOON, Town, found

TABLES = ("cases_act", "cases_case", "audit_logentry", "audit_streamhead")


@pytest.fixture
def walked(town: Town) -> Case:
    """A case with three acts, and another beside it."""
    found(town)
    case = found(town).case
    perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    perform(case, "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    assert verify() == []
    return case


def tamper(statement: str, *values: str | int) -> set[str]:
    """Run a statement past every trigger; the codes of what verification finds."""
    with scope.use(scope.EVERYTHING), as_owner(*TABLES), connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1
    return {finding.code for finding in verify()}


@pytest.mark.parametrize(
    ("statement", "found_"),
    [
        ("UPDATE cases_act SET data = '{\"shelf\": \"B-1\"}' WHERE step = 'keep'", {"history_changed"}),
        ("UPDATE cases_act SET to_status = 'returned' WHERE step = 'keep'", {"history_changed"}),
        (
            "UPDATE cases_act SET to_status = 'kept' WHERE step = 'claim'",
            {"history_changed", "status_changed"},
        ),
        ("UPDATE cases_act SET salt = '\\x00' WHERE step = 'keep'", {"history_changed"}),
        ("DELETE FROM cases_act WHERE step = 'keep'", {"history_missing"}),
        ("DELETE FROM cases_act WHERE step = 'claim'", {"history_missing", "status_changed"}),
    ],
)
def test_verify_finds_a_changed_history(walked: Case, statement: str, found_: set[str]) -> None:
    assert tamper(statement) == found_


def test_verify_finds_a_changed_status(walked: Case) -> None:
    assert tamper("UPDATE cases_case SET status = 'returned' WHERE id = %s", walked.pk) == {"status_changed"}


def test_verify_finds_an_act_of_another_case(walked: Case) -> None:
    with scope.use(scope.EVERYTHING):
        other = Case.objects.exclude(pk=walked.pk).get()
    found_ = tamper("UPDATE cases_act SET case_id = %s WHERE step = 'keep'", other.pk)
    assert found_ >= {"history_changed", "status_changed"}


def test_verify_finds_an_act_put_in_beside_the_log(walked: Case) -> None:
    with scope.use(scope.EVERYTHING):
        entry = LogEntry.objects.order_by("-pk").first()
    assert entry is not None
    forged = """INSERT INTO cases_act (case_id, step, from_status, to_status, at, actor, role, data, salt, entry_id)
        SELECT case_id, 'hand_over', 'claimed', 'returned', at, actor, role, data, salt, %s FROM cases_act
        WHERE step = 'claim'"""
    own = "INSERT INTO audit_logentry SELECT id + 1000, stream, seq + 7, at, actor, action, body, prev_hash, hash"
    with scope.use(scope.EVERYTHING), as_owner(*TABLES):
        execute(f"{own} FROM audit_logentry WHERE id = %s", entry.pk)
        execute(forged, entry.pk + 1000)
    assert {finding.code for finding in verify()} >= {"history_changed", "status_changed"}


@pytest.mark.parametrize("body", ["", "no JSON at all", "[]", "null", '{"after": 7}', '{"before": {}}'])
def test_verify_tells_of_an_illegible_entry_and_goes_on(walked: Case, body: str) -> None:
    codes = tamper(
        "UPDATE audit_logentry SET body = %s WHERE stream = %s AND seq = 3", body, f"case:{walked.pk}"
    )
    assert codes == {"entry_changed", "history_changed", "status_changed"}


def test_erased_words_leave_the_history_whole(walked: Case) -> None:
    with scope.act():
        Act.objects.filter(case=walked, step="keep").update(data={}, salt=b"")
    assert verify() == []

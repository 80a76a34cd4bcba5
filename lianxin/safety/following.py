"""What follows in one case from a step in another, within the same transaction."""

from lianxin.kernel.cases.events import CaseMoved
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.cases.workflow import workflow_for
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.prepared import run
from lianxin.kernel.statements import fetch
from lianxin.safety.models import SweepCheck
from lianxin.safety.notices import tell_merged

_ANY_MERGED = "SELECT 1 FROM cases_case WHERE merged_into_id = $1::bigint LIMIT 1"

# Checks of a sweep that wait for this report, once it is closed.
_WAITING = """SELECT s.case_id FROM safety_sweepcheck s
JOIN cases_case c ON c.id = s.case_id JOIN cases_case h ON h.id = s.hazard_id
WHERE s.hazard_id = $1::bigint AND c.kind = 'sweep_check' AND c.status = 'fixing' AND h.closed_at IS NOT NULL
ORDER BY s.case_id"""


def follow(moved: CaseMoved) -> None:
    """A sweep hears of its checks, a check of the report that it opened, a reporter of the case merged into."""
    if moved.kind in {"hazard", "suggestion"}:
        _tell_merged(moved)
    if moved.kind == "hazard":
        _settle_checks(moved)
    elif moved.kind == "sweep_check":
        _close_sweep(moved)
    elif moved.kind == "sweep" and moved.to_status == "withdrawn":
        for check in Case.objects.filter(parent=moved.case_id, kind="sweep_check", closed_at=None):
            perform(check, "withdraw", actor=SYSTEM, at=moved.at)


def _tell_merged(moved: CaseMoved) -> None:
    # Asked at every step of every report: nearly always nothing was merged into it.
    if moved.from_status != moved.to_status and run(_ANY_MERGED, [moved.case_id]):
        tell_merged(Case.objects.get(pk=moved.case_id), at=moved.at)


def _settle_checks(moved: CaseMoved) -> None:
    if moved.to_status == "merged":
        # What was found lives on in the earlier report: wait for that one.
        into = Case.objects.get(pk=moved.case_id).merged_into_id
        SweepCheck.objects.filter(hazard=moved.case_id).update(hazard=into)
        return
    if moved.to_status not in workflow_for(moved.kind).final:
        return
    for (waiting,) in run(_WAITING, [moved.case_id]):
        perform(fetch(Case, pk=waiting), "settle", actor=SYSTEM, at=moved.at)


def _close_sweep(moved: CaseMoved) -> None:
    """Close the parent with its last check. The lock lets the later of two last checks see the earlier one."""
    check = Case.objects.get(pk=moved.case_id)
    if check.closed_at is None or check.status == "withdrawn" or check.parent_id is None:
        return
    sweep = fetch(Case, pk=check.parent_id, lock=True)
    still_open = Case.objects.filter(parent=sweep, kind="sweep_check", closed_at=None)
    if sweep.closed_at is None and not still_open.exists():
        perform(sweep, "close", actor=SYSTEM, at=moved.at)

"""The answer comes to the reporter: what the news of a case becomes for those it concerns.

Called within the transaction of the deed (``events.subscribe(…, within=True)``), so that no answer is lost and
none tells of what was rolled back. What an opened case brings about is written with the case, in its statement.
"""

import json
from datetime import datetime
from typing import Any

from lianxin.kernel.cases.deadlines import moment_after
from lianxin.kernel.cases.events import CaseMoved, CaseOpened
from lianxin.kernel.cases.history import step_label
from lianxin.kernel.cases.models import Act, Case
from lianxin.kernel.cases.workflow import Party, workflow_for
from lianxin.kernel.notices import wording
from lianxin.kernel.notices.models import Notice
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.roles import UNION_OFFICER
from lianxin.kernel.prepared import run

ESCALATE = "escalate"

# A body hears of a case when it becomes theirs, not at every step they take in it themselves.
_MOVED = """WITH told AS (INSERT INTO notices_notice
  (kind, case_id, person_id, person_key, organization_id, organization_path, role, params, created_at)
SELECT $4, r.case_id, r.person_id, CASE WHEN r.person_id IS NULL THEN r.person_key ELSE '' END,
  NULL::bigint, '', '', $3::jsonb, $2::timestamptz
FROM cases_reporter r WHERE r.case_id = $1::bigint AND $4::text <> ''
UNION ALL
SELECT $5, $1, NULL, '', $6::bigint, '', $7, $3, $2
WHERE $6 IS NOT NULL AND $6 || '/' || $7::text IS DISTINCT FROM (
  SELECT n.organization_id || '/' || n.role FROM notices_notice n
  WHERE n.case_id = $1 AND n.organization_id IS NOT NULL AND n.kind = $5::text
  ORDER BY n.id DESC LIMIT 1
)) SELECT 1"""


def answer_opened(event: CaseOpened) -> None:
    """Tell the reporters that it has arrived, and those whose turn it is that it is waiting."""
    case = event.case
    facts = {
        "number": case.number,
        "kind": workflow_for(case.kind).label.as_dict(),
        "due": case.due_at.isoformat() if case.due_at else None,
        "owner": _named(case.owner),
    }
    common: dict[str, Any] = {"case": case, "params": facts, "created_at": event.at}
    event.rows.extend(
        Notice(kind=wording.OPENED.code, person=row.person, person_key=row.person_key, **common)
        for row in event.reporters
    )
    if case.owner:
        event.rows.append(
            Notice(kind=wording.TURN.code, organization=case.owner, role=case.owner_role, **common)
        )


def answer_moved(event: CaseMoved) -> None:
    """Tell the reporters what was done and what comes next, and a body that the case is now theirs."""
    case = event.case or Case.objects.select_related("owner", "supervisor").get(pk=event.case_id)
    if event.step == ESCALATE:
        _tell(
            event,
            facts_of(case),
            wording.CLIMBED.code,
            wording.OVERDUE.code,
            case.supervisor_id,
            UNION_OFFICER.code,
        )
        return
    act = event.act or (
        Act.objects.filter(case=case, step=event.step).select_related("organization").order_by("-id").first()
    )
    facts = facts_of(case) | _deed(act, event) | _may_object(case, event.at)
    reporters = wording.MOVED.code if act is None or not _by_reporter(act) else ""
    _tell(event, facts, reporters, wording.TURN.code, case.owner_id, case.owner_role)


def facts_of(case: Case) -> dict[str, Any]:
    """What any notice about a case may say: no title, no place, nobody's name."""
    return {
        "number": case.number,
        "kind": workflow_for(case.kind).label.as_dict(),
        "owner": _named(case.owner),
        "supervisor": _named(case.supervisor),
        "yours": case.owner_role == Party.REPORTER,
        "due": case.due_at.isoformat() if case.due_at else None,
        "closed": case.closed_at is not None,
    }


def _deed(act: Act | None, event: CaseMoved) -> dict[str, Any]:
    said = act.data if act else {}
    return {
        "step": step_label(event.kind, event.step).as_dict(),
        "body": _named(act.organization if act else None),
        "reason": str(said.get("reason", "")),
    }


def _may_object(case: Case, at: datetime) -> dict[str, Any]:
    """The reporter's own step out of this status, where its time is limited."""
    for step in workflow_for(case.kind).steps_from(case.status):
        if Party.REPORTER in step.by and step.within:
            return {"may": step.label.as_dict(), "until": moment_after(at, step.within).isoformat()}
    return {}


def _by_reporter(act: Act) -> bool:
    """Whoever acted without an office and is not the system raised the case: they know what they did."""
    return not act.role and act.actor != "system"


def _tell(
    event: CaseMoved, facts: dict[str, Any], to_reporter: str, to_body: str, body: int | None, role: str
) -> None:
    told = json.dumps(facts, ensure_ascii=False)
    run(_MOVED, [event.case_id, event.at, told, to_reporter, to_body, body, role])


def _named(organization: Organization | None) -> dict[str, str]:
    if organization is None:
        return {"zh": "", "en": ""}
    return {"zh": organization.name, "en": organization.name_en or organization.name}

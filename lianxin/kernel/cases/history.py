"""Writing what was done: the history row, its log entry, and the duty that a person takes by it."""

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lianxin.kernel import crypto
from lianxin.kernel.audit.services import canonical, compose
from lianxin.kernel.cases.models import Act, Case, Duty
from lianxin.kernel.cases.rules import same_hand, taken_duty
from lianxin.kernel.cases.workflow import workflow_for
from lianxin.kernel.files.prepared import Prepared
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import Role
from lianxin.kernel.refusals import NotAllowed
from lianxin.kernel.text import Text

OPEN = "open"
Files = Mapping[str, Sequence[Prepared]]


def stream_of(case: Case) -> str:
    """The log stream of a case."""
    return f"case:{case.pk}"


def step_label(kind: str, name: str) -> Text:
    """The words for a step in history; opening and climbing are common to all kinds."""
    common = {OPEN: Text("提交", "Submitted"), "escalate": Text("逾期上报", "Escalated")}
    steps = workflow_for(kind).steps
    return steps[name].label if name in steps else common.get(name, Text(name, name))


def claim_duties(claims: Sequence[Duty], at: datetime) -> None:
    """Take the duties; the unique constraint decides between two threads of one person.

    Raises ``NotAllowed`` for who has already taken another duty of the group in this chain.
    """
    if not claims:
        return
    won = Duty.objects.claim(claims, at=at)
    for claim in claims:
        if (claim.chain_id, claim.group, claim.subject) in won:
            continue
        if taken_duty(claim) != claim.duty:
            verdict = same_hand(claim.group)
            raise NotAllowed(verdict.code, verdict.reason or Text("", ""))


def compose_act(  # noqa: PLR0913 - a row of history has that many facts
    case: Case,
    *,
    step: str,
    from_status: str,
    actor: Actor,
    role: Role | None,
    at: datetime,
    data: dict[str, Any],
    files: Files,
    client_token: uuid.UUID | None = None,
    label: str | None = None,
) -> Act:
    """History row with its log entry, neither written yet.

    ``label`` is how the log names the actor, when not by their own. The log holds a commitment to what was said,
    so a text can be erased later.
    """
    data = plain(data)
    salt = secrets.token_bytes(16)
    label = label or actor.label
    entry = compose(
        f"{case.kind}.{step}",
        stream=stream_of(case),
        actor=label,
        at=at,
        before={"status": from_status},
        after={
            "status": case.status,
            "number": case.number,
            "organization": case.organization_id,
            "role": role.kind if role else "",
            "said": crypto.commitment(salt, canonical(data)),
            "files": [p.sha256.hex() for prepared in files.values() for p in prepared],
        },
        request_id=actor.request_id,
    )
    return Act(
        case=case,
        step=step,
        from_status=from_status,
        to_status=case.status,
        at=at,
        actor=label,
        person=actor.person if role else None,
        organization=role.organization if role else None,
        role=role.kind if role else "",
        data=data,
        salt=salt,
        entry=entry,
        client_token=client_token,
    )


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON knows them, in the one spelling that the commitment covers."""
    result: dict[str, Any] = json.loads(canonical(data))
    return result

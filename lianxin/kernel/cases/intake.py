"""From what a sender sends to a deed: forms are checked and files decoded before any lock is taken.

Pages, API and replay come through here; :mod:`lianxin.kernel.cases.services` does the deed itself.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lianxin.kernel.cases.attachments import prepare_evidence
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.reporters import Mode, Reporting
from lianxin.kernel.cases.rules import can_perform
from lianxin.kernel.cases.services import Opened, open_case, perform, refuse, step_of
from lianxin.kernel.cases.workflow import Opening, Workflow, workflow_for
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import NotAllowed, NotFound
from lianxin.kernel.text import Text

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from lianxin.kernel.people.models import Person

Uploads = Mapping[str, Sequence["UploadedFile[Any]"]]


def submit(
    workflow: Workflow, *, actor: Actor, at: datetime, data: Any, uploads: Uploads, parent: Case | None = None
) -> Opened:
    """Open a case from a form's data (a query dict, or a plain dict with the same names) and raw uploads.

    Raises ``Invalid`` with every faulty field, ``Refused`` for a faulty file, ``NotAllowed`` for somebody who
    may not open this kind.
    """
    opening = opening_of(workflow)
    form = opening.form(data, actor=actor, at=at, modes=opening.modes)
    values = form.values()
    _may_open(workflow, opening, actor, values["organization"].path)
    files = prepare_evidence(opening.evidence, uploads)
    people: tuple[Person, ...] = tuple(values.get("co_authors") or ())
    reporting = Reporting(
        mode=values["mode"] if opening.modes else Mode.NAMED,
        co_authors=people,
        shares=tuple(values.get("shares") or ()),
        people=values.get("people") or 1,
    )
    return open_case(
        workflow,
        actor=actor,
        at=at,
        organization=values["organization"],
        site=values.get("site"),
        title=opening.title(values),
        data={**values, "spoken": form.spoken()},
        reporting=reporting if opening.modes else None,
        files=files,
        parent=parent,
        client_token=values.get("client_token"),
    )


def take_step(
    case: Case,
    step_name: str,
    *,
    actor: Actor,
    at: datetime,
    data: Mapping[str, Any],
    uploads: Uploads,
    client_token: uuid.UUID | None = None,
) -> Case:
    """Perform a step from raw inputs. Whoever may not take it is told before any file is decoded."""
    step = step_of(workflow_for(case.kind), step_name)
    refuse(can_perform(actor, case, step, at), case)
    files = prepare_evidence(step.needs, uploads)
    return perform(case, step_name, actor=actor, at=at, files=files, client_token=client_token, inputs=data)


def opening_of(workflow: Workflow) -> Opening:
    """How this kind is opened; raises ``NotFound`` for a kind that only other cases bring about."""
    if workflow.opening is None:
        raise NotFound(
            "not_opened_directly",
            Text("这类办件不能直接提交。", "This kind of case is not submitted directly."),
        )
    return workflow.opening


def _may_open(workflow: Workflow, opening: Opening, actor: Actor, path: str) -> None:
    if opening.by and actor.role_for(opening.by, path) is None:
        who_zh = "、".join(kind.label.zh for kind in opening.by)
        who_en = ", ".join(kind.label.en for kind in opening.by)
        raise NotAllowed(
            "wrong_role",
            Text(
                f"“{workflow.label.zh}”须由{who_zh}提交。",
                f"“{workflow.label.en}” is submitted by: {who_en}.",
            ),
        )

"""Opening, following and performing; the queue."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from lianxin.api.answers import CaseDetail, CaseOut, KindOut, OpenedOut, Problem, ProofOut, QueueOut
from lianxin.api.callers import caller
from lianxin.api.telling import case_detail, case_out, kind_out
from lianxin.kernel import clock
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.proofs import inclusion_proof
from lianxin.kernel.cases import intake, queries, queues
from lianxin.kernel.cases.services import stream_of
from lianxin.kernel.cases.workflow import Workflow, workflows
from lianxin.kernel.refusals import NotFound, Refused
from lianxin.kernel.text import Text

router = Router(tags=["cases"])
NO = {400: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem, 429: Problem}
BODY = {
    "requestBody": {
        "description": "The fields that GET /kinds lists; files as multipart form data, named as their evidence.",
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object", "additionalProperties": True}},
            "multipart/form-data": {"schema": {"type": "object", "additionalProperties": True}},
        },
    }
}


@router.get("/kinds", response=list[KindOut], auth=None, summary="What can be raised, and what happens to it")
def kinds(request: HttpRequest) -> list[KindOut]:
    """Every kind of case: fields of its opening form, steps with their fields and evidence."""
    return [kind_out(workflow) for workflow in workflows()]


@router.post(
    "/kinds/{kind}/cases",
    response={201: OpenedOut, 200: OpenedOut, **NO},
    openapi_extra=BODY,
    summary="Open a case",
)
def open_case(request: HttpRequest, kind: str) -> Status[OpenedOut]:
    """Open a case. Send a ``client_token`` (UUID): a repeated call then gives the case of the first, with 200."""
    actor = caller(request, "cases:open")
    opened = intake.submit(
        _workflow(kind), actor=actor, at=clock.now(), data=_data(request), uploads=_uploads(request)
    )
    told = OpenedOut(
        case=case_out(opened.case),
        receipt=opened.receipt,
        receipts=list(opened.receipts),
        created=opened.created,
    )
    return Status(201 if opened.created else 200, told)


@router.get("/cases/{number}", response={200: CaseDetail, **NO}, summary="Follow a case")
def follow(request: HttpRequest, number: str) -> CaseDetail:
    """Where it stands, its history, and what the caller can do. By token, or by ``X-Receipt-Code``."""
    viewer = caller(request, "cases:read")
    case = queries.case_for(viewer, number)
    return case_detail(case, queries.history(case), queries.offers(viewer, case, at=clock.now()))


@router.post(
    "/cases/{number}/steps/{step}",
    response={200: CaseOut, **NO},
    openapi_extra=BODY,
    summary="Perform a step",
)
def perform(request: HttpRequest, number: str, step: str) -> CaseOut:
    """Take a step; send a ``client_token`` (UUID) so that a repeated call is done once."""
    actor = caller(request, "cases:perform")
    data = _data(request)
    case = intake.take_step(
        queries.case_for(actor, number),
        step,
        actor=actor,
        at=clock.now(),
        data=data,
        uploads=_uploads(request),
        client_token=_token(data.get("client_token")),
    )
    return case_out(queries.case_for(actor, case.number))


@router.get("/queue", response={200: QueueOut, **NO}, summary="What waits for the caller")
def queue(request: HttpRequest, tab: str = "mine", kind: str = "", after: str | None = None) -> QueueOut:
    """Open cases by deadline; ``tab`` is ``mine``, ``today``, ``overdue`` or ``supervised``."""
    viewer = caller(request, "queue:read")
    page = queues.queue(viewer, tab, at=clock.now(), after=after, kind=kind)
    return QueueOut(cases=[case_out(case) for case in page.cases], next=page.after)


@router.get(
    "/cases/{number}/proofs/{entry}",
    response={200: ProofOut, **NO},
    summary="The inclusion proof of a log entry",
)
def proof(request: HttpRequest, number: str, entry: int) -> ProofOut:
    """That an entry of the case's history stands in a signed checkpoint."""
    viewer = caller(request, "cases:read")
    case = queries.case_for(viewer, number)
    found = LogEntry.objects.filter(stream=stream_of(case), seq=entry).first()
    if found is None:
        raise NotFound("entry_unknown", Text("没有这条记录。", "There is no such entry."), field="entry")
    return ProofOut(proof=inclusion_proof(found))


def _workflow(kind: str) -> Workflow:
    for workflow in workflows():
        if workflow.kind == kind:
            return workflow
    raise NotFound("kind_unknown", Text("没有这类办件。", "There is no such kind of case."), field="kind")


def _data(request: HttpRequest) -> Mapping[str, Any]:
    if (request.content_type or "").startswith("application/json"):
        try:
            data = json.loads(request.body or b"{}")
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise Refused(
                "body_invalid", Text("请求内容须为 JSON 对象。", "The body has to be a JSON object.")
            )
        return data
    return request.POST


def _uploads(request: HttpRequest) -> intake.Uploads:
    return {name: request.FILES.getlist(name) for name in request.FILES}


def _token(text: object) -> uuid.UUID | None:
    if not text:
        return None
    try:
        return uuid.UUID(str(text))
    except ValueError:
        raise Refused(
            "client_token_invalid",
            Text("client_token 须为 UUID。", "client_token has to be a UUID."),
            field="client_token",
        ) from None

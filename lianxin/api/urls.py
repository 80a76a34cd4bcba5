"""The API's addresses and how it says no."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from lianxin.api import cases, public
from lianxin.api.answers import Problem, Words
from lianxin.api.callers import Caller
from lianxin.kernel.refusals import Invalid, Refused, TooMany
from lianxin.kernel.text import Text

api = NinjaAPI(
    title="Lianxin 连心",
    version="1",
    description="The same deeds as the pages: raise, follow, perform, count, verify.",
    auth=Caller(),
    urls_namespace="api",
    docs_url=None,
)
api.add_router("", cases.router)
api.add_router("", public.router)


@api.exception_handler(Refused)
def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Answer a refusal with its code, its sentence in both languages and the field at fault."""
    faults = None
    if isinstance(refusal, Invalid):
        faults = {name: [Words.of(text) for text in texts] for name, texts in refusal.faults.items()}
    problem = Problem(
        code=refusal.code, message=Words.of(refusal.message), field=refusal.field, faults=faults
    )
    response = api.create_response(request, problem, status=refusal.status)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after)
    return response


@api.exception_handler(ValidationError)
def misshapen(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer a parameter of the wrong shape like any other faulty field."""
    first = error.errors[0]
    field = str(first["loc"][-1])
    message = Text("参数“{field}”有误。", "The parameter “{field}” is not valid.").format(field=field)
    return api.create_response(
        request, Problem(code="parameter_invalid", message=Words.of(message), field=field), status=422
    )

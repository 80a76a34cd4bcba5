"""The product's addresses, and some that refuse."""

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from lianxin import urls
from lianxin.kernel.refusals import Conflict, NotAllowed, NotFound, Refused, TooMany
from lianxin.kernel.text import Text

SENTENCE = Text("王干部已受理。", "Officer Wang accepted it.")
REFUSALS: dict[str, Exception] = {
    "refused": Refused("no", SENTENCE),
    "notallowed": NotAllowed("no", SENTENCE),
    "notfound": NotFound("no", SENTENCE),
    "conflict": Conflict("taken", SENTENCE),
    "toomany": TooMany("slow_down", SENTENCE, retry_after=30),
    "toobig": RequestDataTooBig("x"),
    "forbidden": PermissionDenied(),
    "broken": RuntimeError("x"),
    "away": OperationalError("connection refused"),
}


def refuse(request: HttpRequest, what: str) -> HttpResponse:
    """Raise what the address says."""
    raise REFUSALS[what]


urlpatterns = [*urls.urlpatterns, path("refuse/<what>/", refuse)]
handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)

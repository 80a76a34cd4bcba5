"""The least that any page costs: an empty answer, and an answer that commits one row.

Each is measured twice: at the bare door, before any middleware, and behind everything that stands before a page.
"""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

TABLE = "CREATE TABLE IF NOT EXISTS bench_row (id bigserial PRIMARY KEY, said text NOT NULL)"
INSERT = "INSERT INTO bench_row (said) VALUES ('one row')"
BARE_EMPTY, BARE_COMMIT = "/bench/bare/empty/", "/bench/bare/commit/"
EMPTY, COMMIT = "/bench/empty/", "/bench/commit/"


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    """Answer nothing."""
    del request
    return HttpResponse(b"", headers={"Content-Length": "0"})


@csrf_exempt
def commit(request: HttpRequest) -> HttpResponse:
    """Commit one row, and answer nothing."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT)
    return empty(request)


class BareDoor:
    """Answers the two bare addresses itself and lets everything else pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.doors = {BARE_EMPTY: empty, BARE_COMMIT: commit}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or pass on."""
        return self.doors.get(request.path_info, self.get_response)(request)

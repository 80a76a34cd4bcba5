"""The answers that pages give beside a plain 200."""

from collections.abc import Iterable, Mapping, Sequence

from django.http import HttpResponse, HttpResponseRedirect

from lianxin.kernel.sheets.columns import Column
from lianxin.kernel.sheets.writing import write_csv, write_xlsx
from lianxin.kernel.text import Text

CONFLICT, UNPROCESSABLE = 409, 422
SHEETS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def see_other(address: str) -> HttpResponse:
    """After a deed: go and look there, by GET."""
    return HttpResponseRedirect(address, status=303)


def download(content: bytes | str, name: str, media_type: str) -> HttpResponse:
    """A file to keep; ``name`` is plain ASCII."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def spreadsheet(
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, object]],
    *,
    kind: str,
    title: Text | str = "",
) -> HttpResponse:
    """A register as a spreadsheet, XLSX unless CSV is asked for."""
    if kind == "csv":
        return download(write_csv(columns, rows), f"{name}.csv", SHEETS["csv"])
    return download(write_xlsx(columns, rows, title=title), f"{name}.xlsx", SHEETS["xlsx"])

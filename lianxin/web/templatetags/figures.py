"""The components that count: money, figures, charts, progress, QR codes."""

from typing import Any

import segno
from django.template import Library
from django.template.context import Context

from lianxin.kernel.money import Money
from lianxin.kernel.text import Text
from lianxin.web.components import Components, Facts, words

register = Library()
components = Components(register)

CHARTS = ("line", "bar", "pie")
QR_MASK = 3


@components.inline("ui/money.html")
def money(amount: Money | int | None, *, signed: bool = False) -> Facts:
    """An amount in yuan; whole numbers are fen. A dash when there is none."""
    if isinstance(amount, int):
        amount = Money(amount)
    return {"amount": amount, "plus": bool(signed and amount and amount.fen > 0)}


@components.inline("ui/figure.html", worded=True)
def figure(  # noqa: PLR0913 - each attribute is one thing a figure tile may show
    context: Context,
    zh: object,
    en: str | None = None,
    *,
    value: object,
    unit: object = "",
    unit_en: str | None = None,
    note: object = "",
    href: str = "",
    recount: str = "",
    id: str = "",  # noqa: A002 - HTML's own word
) -> Facts:
    """A published figure with its unit; ``recount`` is where it can be counted again from rows."""
    return {
        "label": words(zh, en),
        "value": f"{value:,}" if isinstance(value, int) else value,
        "unit": words(unit, unit_en),
        "note": note,
        "href": href,
        "recount": recount,
        "id": id,
        "csrf_token": context.get("csrf_token", ""),
    }


def _plain(value: Any) -> Any:
    """The same data with every ``Text`` in the reader's language, ready for JSON."""
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


@components.inline("ui/chart.html", worded=True, kind=CHARTS)
def chart(zh: object, en: str | None = None, *, id: str, data: dict[str, Any], kind: str = "line") -> Facts:  # noqa: A002
    """A plot, and under it the same numbers as a table.

    ``data`` is ``{"categories": […], "series": [{"name": …, "values": […]}], "unit": …}``.
    """
    plain = _plain(data)
    values = zip(*(series["values"] for series in plain["series"]), strict=True)
    rows = list(zip(plain["categories"], values, strict=True))
    return {
        "label": words(zh, en),
        "id": id,
        "script_id": f"{id}-data",
        "data": {"kind": kind, **plain},
        "rows": rows,
    }


@components.inline("ui/progress.html", worded=True)
def progress(zh: object, en: str | None = None, *, done: int, total: int) -> Facts:
    """How much of something is done, in a bar and in numbers."""
    return {"label": words(zh, en), "done": done, "total": total}


@components.inline("ui/qr.html", worded=True)
def qr(content: str, zh: object, en: str | None = None) -> Facts:
    """A QR code; the words say what it leads to."""
    # Every mask can be read; trying all eight for the prettiest is nine tenths of the work.
    drawn = segno.make(content, error="m", micro=False, mask=QR_MASK, boost_error=False)
    return {"label": words(zh, en), "uri": drawn.svg_data_uri(scale=4, border=2, light="white")}

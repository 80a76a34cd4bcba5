"""Figures for the public and for officers: tiles, one figure with its chart, the recount, the spreadsheet."""

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lianxin.kernel import clock
from lianxin.kernel.metrics import queries
from lianxin.kernel.metrics.queries import Shown
from lianxin.kernel.metrics.registry import Metric, Sum
from lianxin.kernel.people.addresses import source_of
from lianxin.kernel.people.throttles import throttle
from lianxin.kernel.sheets.columns import Column
from lianxin.kernel.text import Text
from lianxin.web.answers import spreadsheet
from lianxin.web.context import WORKBENCH
from lianxin.web.figures.asking import Asked, asked, body_options, year_options

PUBLIC = "web/public.html"
RECOUNTS, WINDOW_SECONDS = 20, 600
AREAS = {
    "cases": Text("办件", "Cases"),
    "hazard": Text("隐患报告", "Hazard reports"),
    "suggestions": Text("献一计", "Suggestions"),
    "sweeps": Text("举一反三排查", "Same-kind sweeps"),
    "safety": Text("安全生产", "Work safety"),
    "funds": Text("专项资金", "Funds"),
    "others": Text("其他", "Others"),
}
# How the figure comes out of the rows, in words.
SUMS = {
    Sum.TOTAL: Text("逐条相加", "every row added up"),
    Sum.RATE: Text("所占比例", "the share of one in the other"),
    Sum.MEDIAN: Text("中位数", "the middle value"),
    Sum.DISTINCT: Text("去重计数", "each one counted once"),
    Sum.LARGEST: Text("最大值", "the largest value"),
    Sum.HOLDS: Text("逐条核对是否都成立", "whether it holds in every row"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure on the overview."""

    shown: Shown
    href: str
    recount: str
    unit: Text | str


def base_of(wanted: Asked) -> str:
    """The workbench for who holds an office, else the public face."""
    return WORKBENCH if wanted.viewer.roles else PUBLIC


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Show every figure that the reader may see, by area."""
    wanted = asked(request)
    shown = queries.figures_for(wanted.viewer, period=wanted.period, organization=wanted.organization)
    areas: dict[str, list[Tile]] = {}
    for each in shown:
        area = each.metric.id.partition(".")[0]
        areas.setdefault(area if area in AREAS else "others", []).append(tile(each, wanted))
    facts = {
        "base": base_of(wanted),
        "areas": [(label, areas[name]) for name, label in AREAS.items() if name in areas],
        **filters(wanted),
    }
    return render(request, "figures/figures.html", facts)


def filters(wanted: Asked) -> dict[str, Any]:
    """What every page of figures shows of what was asked."""
    return {
        "asked": wanted,
        "as_of": min(wanted.period.last, clock.day_of(clock.now())),
        "years": year_options(wanted),
        "bodies": body_options(wanted),
    }


def tile(shown: Shown, wanted: Asked) -> Tile:
    """The figure with the ways on from it."""
    id_ = shown.metric.id
    return Tile(
        shown,
        f"{reverse('metrics:figure', args=[id_])}?{wanted.query}",
        f"{reverse('metrics:recount', args=[id_])}?{wanted.query}",
        unit_of(shown),
    )


def unit_of(shown: Shown) -> Text | str:
    """The unit beside the value; what holds or does not, and what is not known, has none."""
    return "" if shown.hidden or shown.value is None or shown.metric.sum is Sum.HOLDS else shown.metric.unit


@require_safe
def figure(request: HttpRequest, metric: str) -> HttpResponse:
    """Show one figure: month by month, by its parts, and the query behind it."""
    return _figure_page(request, metric)


def _figure_page(
    request: HttpRequest, metric: str, *, recounted: dict[str, Any] | None = None
) -> HttpResponse:
    wanted = asked(request)
    options: dict[str, Any] = {"period": wanted.period, "organization": wanted.organization}
    (shown,) = queries.figures_for(wanted.viewer, ids=[metric], **options)
    months = queries.series(wanted.viewer, metric, **options)
    facts = {
        "base": base_of(wanted),
        "tile": tile(shown, wanted),
        "metric": shown.metric,
        "how": how(shown.metric),
        "chart": chart_of(shown.metric, months),
        "parts": queries.breakdown(wanted.viewer, metric, **options),
        "places": queries.by_place(
            wanted.viewer, metric, period=wanted.period, organization=wanted.organization
        )
        if wanted.organization
        else [],
        "recounted": recounted,
        **filters(wanted),
    }
    return render(request, "figures/figure.html", facts)


def how(metric: Metric) -> Text:
    """In words, what the figure counts."""
    way = SUMS[metric.sum]
    if metric.stock:
        way = Text("期末实有", "what there is at the end")
    return Text("{label}：{way}，单位 {unit}", "{label}: {way}, in {unit}").format(
        label=metric.label, way=way, unit=metric.unit
    )


def chart_of(metric: Metric, months: list[Shown]) -> dict[str, Any] | None:
    """The months for the chart; nothing where there are none, or the values are no numbers."""
    values = [_plain(each.number) for each in months]
    if not values or all(value is None for value in values):
        return None
    series = [{"name": metric.label, "values": values}]
    return {"categories": [each.label for each in months], "series": series, "unit": metric.unit}


def _plain(value: object) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, int) else None


@require_POST
def recount(request: HttpRequest, metric: str) -> HttpResponse:
    """Count a figure again from rows, and say whether it is the same. It costs a scan, so not too often."""
    wanted = asked(request)
    at = clock.now()
    address = wanted.viewer.label if wanted.viewer.person else source_of(request)
    throttle(f"recount:{address}", limit=RECOUNTS, window_seconds=WINDOW_SECONDS, at=at)
    started = time.perf_counter()
    found = queries.recounted(wanted.viewer, metric, period=wanted.period, organization=wanted.organization)
    took = round((time.perf_counter() - started) * 1000)
    facts = {"recount": found, "unit": unit_of(found.again), "took": max(took, 1), "at": at}
    if request.headers.get("HX-Request") == "true":
        return render(request, "figures/_recount.html", facts)
    return _figure_page(request, metric, recounted=facts)


COLUMNS = (
    Column("label", Text("指标", "Figure"), width=28),
    Column("id", Text("编号", "Id"), width=28),
    Column("period", Text("时间", "Period"), width=12),
    Column("value", Text("数值", "Value"), width=14),
    Column("unit", Text("单位", "Unit"), width=10),
)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Hand out one figure, or all of them, month by month as a spreadsheet."""
    wanted = asked(request)
    one = request.GET.get("metric", "")
    ids = (
        [one]
        if one
        else [each.id for each in queries.metrics_for(wanted.viewer, organization=wanted.organization)]
    )
    _, rows = queries.export_rows(wanted.viewer, ids, period=wanted.period, organization=wanted.organization)
    names = [column.name for column in COLUMNS]
    told = (dict(zip(names, row, strict=True)) for row in rows)
    return spreadsheet(f"figures-{wanted.year}", COLUMNS, told, kind=request.GET.get("format", ""))

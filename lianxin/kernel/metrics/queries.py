"""Figures for somebody who looks: what they may see, in words, with small groups hidden from the public."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lianxin.kernel.metrics import suppression, totals
from lianxin.kernel.metrics.periods import Per, Period
from lianxin.kernel.metrics.registry import Metric, Sum, metric_of, metrics
from lianxin.kernel.metrics.totals import Asked, Count, Value
from lianxin.kernel.metrics.wording import for_programs, spoken
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import NotFound
from lianxin.kernel.text import Text

HIDDEN = Text("人数过少，不予公布", "too few people to publish")


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure on a page. ``value`` is ``None`` and ``hidden`` true where a group is too small to publish.

    ``query`` is the source that people may read; ``code`` and ``label`` name the part, in a breakdown or chart.
    """

    metric: Metric
    period: Period
    value: Value
    hidden: bool = False
    code: str = ""
    label: Text | None = None

    @property
    def words(self) -> Text:
        """The figure as people read it."""
        return HIDDEN if self.hidden else spoken(self.metric, self.value)

    @property
    def number(self) -> Value:
        """The figure as programs and spreadsheets read it: money in yuan."""
        return for_programs(self.metric, self.value)

    @property
    def query(self) -> str:
        """The SELECT behind it, and where it stands in the code."""
        return f"-- {self.metric.id}, {self.metric.declared_at}\n{self.metric.query}"


@dataclass(frozen=True, slots=True)
class Recount:
    """A figure counted again from rows, beside the one that was shown."""

    shown: Shown
    again: Shown

    @property
    def agrees(self) -> bool:
        """Whether both ways gave the same."""
        return self.shown.value == self.again.value


def metrics_for(viewer: Actor, *, organization: Organization | None = None) -> list[Metric]:
    """The metrics that the viewer may see there: public ones, and within their own territory all."""
    inside = is_inside(viewer, _path(organization))
    return [metric for metric in metrics() if metric.public or inside]


def is_inside(viewer: Actor, path: str) -> bool:
    """Whether the path lies in the territory of a role of the viewer's; narrow roles do not count."""
    return viewer.scope.everything or any(path.startswith(opened) for opened in viewer.scope.wide)


def figures_for(
    viewer: Actor,
    *,
    period: Period,
    ids: Iterable[str] | None = None,
    organization: Organization | None = None,
) -> list[Shown]:
    """Figures of a place (``None``: everywhere) in a period; without ``ids`` all that the viewer may see.

    Raises ``NotFound`` for an id that is none or not the viewer's, ``Refused`` for a period too fine.
    """
    chosen = (
        metrics_for(viewer, organization=organization)
        if ids is None
        else [_metric_for(viewer, id_, organization) for id_ in ids]
    )
    return [_shown(viewer, metric, period, organization, kept=True) for metric in chosen]


def recounted(
    viewer: Actor,
    id: str,  # noqa: A002
    *,
    period: Period,
    organization: Organization | None = None,
) -> Recount:
    """What the button "count again" answers. Costs a scan of the period: the caller throttles the public."""
    metric = _metric_for(viewer, id, organization)
    return Recount(
        _shown(viewer, metric, period, organization, kept=True),
        _shown(viewer, metric, period, organization, kept=False),
    )


def series(
    viewer: Actor,
    id: str,  # noqa: A002
    *,
    period: Period,
    per: Per = Per.MONTH,
    organization: Organization | None = None,
    slice: str | None = None,  # noqa: A002
) -> list[Shown]:
    """A figure cut up by time, for a chart; empty stretches are there too, and a stock is what stood at the end."""
    metric = _metric_for(viewer, id, organization)
    _check_fineness(viewer, metric, period, organization)
    counted = totals.count(Asked(metric, period, _path(organization), slice, per))
    found = {count.since: count for count in counted}
    first = period.first if period.first > date.min else min(filter(None, found), default=period.last)
    starts = stretches(Period(first, period.last), per)
    whole = [found.get(start, _NOTHING) for start in starts]
    if metric.stock:
        before = sum(count.value for count in counted if count.since and count.since < starts[0])
        whole = _accumulated(whole, before)
    hidden = _hidden(viewer, metric, organization, period, whole)
    return [
        Shown(
            metric,
            period,
            _value(metric, count, hide=hide),
            hide,
            start.isoformat(),
            _stretch_label(start, per),
        )
        for start, count, hide in zip(starts, whole, hidden, strict=True)
    ]


def breakdown(
    viewer: Actor,
    id: str,  # noqa: A002
    *,
    period: Period,
    organization: Organization | None = None,
) -> list[Shown]:
    """A figure by its slices (kinds of case, of accident …), the fullest first. Empty where a metric has none."""
    metric = _metric_for(viewer, id, organization)
    _check_fineness(viewer, metric, period, organization)
    if metric.by is None:
        return []
    counted = totals.count(Asked(metric, period, _path(organization), parts="slice"))
    counted.sort(key=lambda count: -count.events)
    label = metric.slice_label or (lambda code: Text(code, code))
    return _parts(
        viewer, metric, period, organization, counted, {count.part: label(count.part) for count in counted}
    )


def by_place(viewer: Actor, id: str, *, period: Period, organization: Organization) -> list[Shown]:  # noqa: A002
    """A figure by the organizations directly below one, in the order of the tree; those with nothing are left out."""
    metric = _metric_for(viewer, id, organization)
    _check_fineness(viewer, metric, period, organization)
    counted = totals.count(Asked(metric, period, organization.path, parts="child"))
    named = Organization.objects.filter(path__in=[count.part for count in counted])
    labels = {child.path: Text(child.name, child.name_en or child.name) for child in named}
    return _parts(viewer, metric, period, organization, counted, labels)


def export_rows(
    viewer: Actor,
    ids: Iterable[str],
    *,
    period: Period,
    per: Per = Per.MONTH,
    organization: Organization | None = None,
) -> tuple[list[Text], list[list[object]]]:
    """Head and rows for a spreadsheet: one row for each metric and stretch, hidden figures in words."""
    head = [
        Text("指标", "figure"),
        Text("编号", "id"),
        Text("时间", "period"),
        Text("数值", "value"),
        Text("单位", "unit"),
    ]
    rows: list[list[object]] = [
        [
            str(shown.metric.label),
            shown.metric.id,
            str(shown.label),
            str(HIDDEN) if shown.hidden else shown.number,
            str(shown.metric.unit),
        ]
        for id_ in ids
        for shown in series(viewer, id_, period=period, per=per, organization=organization)
    ]
    return head, rows


def stretches(period: Period, per: Per) -> list[date]:
    """The first days of the stretches that a period touches."""
    start = _start(period.first, per)
    starts = []
    while start <= period.last:
        starts.append(start)
        start = _start(start + timedelta(days={"day": 1, "month": 31, "quarter": 92, "year": 366}[per]), per)
    return starts


_NOTHING = Count(0, 0, 0)


def _shown(
    viewer: Actor, metric: Metric, period: Period, organization: Organization | None, *, kept: bool
) -> Shown:
    _check_fineness(viewer, metric, period, organization)
    (counted,) = totals.count(Asked(metric, period, _path(organization)), kept=kept)
    smallest = _smallest(viewer, metric, organization, period)
    hide = 0 < _size(metric, counted) < smallest
    return Shown(metric, period, _value(metric, counted, hide=hide), hide)


def _parts(
    viewer: Actor,
    metric: Metric,
    period: Period,
    organization: Organization | None,
    counted: Sequence[Count],
    labels: dict[str, Text],
) -> list[Shown]:
    hidden = _hidden(viewer, metric, organization, period, counted)
    shown = [
        Shown(metric, period, _value(metric, count, hide=hide), hide, count.part, labels.get(count.part))
        for count, hide in zip(counted, hidden, strict=True)
    ]
    return [part for part in shown if part.label is not None]


def _metric_for(viewer: Actor, id: str, organization: Organization | None) -> Metric:  # noqa: A002
    try:
        metric = metric_of(id)
    except KeyError:
        metric = None
    if metric is None or not (metric.public or is_inside(viewer, _path(organization))):
        raise NotFound(
            "figure_unknown", Text("没有这个指标。", "There is no such figure."), field="id"
        ) from None
    return metric


def _check_fineness(viewer: Actor, metric: Metric, period: Period, organization: Organization | None) -> None:
    if _smallest(viewer, metric, organization, period):
        suppression.check_whole_months(period)


def _smallest(viewer: Actor, metric: Metric, organization: Organization | None, period: Period) -> int:
    if not metric.people or is_inside(viewer, _path(organization)):
        return 0
    return suppression.smallest_group(organization.region_id if organization else None, on=period.last)


def _hidden(
    viewer: Actor, metric: Metric, organization: Organization | None, period: Period, counted: Sequence[Count]
) -> list[bool]:
    smallest = _smallest(viewer, metric, organization, period)
    return suppression.hidden_parts([_size(metric, count) for count in counted], smallest)


def _size(metric: Metric, counted: Count) -> int:
    return int(counted.value or 0) if metric.sum is Sum.DISTINCT else counted.events


def _value(metric: Metric, counted: Count, *, hide: bool) -> Value:
    if hide:
        return None
    if counted is _NOTHING and metric.sum not in {Sum.TOTAL, Sum.DISTINCT}:
        return None
    return totals.number(metric, counted)


def _accumulated(counts: Sequence[Count], before: int) -> list[Count]:
    result, standing = [], before
    for count in counts:
        standing += count.value
        result.append(Count(standing, 0, standing, count.since))
    return result


def _start(day: date, per: Per) -> date:
    if per is Per.DAY:
        return day
    months = {Per.MONTH: day.month, Per.QUARTER: day.month - (day.month - 1) % 3, Per.YEAR: 1}
    return date(day.year, months[per], 1)


def _stretch_label(start: date, per: Per) -> Text:
    words = {
        Per.DAY: start.isoformat(),
        Per.MONTH: f"{start:%Y-%m}",
        Per.QUARTER: f"{start.year} Q{(start.month + 2) // 3}",
        Per.YEAR: str(start.year),
    }
    return Text(words[per], words[per])


def _path(organization: Organization | None) -> str:
    return organization.path if organization else ""

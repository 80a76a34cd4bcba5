"""Which figure answers to which fact of the newspaper page. What is expected stands in ``facts.toml`` alone."""

from lianxin.kernel.metrics.figures import Figure, declare
from lianxin.kernel.metrics.periods import year

YINGKOU = "210800"
_METRICS = {
    "yingkou.fund.annual": "funds.received",
    "yingkou.reports.received": "hazard.reports.received",
    "yingkou.reports.awarded": "hazard.reports.awarded",
    "yingkou.rewards.paid": "safety.rewards.paid",
    "yingkou.rewards.sop_revision": "safety.rewards.procedure_revision",
    "yingkou.suggestions.received": "suggestions.received",
    "yingkou.suggestions.adopted": "suggestions.adopted",
    "yingkou.suggestions.rectified": "suggestions.rectified",
    "yingkou.reports.similar_checks": "sweeps.ordered",
    "yingkou.accidents": "safety.accidents",
}

declare(
    *(
        Figure(fact=fact, metric=metric, period=year(2025), region=YINGKOU)
        for fact, metric in _METRICS.items()
    )
)

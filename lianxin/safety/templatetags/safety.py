"""Tags for the facts panels: each asks one query and puts the answer under a name."""

from typing import Any

from django.template import Library

from lianxin.kernel import clock
from lianxin.safety.models import HazardReport, Sweep
from lianxin.safety.queries.hazards import graded_hazards, order_of
from lianxin.safety.queries.sweeps import Progress, progress

register = Library()


@register.simple_tag
def hazard_facts(report: HazardReport) -> dict[str, Any]:
    """``{% hazard_facts detail as facts %}``: ``facts.hazards`` with their words, ``facts.order`` if there is one."""
    return {"hazards": graded_hazards(report), "order": order_of(report.case)}


@register.simple_tag
def sweep_progress(sweep: Sweep) -> Progress:
    """``{% sweep_progress detail as done %}``: how far the sweep has come."""
    return progress(sweep, at=clock.now())

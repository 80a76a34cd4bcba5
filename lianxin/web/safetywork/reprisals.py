"""The way from what somebody reported to the complaint that they are made to suffer for it."""

from urllib.parse import urlencode

from django.urls import reverse

from lianxin.kernel.cases.models import Case
from lianxin.kernel.people.actors import Actor
from lianxin.web.casework.panels import CasePanel, register_panel

RAISED = {"hazard", "suggestion"}


@register_panel
def reprisal_panel(viewer: Actor, case: Case) -> CasePanel | None:
    """For whoever raised it, and nobody who handles it."""
    if viewer.roles or case.kind not in RAISED:
        return None
    # The holder of a receipt begins without a name: a number would only tell what nobody can look up for them.
    known = f"?{urlencode({'source': case.number})}" if viewer.person else ""
    return CasePanel(
        "safetywork/_reprisal.html", {"href": f"{reverse('cases:submit', args=['reprisal'])}{known}"}
    )

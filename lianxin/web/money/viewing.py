"""Who may open the pages about money."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from lianxin.kernel.ledger.queries import funds_visible_to
from lianxin.kernel.people.roles import AUDITOR, FINANCE_OFFICER, PARTNER_KEY, UNION_KEY, UNION_OFFICER
from lianxin.kernel.refusals import NotAllowed
from lianxin.kernel.text import Text
from lianxin.web.casework.viewers import View, actor_of, officers_only

MONEY_ROLES = (FINANCE_OFFICER, UNION_KEY, PARTNER_KEY, AUDITOR, UNION_OFFICER)
_CODES = {kind.code for kind in MONEY_ROLES}


def money_only(view: View) -> View:
    """Open the page to whoever has to do with money in a body that owns or shares a fund.

    A union officer counts only where there is a fund to see: those of the line below it have no business here.
    """

    @wraps(view)
    @officers_only
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer = actor_of(request)
        held = {role.kind for role in viewer.roles} & _CODES
        if not held or (held == {UNION_OFFICER.code} and not funds_visible_to(viewer).exists()):
            raise NotAllowed(
                "not_money",
                Text(
                    "资金页面只对财务、双签、经审和资金所在工会开放。",
                    "Open to finance, keys, audit and the fund's union.",
                ),
            )
        return view(request, *args, **kwargs)

    return guarded

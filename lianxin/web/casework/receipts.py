"""Looking up a case by its receipt code. The code travels in the body or in the fragment, never in an address."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lianxin.kernel import clock
from lianxin.kernel.cases.reporters import case_of_receipt
from lianxin.kernel.people.throttles import throttle
from lianxin.kernel.refusals import NotFound
from lianxin.web.casework.viewers import remember_receipt

TRIES, WINDOW_SECONDS = 10, 600


@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """Ask for a receipt code and lead to its case; ten tries in ten minutes from one address."""
    if request.method != "POST":
        return render(request, "cases/receipt.html")
    at = clock.now()
    throttle(
        f"receipt:{request.META.get('REMOTE_ADDR', '')}", limit=TRIES, window_seconds=WINDOW_SECONDS, at=at
    )
    try:
        case = case_of_receipt(request.POST.get("receipt", ""))
    except NotFound as refused:
        return render(request, "cases/receipt.html", {"fault": refused.message}, status=422)
    remember_receipt(request, case)
    return HttpResponseRedirect(reverse("cases:case", args=[case.number]), status=303)  # type: ignore[call-arg]

"""Looking up a case by its receipt code. The code travels in the body or in the fragment, never in an address."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lianxin.kernel import clock
from lianxin.kernel.cases.following import follow_receipt
from lianxin.kernel.people.addresses import source_of
from lianxin.kernel.refusals import NotFound
from lianxin.web.casework.viewers import remember_receipt


@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """Ask for a receipt code and lead to its case; wrong codes are counted by where they come from."""
    if request.method != "POST":
        return render(request, "cases/receipt.html")
    try:
        reporter = follow_receipt(request.POST.get("receipt", ""), source=source_of(request), at=clock.now())
    except NotFound as refused:
        return render(request, "cases/receipt.html", {"fault": refused.message}, status=422)
    response = HttpResponseRedirect(reverse("cases:case", args=[reporter.case.number]), status=303)
    remember_receipt(request, response, reporter.case, position=reporter.position)
    return response

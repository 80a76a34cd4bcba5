"""The product's addresses, and two views that do next to nothing."""

from django.urls import include, path

from lianxin.bench import limits

urlpatterns = [
    path("bench/empty/", limits.empty),
    path("bench/commit/", limits.commit),
    path("", include("lianxin.urls")),
]

handler400 = "lianxin.web.errors.bad_request"
handler403 = "lianxin.web.errors.forbidden"
handler404 = "lianxin.web.errors.not_found"
handler500 = "lianxin.web.errors.broken"

"""The addresses of the whole product: each app's own, under its name."""

from django.urls import include, path

from lianxin.api.urls import api

urlpatterns = [
    path("", include("lianxin.web.urls")),
    path("", include("lianxin.web.casework.urls")),
    path("safety/", include("lianxin.web.safetywork.urls")),
    path("money/", include("lianxin.web.money.urls")),
    path("api/v1/", api.urls),
    path("join/", include("lianxin.web.joining.urls")),
    path("figures/", include("lianxin.web.figures.urls")),
    path("verify/", include("lianxin.web.logbook.urls")),
    path("", include("lianxin.web.places.urls")),
    path("me/", include("lianxin.web.selfcare.urls")),
    path("offices/", include("lianxin.web.offices.urls")),
    path("inbox/", include("lianxin.web.inbox.urls")),
    path("account/", include("allauth.urls")),
]

handler400 = "lianxin.web.errors.bad_request"
handler403 = "lianxin.web.errors.forbidden"
handler404 = "lianxin.web.errors.not_found"
handler500 = "lianxin.web.errors.broken"

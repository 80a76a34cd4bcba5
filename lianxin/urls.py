"""The addresses of the whole product: each app's own, under its name."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from lianxin.api.urls import api
from lianxin.web.selfcare import setting_up

# What stands in the place of the library's own: no password comes by e-mail or by a phone alone.
account_pages: list[URLPattern | URLResolver] = [
    path("password/set/", setting_up.set_up, name="account_set_password"),
    path("password/reset/", setting_up.forgotten, name="account_reset_password"),
    re_path(r"^(?:email|confirm-email|password/reset)/(?P<rest>.*)$", setting_up.closed),
    path("", include("allauth.urls")),
]

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
    path("account/", include(account_pages)),
]

handler400 = "lianxin.web.errors.bad_request"
handler403 = "lianxin.web.errors.forbidden"
handler404 = "lianxin.web.errors.not_found"
handler500 = "lianxin.web.errors.broken"

"""Addresses of offices and identities."""

from django.urls import path

from lianxin.web.offices import erasures, identities, roles

app_name = "offices"
urlpatterns = [
    path("roles/", roles.roles, name="roles"),
    path("roles/grant/", roles.grant, name="grant"),
    path("roles/<int:pk>/end/", roles.end, name="end"),
    path("roles/<int:pk>/setup-code/", roles.issue, name="issue_setup_code"),
    path("identities/", identities.identities, name="identities"),
    path("erasures/", erasures.erasures, name="erasures"),
    path("erasures/<int:pk>/erase/", erasures.erase, name="erase"),
    path("identities/<int:pk>/open/", identities.open_one, name="open_identity"),
]

"""Addresses of offices and identities."""

from django.urls import path

from lianxin.web.offices import identities, roles

app_name = "offices"
urlpatterns = [
    path("roles/", roles.roles, name="roles"),
    path("roles/grant/", roles.grant, name="grant"),
    path("roles/<int:pk>/end/", roles.end, name="end"),
    path("identities/", identities.identities, name="identities"),
    path("identities/<int:pk>/open/", identities.open_one, name="open_identity"),
]

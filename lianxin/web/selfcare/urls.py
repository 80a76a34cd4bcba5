"""Addresses of one's own pages."""

from django.urls import path

from lianxin.web.selfcare import keys, views

app_name = "me"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("reveal/<slug:what>/", views.reveal, name="reveal"),
    path("consent/", views.consent, name="consent"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<int:pk>/revoke/", keys.revoke, name="revoke_key"),
]

"""Addresses of the places."""

from django.urls import path, re_path

from lianxin.web.places import views

app_name = "orgs"
urlpatterns = [
    path("places/", views.places, name="places"),
    path("places/labels/", views.labels, name="labels"),
    path("places/<int:pk>/site/", views.add_site, name="add_site"),
    # As short as it is printed in the code; with or without the stroke at its end.
    re_path(r"^p/(?P<token>[\w-]{1,24})/?$", views.scan, name="scan"),
]

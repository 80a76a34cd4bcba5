"""Addresses of the figures."""

from django.urls import path

from lianxin.web.figures import views

app_name = "metrics"
urlpatterns = [
    path("", views.figures, name="figures"),
    path("export/", views.export, name="export"),
    path("<str:metric>/", views.figure, name="figure"),
    path("<str:metric>/recount/", views.recount, name="recount"),
]

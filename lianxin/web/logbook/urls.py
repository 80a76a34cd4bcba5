"""Addresses of the log's pages."""

from django.urls import path

from lianxin.web.logbook import views

app_name = "audit"
urlpatterns = [
    path("", views.verify, name="verify"),
    path("proof/<str:number>/<int:act>/", views.proof, name="proof"),
]

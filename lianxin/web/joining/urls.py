"""Addresses of joining."""

from django.urls import path

from lianxin.web.joining import views

app_name = "joining"
urlpatterns = [
    path("", views.ask, name="ask"),
    path("code/", views.code, name="code"),
]

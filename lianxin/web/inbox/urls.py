"""Addresses of the messages."""

from django.urls import path

from lianxin.web.inbox import views

app_name = "notices"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read/", views.read, name="read"),
    path("<int:pk>/", views.follow, name="follow"),
]

"""Addresses of the shell."""

from django.urls import path

from lianxin.web import demo, views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.language, name="language"),
    path("print-size/", views.print_size, name="print_size"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.service_worker, name="service_worker"),
    path("offline/", views.offline, name="offline"),
    path("gallery/", views.gallery, name="gallery"),
    path("demo/", demo.cast, name="demo"),
]

"""App."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The JSON API."""

    name = "lianxin.api"
    label = "api"

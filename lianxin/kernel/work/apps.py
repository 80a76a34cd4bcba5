"""App."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """See the package. The label ``jobs`` belongs to the app in which workers find employment."""

    name = "lianxin.kernel.work"
    label = "work"

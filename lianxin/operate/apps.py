"""App."""

from django.apps import AppConfig


class OperateConfig(AppConfig):
    """Holds the commands that run an installation; it has no tables."""

    name = "lianxin.operate"
    label = "operate"

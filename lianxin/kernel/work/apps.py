"""App."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """See the package. (``jobs`` is where workers find employment.)"""

    name = "lianxin.kernel.work"
    label = "work"

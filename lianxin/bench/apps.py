"""App."""

from django.apps import AppConfig


class BenchConfig(AppConfig):
    """Holds the command that measures; it has no tables, and its addresses exist only while it measures."""

    name = "lianxin.bench"
    label = "bench"

"""App."""

from django.apps import AppConfig


class SheetsConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.sheets"
    label = "sheets"

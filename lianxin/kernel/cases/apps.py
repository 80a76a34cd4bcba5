"""App."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.cases"
    label = "cases"

"""App."""

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.orgs"
    label = "orgs"

"""App."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.people"
    label = "people"

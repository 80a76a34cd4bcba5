"""App."""

from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.reference"
    label = "reference"

"""App."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The log."""

    name = "lianxin.kernel.audit"
    label = "audit"

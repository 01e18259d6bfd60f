"""Django's handle on the tables of `audit`."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Labels the tables, so that migrations of different features never collide."""

    name = "adapters.audit"
    label = "audit"

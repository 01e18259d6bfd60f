"""Django's handle on the tables of `outbox`."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Labels the tables, so that migrations of different features never collide."""

    name = "adapters.persistence.outbox"
    label = "outbox"

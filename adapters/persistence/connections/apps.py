"""Django's handle on the tables of `connections`."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    """Labels the tables, so that migrations of different features never collide."""

    name = "adapters.persistence.connections"
    label = "connections"

"""Django's handle on the tables of `sharing`."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """Labels the tables, so that migrations of different features never collide."""

    name = "adapters.persistence.sharing"
    label = "sharing"

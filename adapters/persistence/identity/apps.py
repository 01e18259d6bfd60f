"""Django's handle on the tables of `identity`."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Labels the tables, so that migrations of different features never collide."""

    name = "adapters.persistence.identity"
    label = "identity"

"""Django's handle on the tables of `ledger`."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Labels the tables, so that migrations of different features never collide."""

    name = "adapters.persistence.ledger"
    label = "ledger"

"""Django's handle on the tables of `staff`."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Labels the tables, so that migrations of different features never collide."""

    name = "adapters.persistence.staff"
    label = "staff"

"""Registers the tables of this package with Django."""

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    """The app whose migrations make the tables; it has no models, since nobody asks for rows."""

    name = "adapters.persistence.limits"
    label = "limits"

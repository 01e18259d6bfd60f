"""Django's handle on this package: the admin, commands and templates."""

from django.apps import AppConfig
from django.conf import settings

from adapters.persistence.echo import echo_statements
from dashtam.logging import configure


class DashtamConfig(AppConfig):
    """Configures logging, once the settings are known."""

    name = "dashtam"

    def ready(self) -> None:
        configure(
            production=settings.PRODUCTION,
            level=settings.LOG_LEVEL,
            cloudwatch=settings.CLOUDWATCH_LOG_GROUP,
        )
        if settings.DB_ECHO:
            echo_statements()

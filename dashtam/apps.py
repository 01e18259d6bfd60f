"""Django's handle on this package: the admin, commands and templates."""

from django.apps import AppConfig
from django.conf import settings

from adapters.persistence.echo import echo_statements
from adapters.persistence.failures import refuse_read_only_servers
from dashtam.logging import configure


class DashtamConfig(AppConfig):
    """Configures logging and connections, once the settings are known."""

    name = "dashtam"

    def ready(self) -> None:
        configure(
            production=settings.PRODUCTION,
            level=settings.LOG_LEVEL,
            cloudwatch=settings.CLOUDWATCH_LOG_GROUP,
        )
        refuse_read_only_servers()
        if settings.DB_ECHO:
            echo_statements()

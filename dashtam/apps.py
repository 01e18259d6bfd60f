"""The Django app of this package: admin, commands and templates."""

import gc

from django.apps import AppConfig
from django.conf import settings

from adapters.persistence.echo import echo_statements
from adapters.persistence.failures import refuse_read_only_servers
from dashtam.logging import configure

#: An import creates many objects and no cycles: to search for cycles after every 700 new objects
#: took a third of its time.
COLLECT_AFTER = (50_000, 20, 100)


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
        gc.set_threshold(*COLLECT_AFTER)
        if settings.DB_ECHO:
            echo_statements()

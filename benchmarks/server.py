"""A durable database for a measurement, without tuning."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.embedded_postgres import EmbeddedPostgres
from adapters.persistence.guard.bootstrap import bootstrap
from adapters.persistence.roles import Role

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "dashtam.settings",
    "EMAIL_URL": "dummymail://",
    "LOG_LEVEL": "ERROR",
    # Raise the rate limits, which would otherwise bound the measurement.
    "RATE_LIMIT_SCALE": "1000000",
}


@contextmanager
def migrated_database() -> Iterator[str]:
    """Configure Django for a new database with production's rights; yield its superuser's URL."""
    with (
        tempfile.TemporaryDirectory(prefix="dashtam-bench-") as directory,
        EmbeddedPostgres.start(Path(directory) / "postgres") as server,
    ):
        superuser = server.ensure_database("bench")
        bootstrap(superuser)
        os.environ.update(SETTINGS, DATA_DIR=directory)
        os.environ["DATABASE_URL"] = server.url("bench", Role.OWNER)
        # Django reads its settings when it is first imported for use.
        import django
        from django.core.management import call_command
        from django.db import connections

        from dashtam.settings import use_database

        use_database(os.environ["DATABASE_URL"], Role.OWNER)
        django.setup()
        call_command("migrate", verbosity=0)
        connections["default"].close()
        settings = connections["default"].settings_dict
        settings.update(USER=Role.APPLICATION.value)
        settings["OPTIONS"] = {**settings["OPTIONS"], "assume_role": Role.STAFF.value}
        yield superuser

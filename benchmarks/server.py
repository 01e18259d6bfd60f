"""A database for a measurement, which keeps its promises: nothing is tuned away."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.embedded_postgres import EmbeddedPostgres

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "dashtam.settings",
    "EMAIL_URL": "dummymail://",
    "LOG_LEVEL": "ERROR",
}


@contextmanager
def migrated_database() -> Iterator[None]:
    """Have Django know a new, migrated database."""
    with (
        tempfile.TemporaryDirectory(prefix="dashtam-bench-") as directory,
        EmbeddedPostgres.start(Path(directory) / "postgres") as server,
    ):
        os.environ.update(SETTINGS, DATABASE_URL=server.ensure_database("bench"))
        # Django reads its settings when it is first imported for use.
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield

"""The PostgreSQL of a test run: a private one when DATABASE_URL is not set."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections
from django.db.utils import ConnectionHandler

from adapters.embedded_postgres import FORGETFUL, EmbeddedPostgres
from dashtam.settings import use_database


@contextmanager
def postgres() -> Iterator[None]:
    """Have Django know a server that runs."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    directory = Path(tempfile.mkdtemp(prefix="dashtam-tests-"))
    server = EmbeddedPostgres.start(directory / "postgres", configuration=FORGETFUL)
    try:
        use_database(server.url("postgres"))
        # Django looked before there was a database.
        connections.settings = ConnectionHandler().settings
        del connections["default"]
        yield
    finally:
        server.stop()
        shutil.rmtree(directory)


@contextmanager
def cloned_database(name: str) -> Iterator[str]:
    """Point Django at a copy of the test database, for tests that must commit for real."""
    connection = connections["default"]
    template = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    connection.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connection.close()
        connection.settings_dict["NAME"] = template
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

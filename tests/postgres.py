"""The PostgreSQL of a test run: a private one when DATABASE_URL is not set."""

import os
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
    with tempfile.TemporaryDirectory(prefix="dashtam-tests-") as directory:
        data = Path(directory) / "postgres"
        with EmbeddedPostgres.start(data, configuration=FORGETFUL) as server:
            use_database(server.url("postgres"))
            # Django looked before there was a database.
            connections.settings = ConnectionHandler().settings
            del connections["default"]
            yield


@contextmanager
def cloned_database(name: str) -> Iterator[str]:
    """Point Django at a copy of the test database, for tests that must commit for real."""
    template = connections["default"].settings_dict["NAME"]
    with created_database(name, template=template):
        yield name


@contextmanager
def created_database(name: str, *, template: str = "template1") -> Iterator[str]:
    """Point Django at a new database, which is dropped afterwards."""
    # Nobody may be connected to a template that is copied.
    connections["default"].close()
    _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        with pointing_django_at(name):
            yield name
    finally:
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def pointing_django_at(name: str) -> Iterator[None]:
    """Use another database of the same server, in all threads: they share these settings."""
    connection = connections["default"]
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _administer(statement: str) -> None:
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(statement)

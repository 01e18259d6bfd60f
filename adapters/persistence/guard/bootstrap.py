"""Creates the roles, rights and guards that a database needs before its first migration."""

import logging
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql

from adapters.persistence.roles import Role

# This module runs before settings and structlog are configured.
logger = logging.getLogger(__name__)

_SCRIPTS = ("roles.sql", "database.sql", "guard.sql")
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('guard.bootstrap', 0))"
_DONE = "SELECT obj_description(to_regnamespace('guard'), 'pg_namespace')"


class NotSuperuser(Exception):
    """Only a superuser can create roles and event triggers."""


class NotEmpty(Exception):
    """The database is not empty."""


def bootstrap(url: str, passwords: Mapping[Role, str] | None = None) -> bool:
    """Create the roles and guards or update them; return whether that was necessary.

    Roles without a password can log in only if the server trusts them.
    """
    scripts = [(Path(__file__).parent / name).read_text() for name in _SCRIPTS]
    version = sha256("".join(scripts).encode()).hexdigest()
    with psycopg.connect(url) as connection:
        _require_superuser(connection)
        connection.execute(_LOCK)
        found = connection.execute(_DONE).fetchone()
        is_new = found is None or found[0] != version
        if is_new:
            _run(connection, scripts, version)
        for role, password in (passwords or {}).items():
            _set_password(connection, role, password)
    return is_new


def require_empty(url: str) -> None:
    """Raise `NotEmpty` unless a backup can be restored here."""
    with psycopg.connect(url) as connection:
        _require_superuser(connection)
        found = connection.execute("SELECT to_regnamespace('guard') IS NOT NULL").fetchone()
    if found == (True,):
        raise NotEmpty("A backup is restored into a new, empty database.")


def prepare_for_restore(url: str) -> None:
    """Create the roles that a backup refers to; the backup contains everything else."""
    with psycopg.connect(url) as connection:
        for name in ("roles.sql", "database.sql"):
            connection.execute((Path(__file__).parent / name).read_bytes())


def _require_superuser(connection: psycopg.Connection) -> None:
    if connection.info.parameter_status("is_superuser") != "on":
        raise NotSuperuser("This needs the login of a superuser.")


def _run(connection: psycopg.Connection, scripts: list[str], version: str) -> None:
    for script in scripts:
        connection.execute(script.encode())
    comment = sql.SQL("COMMENT ON SCHEMA guard IS {}").format(sql.Literal(version))
    connection.execute(comment)
    logger.info("Created roles and guards in the database %s.", connection.info.dbname)


def _set_password(connection: psycopg.Connection, role: Role, password: str) -> None:
    # Send only the SCRAM verifier (RFC 5803), so that the server's log cannot contain the password.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
        sql.Identifier(role), sql.Literal(verifier)
    )
    connection.execute(statement)

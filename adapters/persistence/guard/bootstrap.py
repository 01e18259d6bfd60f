"""Creates the roles, rights and guards that a database needs before its first migration."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from adapters.persistence.guard.limitations import limitations
from adapters.persistence.roles import Role
from adapters.persistence.server_version import require_supported

# This module runs before settings and structlog are configured.
logger = logging.getLogger(__name__)

_SCRIPTS = ("roles.sql", "database.sql", "guard.sql")
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('guard.bootstrap', 0))"
_DONE = "SELECT obj_description(to_regnamespace('guard'), 'pg_namespace')"


# What `roles.sql` granted to an administrator.
_LEAVE = "REVOKE dashtam_owner, dashtam_guard FROM CURRENT_USER"
_ADMINISTERS = """
SELECT rolcreaterole AND rolcreatedb, pg_has_role(datdba, 'MEMBER')
FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()
"""


class NotSuperuser(Exception):
    """Only a superuser can restore a backup."""


class NotAdministrator(Exception):
    """The login cannot create the roles, or may not change them."""


class NotEmpty(Exception):
    """The database is not empty."""


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """Whether anything had to be created, and a sentence for each guard that could not be."""

    is_new: bool
    limitations: list[str]


def bootstrap(url: str, passwords: Mapping[Role, str] | None = None) -> Bootstrapped:
    """Create the roles and guards or update them.

    Roles without a password can log in only if the server trusts them.
    """
    scripts = [(Path(__file__).parent / name).read_text() for name in _SCRIPTS]
    version = sha256("".join(scripts).encode()).hexdigest()
    with psycopg.connect(url) as connection:
        require_supported(connection)
        _require_administrator(connection)
        connection.execute(_LOCK)
        found = connection.execute(_DONE).fetchone()
        # What an administrator had to leave out, a superuser makes up for.
        lacks = _is_superuser(connection) and limitations(connection)
        is_new = found is None or found[0] != version or bool(lacks)
        try:
            if is_new:
                _run(connection, scripts, version)
            for role, password in (passwords or {}).items():
                _set_password(connection, role, password)
        except InsufficientPrivilege as error:
            raise NotAdministrator(_refused(error)) from None
    # The settings of a database apply to new connections.
    with psycopg.connect(url) as connection:
        return Bootstrapped(is_new, limitations(connection))


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
    if not _is_superuser(connection):
        raise NotSuperuser("This needs the login of a superuser.")


def _is_superuser(connection: psycopg.Connection) -> bool:
    return connection.info.parameter_status("is_superuser") == "on"


def _require_administrator(connection: psycopg.Connection) -> None:
    if _is_superuser(connection):
        return
    can_create_roles, is_owner = connection.execute(_ADMINISTERS).fetchone() or (False, False)
    if not can_create_roles:
        raise NotAdministrator(
            "This needs the login of a superuser, or of a role with CREATEROLE and CREATEDB."
        )
    if not is_owner:
        raise NotAdministrator(
            "The database belongs to somebody else: create it with the login of DATABASE_URL."
        )


def _refused(error: psycopg.Error) -> str:
    message = ". ".join(filter(None, (error.diag.message_primary, error.diag.message_detail)))
    return (
        f"The server refused a step: {message.rstrip('.')}. If another role created the roles of"
        " Dashtam on this server, log in as that role, or as a superuser."
    )


def _run(connection: psycopg.Connection, scripts: list[str], version: str) -> None:
    for script in scripts:
        connection.execute(script.encode())
    comment = sql.SQL("COMMENT ON SCHEMA guard IS {}").format(sql.Literal(version))
    connection.execute(comment)
    if not _is_superuser(connection):
        connection.execute(_LEAVE)
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

"""Errors of the database: outages, conflicts, refusals, and servers that take no writes."""

from collections.abc import Callable
from typing import Any

import psycopg
from django.db import Error, InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from domain.shared.errors import Busy, TooMuchAsked, Unavailable

# SQLSTATE classes of a server that is gone, full, shutting down, told to stop, or broken.
_OUTAGES = {"08", "53", "57", "58"}

# A lock that did not come free in time.
_LOCKED = "55P03"

# A transaction that idled too long, or that lasted too long.
_IDLED = "25P03"
_LASTED = "25P04"

# A statement that took too long, or that was cancelled: the server has one code for both. Ours are
# cancelled when their caller has gone, who hears no answer, or by an operator, as too expensive.
_STOPPED = "57014"

_TOO_LONG = {_LOCKED, _IDLED, _LASTED}
# The server takes no writes: it is a standby, or was made read-only.
READ_ONLY = "25006"

# Transactions that conflict: a deadlock, or a serialization failure.
_CONTENTION = {"40001", "40P01"}

# When a connection fails, libpq keeps only the message.
_NOT_LET_IN = "permission denied for database"


class PoolExhausted(OperationalError):
    """No database connection became free in time."""


def is_outage(error: Error) -> bool:
    """Return whether the database could not answer, rather than that the statement was wrong."""
    state = sqlstate(error)
    if state is None:
        is_trouble = isinstance(error, InterfaceError | OperationalError)
        return is_trouble and _NOT_LET_IN not in str(error)
    return state[:2] in _OUTAGES or state in _TOO_LONG or state == READ_ONLY


def is_contention(error: Error) -> bool:
    """Return whether another transaction was in the way, so that a retry may succeed."""
    return sqlstate(error) in _CONTENTION


def expected(error: Error, *, is_reading: bool) -> Unavailable | None:
    """Return the domain's error for a database that did not answer, if it is one.

    A query that takes too long is no outage, and repeating it does not help: it asks for too much.
    """
    state = sqlstate(error)
    if state in {_STOPPED, _LASTED} and is_reading:
        return TooMuchAsked(
            "Reading this takes too long. Ask for less at once: a shorter period, a smaller page,"
            " or one account."
        )
    if state in {_LOCKED, _STOPPED}:
        return Busy("Timed out waiting for another request. Nothing was changed. Try again.")
    return Unavailable("The database is not available.") if is_outage(error) else None


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE of an error, if it came from the server."""
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state


def violated(error: BaseException) -> str | None:
    """Return the name of the violated constraint, if there is one."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name: str | None = getattr(diagnosis, "constraint_name", None)
    return name


# PostgreSQL 14 and newer reports these to every client, and again when they change.
_SIGNS = ("in_hot_standby", "default_transaction_read_only")


class ReadOnlyServer(OperationalError):
    """The server is a standby, or was made read-only."""


def is_read_only(connection: "psycopg.Connection[Any]") -> bool:
    """Return what the server last reported, without asking it."""
    return any(connection.info.parameter_status(sign) == "on" for sign in _SIGNS)


def refuse_read_only_servers() -> None:
    """Make Django refuse connections to servers that take no writes, and look for another."""
    connection_created.connect(_refuse, dispatch_uid="refuse_read_only_servers")


def _refuse(connection: BaseDatabaseWrapper, **signal: Any) -> None:
    if is_read_only(connection.connection):
        connection.close()
        raise ReadOnlyServer("The server is a standby or read-only.")
    if _expire not in connection.execute_wrappers:
        connection.execute_wrappers.append(_expire)


def _expire(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    try:
        return execute(sql, params, many, context)
    except Error as error:
        if sqlstate(error) == READ_ONLY:
            # Django closes it before the next request, and the pool when its worker is returned.
            context["connection"].close_at = 0
        raise

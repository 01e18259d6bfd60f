"""Refuses connections to servers that are read-only, so that a new primary is looked for."""

from collections.abc import Callable
from typing import Any

import psycopg
from django.db import Error, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from adapters.persistence.failures import READ_ONLY, sqlstate

# PostgreSQL 14 and newer reports these to every client, and again when they change.
_PARAMETERS = ("in_hot_standby", "default_transaction_read_only")


class ReadOnlyServer(OperationalError):
    """The server is a standby, or was made read-only."""


def is_read_only(connection: "psycopg.Connection[Any]") -> bool:
    """Return what the server last reported, without a query."""
    return any(connection.info.parameter_status(name) == "on" for name in _PARAMETERS)


def refuse_read_only_servers() -> None:
    """Restrict Django's connections to servers that accept writes from now on."""
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
            # Django closes it before the next request, and a worker when it is returned.
            context["connection"].close_at = 0
        raise

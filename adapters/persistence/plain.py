"""Plain psycopg connections to Django's database."""

from typing import Any

import psycopg
from django.db import connections
from psycopg import IsolationLevel, sql
from psycopg.errors import InsufficientPrivilege, InvalidSchemaName, UndefinedFunction

from adapters.persistence.conninfo import PARAMETERS

_HAS_TRAIL = "SELECT to_regclass('public.audit_entry') IS NOT NULL"
_NOT_ASKED = (UndefinedFunction, InvalidSchemaName, InsufficientPrivilege)


def parameters() -> dict[str, Any]:
    """Return the parameters for libpq, without those that only Django uses."""
    known = connections["default"].get_connection_params()
    return {name: value for name, value in known.items() if name in PARAMETERS}


def connect(isolation: IsolationLevel = IsolationLevel.READ_COMMITTED) -> "psycopg.Connection[Any]":
    """Return a connection in autocommit mode, with the same role as Django's."""
    connection = psycopg.connect(**parameters(), autocommit=True)
    role = connections["default"].settings_dict["OPTIONS"].get("assume_role")
    if role:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    connection.isolation_level = isolation
    # No object of a user may hide one of the server.
    connection.execute("SET search_path = pg_catalog")
    return connection


def is_in_use() -> bool:
    """Return whether anything was written here: whatever is written leaves an audit entry.

    Without a trail nothing was. Where it cannot be asked, something may have been.
    """
    # With the role of the log-in: before `bootstrap_database` there is no other.
    with psycopg.connect(**parameters(), autocommit=True) as connection:
        if connection.execute(_HAS_TRAIL).fetchone() != (True,):
            return False
        try:
            row = connection.execute("SELECT guard.is_in_use()").fetchone()
        except _NOT_ASKED:
            return True
    return row == (True,)

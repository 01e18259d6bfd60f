"""Plain psycopg connections to Django's database."""

from typing import Any

import psycopg
from django.db import connections
from psycopg import IsolationLevel, sql
from psycopg.errors import InsufficientPrivilege, InvalidSchemaName, UndefinedFunction

from adapters.persistence.conninfo import PARAMETERS

_HAS_TRAIL = "SELECT to_regclass('public.audit_entry') IS NOT NULL"
_UNKNOWN = (UndefinedFunction, InvalidSchemaName, InsufficientPrivilege)


def parameters() -> dict[str, Any]:
    """Return Django's connection parameters for libpq, without those of Django's own."""
    all_parameters = connections["default"].get_connection_params()
    return {name: value for name, value in all_parameters.items() if name in PARAMETERS}


def connect(isolation: IsolationLevel = IsolationLevel.READ_COMMITTED) -> "psycopg.Connection[Any]":
    """Return a connection in autocommit, with the role of Django's connections."""
    connection = psycopg.connect(**parameters(), autocommit=True)
    role = connections["default"].settings_dict["OPTIONS"].get("assume_role")
    if role:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    connection.isolation_level = isolation
    # No object in another schema may shadow one of the server's own.
    connection.execute("SET search_path = pg_catalog")
    return connection


def is_in_use() -> bool:
    """Return whether the database contains data: every write leaves an audit entry.

    Without an audit trail it is empty. If the trail cannot be read, it may contain data.
    """
    # The login's own role is used, because before `bootstrap_database` there are no others.
    with psycopg.connect(**parameters(), autocommit=True) as connection:
        if connection.execute(_HAS_TRAIL).fetchone() != (True,):
            return False
        try:
            row = connection.execute("SELECT guard.is_in_use()").fetchone()
        except _UNKNOWN:
            return True
    return row == (True,)

"""What the application sends, planned over tables in parts: each statement is of one user.

A copy of the schema has every table of users' rows in eight parts, by the hash of their user. What
goes through `Database` in a test is planned there with the same parameters, once for each text, and
has to look into one part of each table: whoever forgets to name the owner looks into all of them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from adapters.persistence.database.worker import _running, name_of
from adapters.persistence.personal_data import owners_due, owners_to_purge
from adapters.persistence.sealing import owners_to_rotate
from tests.postgres import MIGRATED, url_of

NAME = "dashtam_in_parts"
PARTS = 8

#: What looks at all users by right.
EXCEPTIONS: dict[Callable[..., Any], str] = {
    owners_due: "staff ask who is to be erased by now",
    owners_to_purge: "staff ask whose rows have expired",
    owners_to_rotate: "staff ask whose secrets and files are under another key",
}

_TABLES = """
SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attname = 'user_id'
AND relname <> 'django_admin_log' ORDER BY relname
"""
# A part is unique only in itself: what must be unique everywhere has to include the user.
_CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = to_regclass(%s) AND contype IN ('p', 'u')
AND (SELECT attnum FROM pg_attribute WHERE attrelid = conrelid AND attname = 'user_id')
    = ANY (conkey)
"""
_INDEXES = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = to_regclass(%s)
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""

Parts = dict[str, set[str]]


class Planner:
    """The partitioned schema, and what was planned there."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        self._tables = re.compile("|".join(_divide(connection)))
        #: Only during a test that checks this: others may work without policies.
        self.is_listening = False
        self._planned: set[str] = set()
        self._faults: dict[str, list[str]] = {}

    def listen(self, connection: BaseDatabaseWrapper, **signal: Any) -> None:
        """Record what is sent on a connection of Django's."""
        if self._hear not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._hear)

    def faults(self) -> list[str]:
        """Return what was sent since the last call and reads several parts."""
        found, self._faults = self._faults, {}
        # The next statement is reported as well.
        self._planned -= found.keys()
        return [fault for faults in found.values() for fault in faults]

    def parts_of(self, statement: str) -> Parts:
        """Return, by table, into which of its parts a statement looks."""
        explained = f"EXPLAIN (FORMAT JSON) {statement}"
        ((plan,),) = self._connection.execute(explained.encode()).fetchall()
        found: Parts = defaultdict(set)
        for node in _nodes(plan[0]["Plan"]):
            table, _, part = node.get("Relation Name", "").rpartition("_part_")
            if table:
                found[table].add(part)
        return found

    def _hear(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        call = _running.get()
        if self.is_listening and call and sql not in self._planned and self._tables.search(sql):
            self._planned.add(sql)
            if _is_ours(call._function) and call._function not in EXCEPTIONS:
                query = context["cursor"].cursor.mogrify(sql, params[0] if many else params)
                faults = self._faults_of(query)
                if faults:
                    self._faults[sql] = [f"{name_of(call._function)}: {each}" for each in faults]
        return execute(sql, params, many, context)

    def _faults_of(self, statement: str) -> list[str]:
        return [
            f"{len(parts)} parts of {table}: {statement}"
            for table, parts in self.parts_of(statement).items()
            if len(parts) > 1
        ]


def _is_ours(function: Callable[..., Any]) -> bool:
    module = getattr(function, "__module__", "") or ""
    return not module.startswith("tests")


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


@contextmanager
def planner() -> Iterator[Planner]:
    """Create the partitioned schema, and record from now on what is sent."""
    connections["default"].close()
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {NAME} TEMPLATE {MIGRATED}")
        try:
            with psycopg.connect(url_of(NAME), autocommit=True) as connection:
                # Statements contain personal data: none of it may appear in the server's log.
                connection.execute("SET log_min_error_statement = panic")
                connection.execute("SET event_triggers = off")
                planner = Planner(connection)
                connection_created.connect(planner.listen)
                planner.listen(connections["default"])
                yield planner
        finally:
            connection_created.disconnect(planner.listen)
            server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def _divide(connection: "psycopg.Connection[Any]") -> list[str]:
    """Make the tables in parts; return their names."""
    connection.execute("CREATE SCHEMA parts")
    connection.execute("SET search_path = parts, public")
    tables = [table for (table,) in connection.execute(_TABLES).fetchall()]
    for table in tables:
        connection.execute(
            f"CREATE TABLE parts.{table} (LIKE public.{table} INCLUDING DEFAULTS)"
            " PARTITION BY HASH (user_id)"
        )
        for number in range(PARTS):
            connection.execute(
                f"CREATE TABLE parts.{table}_part_{number} PARTITION OF parts.{table}"
                f" FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {number})"
            )
        for name, constraint in connection.execute(_CONSTRAINTS, [f"public.{table}"]).fetchall():
            connection.execute(f"ALTER TABLE parts.{table} ADD CONSTRAINT {name} {constraint}")
        for (index,) in connection.execute(_INDEXES, [f"public.{table}"]).fetchall():
            connection.execute(index.replace(" ON public.", " ON parts."))
    return tables

"""Migrations on a database with rows in it: back and forth, and how long they lock what."""

import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from adapters.audit.trail import INSERT, values_of
from adapters.persistence.plain import parameters
from adapters.persistence.roles import Role
from dashtam.container import container
from tests.adapters.audit.custody import custody_in, live
from tests.adapters.persistence.roles import rows, value
from tests.factories import make_entry
from tests.lanes import LONG, many
from tests.postgres import speaking_as

#: In this order nothing is undone that something else still needs.
UNDONE = ("staff", "outbox", "ledger", "connections", "identity")
ROWS = many(1_000, 200_000)
#: Longer than this, nobody may be kept from a table that was there before.
LONGEST_LOCK_SECONDS = 2.0

_LOCKS = """
SELECT relation::regclass::text FROM pg_locks JOIN pg_class ON pg_class.oid = relation
WHERE mode = 'AccessExclusiveLock' AND granted AND relnamespace = 'public'::regnamespace
AND relkind IN ('r', 'p') AND database = (SELECT oid FROM pg_database WHERE datname = %s)
"""
_COLUMNS = """
SELECT string_agg(column_name, ', ') FROM information_schema.columns
WHERE table_name = 'ledger_transaction' AND column_name NOT IN ('id', 'occurrence')
"""


class Watch:
    """Notes the longest that each table is locked against everybody without a break."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._lasting: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        with psycopg.connect(**parameters(), autocommit=True) as beside:
            before = time.monotonic()
            while not self._stop.wait(0.002):
                locked = beside.execute(_LOCKS, (beside.info.dbname,)).fetchall()
                now = time.monotonic()
                self._lasting = {
                    table: self._lasting.get(table, 0.0) + now - before for (table,) in locked
                }
                for table, lasting in self._lasting.items():
                    self.seconds[table] = max(self.seconds[table], lasting)
                before = now


@pytest.fixture
def populated(committing_database: str) -> None:
    async_to_sync(live)()
    columns = value(_COLUMNS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, values_of(make_entry(), container.mac_keys))
        cursor.execute(
            f"INSERT INTO ledger_transaction (id, occurrence, {columns})"
            f" SELECT uuidv7(), 1000 + n, {columns} FROM generate_series(1, %s) AS n,"
            " (SELECT * FROM ledger_transaction LIMIT 1) AS one",
            [ROWS],
        )


def _names(app: str) -> list[str]:
    graph = MigrationLoader(connection).graph
    return [name for label, name in graph.forwards_plan(graph.leaf_nodes(app)[0]) if label == app]


def _go_back() -> None:
    for app in UNDONE:
        for name in [*reversed(_names(app)[:-1]), "zero"]:
            call_command("migrate", app, name, verbosity=0)


def _go_forth() -> None:
    for app in reversed(UNDONE):
        for name in _names(app):
            call_command("migrate", app, name, verbosity=0)
    call_command("migrate", verbosity=0)


def test_every_step_goes_back_and_forth(
    populated: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trail = rows("SELECT id FROM audit_entry ORDER BY id")
    with Watch() as watch, speaking_as(Role.OWNER):
        _go_back()
        _go_forth()

    longest = max(watch.seconds.values(), default=0.0)
    if LONG:
        with capsys.disabled():
            sys.stdout.write(f"  {ROWS} rows: the longest lock lasted {longest * 1000:.0f} ms\n")
        # With few rows this would be about the machine.
        assert longest < LONGEST_LOCK_SECONDS
    assert rows("SELECT id FROM audit_entry ORDER BY id") == trail
    assert custody_in(tmp_path).verify().findings == []
    async_to_sync(live)("again@example.org")

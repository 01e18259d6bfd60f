"""Migrations on a database with rows in it: back and forth."""

from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from adapters.audit.trail import INSERT, values_of
from adapters.persistence.roles import Role
from dashtam.container import container
from tests.adapters.audit.tools import audit_tools_in, live
from tests.adapters.persistence.roles import rows, value
from tests.factories import make_entry
from tests.lanes import many
from tests.postgres import speaking_as

pytestmark = pytest.mark.slow

#: In this order nothing is reversed that a later migration still needs.
UNDONE = ("staff", "outbox", "ledger", "connections", "identity")
ROWS = many(1_000, 200_000)
_COLUMNS = """
SELECT string_agg(column_name, ', ') FROM information_schema.columns
WHERE table_name = 'ledger_transaction' AND column_name NOT IN ('id', 'occurrence')
"""


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


def test_every_migration_is_reversible_with_data(populated: None, tmp_path: Path) -> None:
    trail = rows("SELECT id FROM audit_entry ORDER BY id")
    with speaking_as(Role.OWNER):
        _go_back()
        _go_forth()

    assert rows("SELECT id FROM audit_entry ORDER BY id") == trail
    assert audit_tools_in(tmp_path).verify().findings == []
    async_to_sync(live)("again@example.org")

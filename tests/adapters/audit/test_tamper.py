"""Even an attacker with every right in the database cannot change the trail unnoticed."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connections
from psycopg import sql
from pytest_django import DjangoDbBlocker

from adapters.audit.reconciliation import unaudited_rows
from adapters.audit.schema_baseline import EXPECTED, schema_lines
from adapters.persistence.base import business_tables
from dashtam.application.staff.manage_staff import AddStaff
from dashtam.container import container
from domain.staff.values import StaffRole
from tests.adapters.audit.attacks import ATTACKS as FIRST
from tests.adapters.audit.attacks import Attack
from tests.adapters.audit.more_attacks import FORGERIES, MORE_ATTACKS
from tests.adapters.audit.tools import (
    AuditTools,
    Connection,
    audit_tools_in,
    live,
    look_around,
    snapshot,
)
from tests.postgres import cloned_database

LONG = "a password that is long enough"
ATTACKS = [*FIRST, *MORE_ATTACKS]


@pytest.fixture(scope="module")
def audit(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[AuditTools]:
    """A trail with three checkpoints, and entries after the last."""
    tools = audit_tools_in(tmp_path_factory.mktemp("audit"))
    with django_db_blocker.unblock(), cloned_database("dashtam_tampered"):
        for number in range(3):
            async_to_sync(live)(f"{number}@example.org")
            tools.seal()
        async_to_sync(container.operator.use(AddStaff))(
            name="grace", role=StaffRole.SUPPORT, password=LONG
        )
        async_to_sync(live)("last@example.org")
        async_to_sync(look_around)(2)
        container.database.close()
        container.operator_database.close()
        connections["default"].close()
        yield tools


@pytest.fixture
def undone(audit: AuditTools) -> Iterator[Connection]:
    """A superuser's connection, whose deeds are rolled back after the test."""
    with snapshot() as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        yield connection
        connection.execute("ROLLBACK")


def test_an_unchanged_trail_verifies(audit: AuditTools, undone: Connection) -> None:
    report = audit.verify()

    assert report.findings == []
    assert report.checkpoints == 3
    assert report.entries > 20
    assert audit.verify(undone).findings == []


def test_there_are_enough_attacks() -> None:
    sys.stdout.write(f"{len(ATTACKS)} attacks on the trail\n")
    assert len(ATTACKS) >= 80
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


_HUGE = """
SELECT pg_restore_relation_stats('schemaname', nspname::text, 'relname', relname::text,
    'relpages', 1, 'reltuples', 10000000::real)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = 'public' AND relkind = 'r'
"""


def test_rows_are_compared_with_entries_in_bulk(audit: AuditTools, undone: Connection) -> None:
    # Years of both would take days: plan as if every page of a table had ten million rows.
    undone.execute(_HUGE)
    for table in business_tables():
        explain = sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON) ") + unaudited_rows(table)
        ((plans,),) = undone.execute(explain).fetchall()

        assert _compared_in_vain(plans[0]["Plan"]) == 0, table


def _compared_in_vain(plan: dict[str, Any]) -> int:
    """Return how often a row was compared with another entry than its own."""
    inner = sum(_compared_in_vain(each) for each in plan.get("Plans", []))
    return inner + int(plan.get("Rows Removed by Join Filter", 0))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_every_attack_is_found(audit: AuditTools, undone: Connection, attack: Attack) -> None:
    attack.deed(undone, audit)

    found = {finding.kind.value for finding in audit.verify(undone).findings}

    assert attack.found <= found


@pytest.mark.parametrize("attack", FORGERIES, ids=lambda attack: attack.name)
def test_no_forgery_stops_a_verification_without_keys(
    audit: AuditTools, undone: Connection, attack: Attack
) -> None:
    attack.deed(undone, audit)

    report = audit.verify(undone, with_keys=False)

    assert report.findings or report.unproven


def test_a_changed_entry_is_identified(audit: AuditTools, undone: Connection) -> None:
    rows = undone.execute("SELECT id FROM public.audit_entry ORDER BY txid LIMIT 1").fetchall()
    attacks_by_name = {attack.name: attack for attack in ATTACKS}

    attacks_by_name["an entry has another action"].deed(undone, audit)

    changed, rewritten = audit.verify(undone).findings
    assert (changed.kind, changed.row, changed.checkpoint) == ("entry-changed", str(rows[0][0]), 1)
    assert (rewritten.kind, rewritten.row) == ("entry-rewritten", str(rows[0][0]))


def test_a_missing_entry_is_identified(audit: AuditTools, undone: Connection) -> None:
    rows = undone.execute("SELECT id FROM public.audit_entry ORDER BY txid LIMIT 1").fetchall()
    attacks_by_name = {attack.name: attack for attack in ATTACKS}

    attacks_by_name["an entry is gone"].deed(undone, audit)

    kinds = {finding.kind: finding for finding in audit.verify(undone).findings}
    assert kinds["entry-gone"].row == str(rows[0][0])  # type: ignore[index]  # a StrEnum


def test_a_part_of_the_trail_can_be_verified(audit: AuditTools, undone: Connection) -> None:
    moments = undone.execute(
        "SELECT sealed_at FROM public.audit_checkpoint ORDER BY number"
    ).fetchall()
    first, second, third = (moment for (moment,) in moments)

    assert audit.verify(undone, since=second).checkpoints == 2
    assert audit.verify(undone, since=second, until=second).checkpoints == 1
    assert audit.verify(undone, until=first).checkpoints == 1
    assert audit.verify(undone, since=third).findings == []
    attacks_by_name = {attack.name: attack for attack in ATTACKS}
    attacks_by_name["an entry has another action"].deed(undone, audit)
    assert audit.verify(undone, since=second).findings == []
    assert len(audit.verify(undone, until=second).findings) == 1


def test_the_expected_schema_is_what_the_migrations_create(undone: Connection) -> None:
    # `make baseline` writes it, once a migration has changed it on purpose.
    assert schema_lines(undone) == EXPECTED.read_text().splitlines()

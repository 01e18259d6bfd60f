"""A page of the feed or of the past costs the same wherever it begins."""

import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test.utils import CaptureQueriesContext

from adapters.persistence.roles import Role
from dashtam.container import container
from domain.ledger.changes import ChangedResource, ChangesPage, FeedCursor
from domain.ledger.entities import Transaction
from domain.ledger.ports import TransactionFilter
from domain.shared.ids import UserId, new_id
from domain.shared.pages import Cursor
from domain.shared.result import Success
from tests.adapters.persistence.replica import current_history
from tests.adapters.persistence.roles import acting_as, value
from tests.contracts.world import World
from tests.factories import make_snapshot, make_transaction

ROWS, LIMIT = 20_000, 50
KNOWN_AT = datetime(2026, 3, 1, tzinfo=UTC)

# Five rows at every position; each transaction was changed once, and all was known on 1 March.
_NOW = """
INSERT INTO ledger_transaction (
    id, feed_position, version, recorded_at, booking_date, fingerprint, {columns}
)
SELECT uuidv7(), n / 5 + 1, 2, '2026-02-01', date '2000-01-01' + n / 4, sha256(n::text::bytea),
    {columns}
FROM generate_series(1, %s) AS n, (SELECT * FROM ledger_transaction WHERE id = %s) AS one
"""
_THEN = """
INSERT INTO ledger_transaction_version (
    id, transaction_id, feed_position, version, recorded_at, superseded_at, booking_date,
    fingerprint, {columns}
)
SELECT uuidv7(), id, feed_position - 1, 1, '2026-02-01', '2026-04-01', booking_date,
    fingerprint, {columns}
FROM ledger_transaction WHERE version = 2
"""
_COLUMNS = """
SELECT string_agg(column_name, ', ') FROM information_schema.columns
WHERE table_name = 'ledger_transaction' AND column_name NOT IN (
    'id', 'feed_position', 'recorded_at', 'booking_date', 'fingerprint', 'version'
)
"""

Read = Callable[..., Coroutine[Any, Any, Any]]


@dataclass
class Node:
    """A node of a plan: what it does, how many rows come of it, and what it read."""

    kind: str
    rows: float
    buffers: int


@pytest.fixture
def full(django_world: World) -> Transaction:
    return async_to_sync(_filled)(django_world)


async def _filled(world: World) -> Transaction:
    account = await world.account()
    source = await world.source(account)
    row = make_transaction(account, source)
    await world.transactions.add([row])
    await world.balances.add([make_snapshot(account, source)])
    await container.database.run(_fill, row.id)
    return row


def _fill(transaction_id: UUID) -> None:
    columns = value(_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(_NOW.format(columns=columns), [ROWS, transaction_id])
        cursor.execute(_THEN.format(columns=columns))
        cursor.execute("UPDATE guard.state SET xid_offset = 1000000")
        cursor.execute("ANALYZE ledger_transaction, ledger_transaction_version, ledger_balance")


def _plan(row: Transaction, sql: str) -> list[Node]:
    with acting_as(Role.APPLICATION, row.user_id):
        plan_json = value(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
    (plan,) = json.loads(plan_json) if isinstance(plan_json, str) else plan_json
    return list(_nodes(plan["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[Node]:
    buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    yield Node(plan["Node Type"], plan["Actual Rows"] * plan["Actual Loops"], buffers)
    for part in plan.get("Plans", []):
        yield from _nodes(part)


def _statements(table: str, read: Read, **arguments: Any) -> list[str]:
    """Return the queries on a table, and on those whose names start with its name."""
    # A lease clears the log, and queries are counted from where it was.
    connection.queries_log.clear()
    with CaptureQueriesContext(connection) as captured:
        assert isinstance(async_to_sync(read)(**arguments), Success)
    return [each["sql"] for each in captured if f"FROM {table}" in each["sql"].replace('"', "")]


def _sources() -> list[FeedCursor]:
    beginning = FeedCursor.beginning(current_history())
    return [
        replace(beginning, position=at, resource=ChangedResource.TRANSACTION)
        for at in (0, ROWS // 50, ROWS // 10, ROWS // 6)
    ]


def test_a_page_of_the_feed_reads_only_its_rows(full: Transaction) -> None:
    costs = []
    for cursor in _sources():
        arguments = {"owner": full.user_id, "after": cursor, "limit": LIMIT}
        sql, *_ = _statements("ledger_account", container.ports.changes.page, **arguments)
        nodes = _plan(full, sql)
        costs.append(nodes[0].buffers)
        assert max(node.rows for node in nodes) <= 2 * (LIMIT + 1) + 10, nodes
        assert nodes[0].rows == LIMIT + 1

    assert max(costs) < 1.5 * min(costs)


DAYS = [date(2013, 9, 1), date(2010, 1, 1), date(2005, 1, 1), date(2000, 2, 1)]


def test_a_page_of_the_past_reads_only_its_rows(full: Transaction) -> None:
    costs = []
    for day in DAYS:
        statements = _statements(
            "ledger_transaction",
            container.ports.history.page,
            account_id=full.account_id,
            owner=full.user_id,
            where=TransactionFilter(),
            after=Cursor(day, UUID(int=0)),
            limit=LIMIT,
            at=KNOWN_AT,
        )
        assert len(statements) == 2
        plans = [_plan(full, sql) for sql in statements]
        costs.append(sum(plan[0].buffers for plan in plans))
        assert max(node.rows for plan in plans for node in plan) <= LIMIT + 10
    assert max(costs) < 1.5 * min(costs)


def test_a_page_of_the_present_does_not_read_the_past(full: Transaction) -> None:
    (statements,) = _statements(
        "ledger_",
        container.ports.transactions.page,
        account_id=full.account_id,
        owner=full.user_id,
        where=TransactionFilter(),
        after=None,
        limit=LIMIT,
    )

    assert "version" not in statements.partition("FROM")[2]


def test_another_user_is_shown_nothing_even_without_policies(full: Transaction) -> None:
    feed = async_to_sync(container.ports.changes.page)
    for cursor in _sources()[:2]:
        page = feed(owner=UserId(new_id()), after=cursor, limit=LIMIT)
        assert page == Success(ChangesPage(items=[], next=cursor, has_more=False))
        mine = feed(owner=full.user_id, after=cursor, limit=LIMIT)
        assert isinstance(mine, Success)
        assert len(mine.value.items) == LIMIT

"""Whoever syncs at the same time: each connection is leased once, each request counted once."""

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from adapters.persistence.connections.models import ScheduleModel
from dashtam.container import container
from domain.connections.ports import Lease
from domain.shared.ids import ConnectionId, new_id
from domain.shared.result import Result, Success
from tests.contracts.sync_schedule import ADA, DAY, DUE, MINUTE, NEXT, claimed, scheduled
from tests.contracts.world import World

SYNCING = 8


@pytest.fixture
def world(committing_database: str) -> World:
    return World.over(container.ports)


def test_two_who_claim_at_once_get_different_connections(world: World) -> None:
    async def claim_at_once() -> list[list[Lease]]:
        for _ in range(SYNCING * 3):
            await scheduled(world)
        return await asyncio.gather(*(claimed(world, most=5) for _ in range(SYNCING)))

    found = async_to_sync(claim_at_once)()

    ids = [lease.connection_id for leases in found for lease in leases]
    # What somebody else has locked is skipped, so that not all are leased in one go.
    assert len(ids) == len(set(ids))
    assert all(len(leases) <= 5 for leases in found)
    rest = async_to_sync(claimed)(world, most=SYNCING * 3)
    assert len(ids) + len(rest) == SYNCING * 3


def test_one_connection_is_leased_once(world: World) -> None:
    async def claim_at_once() -> list[Result[Lease, object]]:
        connection_id = await scheduled(world)
        claim = world.sync_schedule.claim_one
        return await asyncio.gather(
            *(claim(connection_id, owner=ADA, lease=MINUTE) for _ in range(SYNCING))
        )

    found = async_to_sync(claim_at_once)()

    assert sum(isinstance(each, Success) for each in found) == 1


def test_no_two_requests_are_counted_as_one(world: World) -> None:
    connection_id = ConnectionId(new_id())

    async def count_at_once() -> list[Result[bool, object]]:
        count = world.sync_schedule.count_request
        return await asyncio.gather(
            *(count(connection_id, "", DAY, owner=ADA, most=5) for _ in range(SYNCING))
        )

    found = async_to_sync(count_at_once)()

    assert found.count(Success(True)) == 5
    assert found.count(Success(False)) == SYNCING - 5
    counted = async_to_sync(world.sync_schedule.requests)(connection_id, DAY)
    assert counted == Success({"": 5})


async def test_a_request_is_never_counted_within_a_transaction(database: None) -> None:
    with pytest.raises(RuntimeError, match="a transaction is open"):
        async with container.database.transaction(owner=ADA):
            await container.ports.sync_schedule.count_request(
                ConnectionId(new_id()), "", DAY, owner=ADA, most=5
            )


def test_counts_of_long_ago_are_forgotten(world: World) -> None:
    connection_id = ConnectionId(new_id())
    schedule = world.sync_schedule

    async def count() -> list[int]:
        for days in (0, 40, 41):
            day = DAY + timedelta(days=days)
            await schedule.count_request(connection_id, "", day, owner=ADA, most=5)
        counts = [await schedule.requests(connection_id, DAY + timedelta(days=n)) for n in (0, 40)]
        return [len(each.value) for each in counts if isinstance(each, Success)]

    assert async_to_sync(count)() == [0, 1]


def test_a_due_date_is_that_of_the_transaction(world: World) -> None:
    """What a use case rolls back is not due, and a lease that it ended is not over."""

    async def roll_back() -> list[Lease]:
        connection_id = await scheduled(world)
        (lease,) = await claimed(world)
        with pytest.raises(ZeroDivisionError):
            async with container.database.transaction(owner=ADA):
                await world.sync_schedule.set_due(connection_id, NEXT, owner=ADA)
                await world.sync_schedule.finish(lease, NEXT, failures=0)
                raise ZeroDivisionError
        assert await world.sync_schedule.confirm(lease) == Success(None)
        assert await world.sync_schedule.due([connection_id]) == Success({connection_id: DUE})
        return [lease]

    assert async_to_sync(roll_back)()


def test_due_connections_are_found_by_their_index(world: World) -> None:
    """A runner asks every few seconds, and most connections are not due."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO connections_schedule (id, owner, due_at, reason, lease, failures)"
            " SELECT uuidv7(), uuidv7(), now() + n * interval '1 minute', 'interval', 0, 0"
            " FROM generate_series(1, 5000) AS n"
        )
        cursor.execute("ANALYZE connections_schedule")
        cursor.execute(
            "EXPLAIN SELECT id FROM connections_schedule WHERE due_at <= statement_timestamp()"
            " AND (leased_until IS NULL OR leased_until <= statement_timestamp())"
            " ORDER BY due_at LIMIT 4 FOR UPDATE SKIP LOCKED"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Index Cond: (due_at <= statement_timestamp())" in plan
    assert ScheduleModel.objects.count() == 5000

"""A sync goes on only while its lease and its connection do."""

from dataclasses import replace

from dashtam.application.connections.leased import lock_leased
from domain.connections.entities import Connection
from domain.connections.errors import LeaseLost
from domain.connections.ports import Lease
from domain.connections.values import ConnectionStatus
from domain.shared.result import Failure, Success
from tests.contracts.connections import bank
from tests.contracts.sync_schedule import DUE, NEXT, claimed
from tests.contracts.world import World
from tests.fakes import Store


async def leased(world: World) -> tuple[Connection, Lease]:
    made = await bank(world)
    await world.sync_schedule.set_due(made.id, DUE, owner=made.user_id)
    (lease,) = await claimed(world)
    return made, lease


async def test_returns_the_connection(world: World) -> None:
    made, lease = await leased(world)

    found = await lock_leased(lease, world.connections, world.sync_schedule)

    assert found == Success(made)


async def test_refuses_whoever_lost_the_lease(world: World) -> None:
    _, lease = await leased(world)
    await world.sync_schedule.finish(lease, NEXT, failures=0)

    found = await lock_leased(lease, world.connections, world.sync_schedule)

    assert isinstance(found, Failure)
    assert isinstance(found.error, LeaseLost)


async def test_nothing_follows_the_end_of_a_connection(world: World) -> None:
    """An answer that arrives after it would make the connection active again."""
    made, lease = await leased(world)
    await world.connections.update(replace(made, status=ConnectionStatus.REVOKED))

    found = await lock_leased(lease, world.connections, world.sync_schedule)

    assert found == Failure(LeaseLost("The connection was ended."))


async def test_a_paused_connection_goes_on_to_its_answer(world: World) -> None:
    made, lease = await leased(world)
    paused = replace(made, status=ConnectionStatus.PAUSED)
    await world.connections.update(paused)
    await world.sync_schedule.set_due(made.id, None, owner=made.user_id)

    found = await lock_leased(lease, world.connections, world.sync_schedule)

    assert found == Success(paused)


async def test_refuses_a_connection_that_was_erased(world: World, store: Store) -> None:
    made, lease = await leased(world)
    del store.connections[made.id]

    found = await lock_leased(lease, world.connections, world.sync_schedule)

    assert isinstance(found, Failure)
    assert isinstance(found.error, LeaseLost)

"""Nobody gets more of the database than their share, and nobody waits for another user's."""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from contextvars import Context
from typing import Any
from uuid import UUID

import pytest

from adapters.persistence.database import Bounds, Database
from domain.audit.origin import Origin, origin
from domain.shared.errors import Crowded
from domain.shared.events import ANONYMOUS, Actor
from domain.shared.ids import new_id
from tests.adapters.persistence.scratch import Scratch, query, until
from tests.lanes import SEED, many
from tests.shared_connection import open_transactions
from tests.waiting import locked

CANCELLED = many(200, 1000)
ADA, BOB = new_id(), new_id()
CHANGE = "UPDATE scratch_note SET text = text WHERE text = 'wanted'"


def request_of(
    who: UUID | str, work: Coroutine[Any, Any, Any], *, reads: bool = False
) -> "asyncio.Task[Any]":
    """Start a request of a user, or of an unauthenticated client."""
    context = Context()
    actor = Actor.user(who) if isinstance(who, UUID) else ANONYMOUS
    address = None if isinstance(who, UUID) else who
    context.run(origin.set, Origin(actor=actor, ip_address=address, is_read_only=reads))
    return asyncio.create_task(work, context=context)


def crowding(scratch: Scratch, size: int, patience: float) -> Iterator[Scratch]:
    database = Database(size=size, timeout=30.0, bounds=Bounds(patience=patience))
    yield Scratch(database, scratch.beside)
    database.close()


@pytest.fixture
def patient(scratch: Scratch) -> Iterator[Scratch]:
    """The scratch table, with a long wait for a slot."""
    yield from crowding(scratch, 20, 30.0)


@pytest.fixture
def hasty(scratch: Scratch) -> Iterator[Scratch]:
    """The scratch table, with a short wait for a slot."""
    yield from crowding(scratch, 20, 0.05)


@pytest.fixture
def single(scratch: Scratch) -> Iterator[Scratch]:
    """The scratch table, by one connection."""
    yield from crowding(scratch, 1, 30.0)


@asynccontextmanager
async def row_locked(scratch: Scratch) -> AsyncIterator[None]:
    """Lock a row, so that others wait inside the database."""
    await scratch.add("wanted")
    async with locked(CHANGE):
        yield


async def want_row(scratch: Scratch) -> int:
    """Wait for the locked row; return how many connections Ada has then."""
    async with scratch.database.transaction():
        most = open_transactions(scratch.database, ADA)
        await scratch.database.run(query, f"{CHANGE} RETURNING 1")
        return most


class TestFairness:
    async def test_forty_requests_of_one_user_leave_room_for_another(
        self, patient: Scratch
    ) -> None:
        async with row_locked(patient):
            flood = [request_of(ADA, want_row(patient)) for _ in range(40)]
            await until(lambda: patient.blocked() == 3)

            await request_of(BOB, patient.add("from bob"))
            async with asyncio.timeout(30):
                await request_of(BOB, in_transaction(patient, "also from bob"))

            assert open_transactions(patient.database, ADA) == 3
            assert patient.database.state.leased == 3
            assert not any(task.done() for task in flood)
        most = max(await asyncio.gather(*flood))
        assert most == 3
        await until(lambda: open_transactions(patient.database, ADA) == 0)

    async def test_an_unauthenticated_client_shares_a_quarter_with_its_network(
        self, patient: Scratch
    ) -> None:
        async with row_locked(patient):
            flood = [request_of("192.0.2.7", want_row(patient)) for _ in range(40)]
            await until(lambda: patient.blocked() == 5)

            await request_of("198.51.100.1", in_transaction(patient, "from elsewhere"))
            await request_of(ADA, in_transaction(patient, "from ada"))

            assert patient.database.state.leased == 5
        await asyncio.gather(*flood)

    async def test_some_connections_are_reserved_for_single_statements(
        self, patient: Scratch
    ) -> None:
        async with row_locked(patient):
            flood = [request_of(new_id(), want_row(patient)) for _ in range(40)]
            await until(lambda: patient.blocked() == 16)

            await request_of("198.51.100.1", patient.pid())

            assert patient.database.state.waiting == 24
        await asyncio.gather(*flood)

    async def test_alternates_between_users(self, single: Scratch) -> None:
        served: list[str] = []

        async def be(name: str) -> None:
            async with single.database.transaction():
                served.append(name)

        async with single.database.transaction():
            flood = [request_of(ADA, be("ada")) for _ in range(10)]
            await until(lambda: single.database.state.waiting == 10)
            late = request_of(BOB, be("bob"))
            await until(lambda: single.database.state.waiting == 11)
        await asyncio.gather(*flood, late)

        assert served.index("bob") <= 1

    async def test_the_servers_own_work_is_separate(self, patient: Scratch) -> None:
        async with row_locked(patient):
            own = [asyncio.create_task(want_row(patient)) for _ in range(20)]
            await until(lambda: patient.blocked() == 20)
        await asyncio.gather(*own)


class TestOverload:
    async def test_is_refused_and_holds_no_connection(self, hasty: Scratch) -> None:
        async with row_locked(hasty):
            first = [request_of(ADA, want_row(hasty)) for _ in range(3)]
            await until(lambda: hasty.blocked() == 3)

            more = [request_of(ADA, want_row(hasty)) for _ in range(10)]
            ends = await asyncio.gather(*more, return_exceptions=True)

            assert [type(end) for end in ends] == [Crowded] * 10
            assert hasty.database.state.leased == 3
            assert hasty.database.state.crowded == 10
        assert await asyncio.gather(*first)

    async def test_does_not_delay_single_statements(self, hasty: Scratch) -> None:
        async with row_locked(hasty):
            first = [request_of(ADA, want_row(hasty)) for _ in range(3)]
            await until(lambda: hasty.blocked() == 3)

            assert await request_of(ADA, hasty.pid())
        await asyncio.gather(*first)

    async def test_of_single_statements_queues_and_is_not_refused(self, hasty: Scratch) -> None:
        async with row_locked(hasty):
            first = [request_of(ADA, change(hasty)) for _ in range(10)]
            await until(lambda: hasty.blocked() == 3)

            assert hasty.database.state.waiting == 7
        assert await asyncio.gather(*first) == [1] * 10

    async def test_a_nested_block_needs_no_slot(self, hasty: Scratch) -> None:
        together = asyncio.Barrier(3)

        async def nest() -> None:
            async with hasty.database.transaction():
                await together.wait()
                async with hasty.database.transaction(separate=True):
                    await together.wait()
                    await hasty.pid()

        async with asyncio.timeout(30):
            await asyncio.gather(*(request_of(ADA, nest()) for _ in range(3)))

    async def test_that_has_ended_frees_its_slots(self, hasty: Scratch) -> None:
        async with row_locked(hasty):
            first = [request_of(ADA, want_row(hasty)) for _ in range(3)]
            await until(lambda: hasty.blocked() == 3)
            first[0].cancel()
            await asyncio.wait(first[:1])
            await until(lambda: open_transactions(hasty.database, ADA) == 2)

            await request_of(ADA, in_transaction(hasty, "from ada"))
        await asyncio.gather(*first[1:])


class TestCancellation:
    async def test_while_waiting_loses_no_slot(self, patient: Scratch) -> None:
        async with row_locked(patient):
            flood = [request_of(ADA, want_row(patient)) for _ in range(60)]
            await until(lambda: patient.blocked() == 3 and patient.database.state.waiting == 57)
            for task in flood[3::2]:
                task.cancel()
        # These in the very moment in which places are handed over.
        for task in flood[4::4]:
            task.cancel()
        await asyncio.gather(*flood, return_exceptions=True)

        await until(lambda: open_transactions(patient.database, ADA) == 0)
        await use_all_slots(patient)

    @pytest.mark.parametrize("times", [1, 2])
    async def test_at_any_moment(self, hasty: Scratch, times: int) -> None:
        chance = random.Random(SEED + times)

        async def work(number: int) -> None:
            async with hasty.database.transaction():
                await hasty.add(f"{number} first")
                await hasty.sleep(chance.choice([0, 0.002]))
            await hasty.add(f"{number} second")

        async def interrupted(number: int) -> object:
            task = request_of(ADA, work(number))
            for _ in range(times):
                await asyncio.sleep(chance.random() * 0.1)
                task.cancel()
            return (await asyncio.gather(task, return_exceptions=True))[0]

        ends = await asyncio.gather(*map(interrupted, range(CANCELLED)))

        assert {type(end) for end in ends} <= {type(None), asyncio.CancelledError, Crowded}
        await until(lambda: open_transactions(hasty.database, ADA) == 0)
        await until(hasty.is_whole)
        await use_all_slots(hasty)

    def test_by_the_end_of_the_event_loop(self, patient: Scratch) -> None:
        async def use_connection() -> None:
            async with patient.database.transaction():
                await asyncio.Event().wait()

        async def abandon() -> None:
            tasks = [request_of(ADA, use_connection()) for _ in range(20)]
            await until(lambda: patient.database.state.waiting == 17)
            assert len(tasks) == 20

        asyncio.run(abandon())

        asyncio.run(use_all_slots(patient))


async def change(scratch: Scratch) -> object:
    return await scratch.database.run(query, f"{CHANGE} RETURNING 1")


async def in_transaction(scratch: Scratch, text: str) -> None:
    async with scratch.database.transaction():
        await scratch.add(text)


async def use_all_slots(scratch: Scratch) -> None:
    """Have Ada use all that is hers at the same time."""
    together = asyncio.Barrier(3)

    async def use() -> None:
        async with scratch.database.transaction():
            await together.wait()

    async with asyncio.timeout(30):
        await asyncio.gather(*(request_of(ADA, use()) for _ in range(3)))

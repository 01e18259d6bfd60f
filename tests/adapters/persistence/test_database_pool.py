"""Connections are leased, returned, renewed, and never more than configured."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextvars import Context
from typing import Any

import pytest

from adapters.persistence.database import Database
from adapters.persistence.failures import PoolExhausted
from domain.shared.errors import OutcomeUnknown, Unavailable
from domain.shared.result import Failure
from tests.adapters.persistence.scratch import Notes, Scratch, query, until
from tests.lanes import many

PID = "SELECT pg_backend_pid()"


def elsewhere(work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
    """Start a task that knows nothing of the transaction which is open here."""
    return asyncio.create_task(work, context=Context())


PARTS = many(1, 10)


def counts(database: Database) -> tuple[int, int, int]:
    state = database.state
    return state.size, state.leased, state.waiting


@pytest.fixture
def single(scratch: Scratch) -> Iterator[Database]:
    """A database with one connection and a short wait for it."""
    database = Database(size=1, timeout=0.2)
    yield database
    assert counts(database) == (1, 0, 0)
    database.close()


class TestPool:
    async def test_many_tasks_share_few_connections(self, scratch: Scratch) -> None:
        async def write(number: int) -> int:
            async with scratch.database.transaction():
                await scratch.add(str(number))
                return scratch.backends()

        backends = await asyncio.gather(*map(write, range(200)))

        assert max(backends) <= 20
        assert scratch.committed() == set(map(str, range(200)))

    async def test_reports_its_state(self, scratch: Scratch) -> None:
        database = Database(size=1)
        assert counts(database) == (1, 0, 0)

        async with database.transaction():
            waiting = elsewhere(database.run(query, PID))
            await until(lambda: counts(database) == (1, 1, 1))
        await waiting

        await until(lambda: counts(database) == (1, 0, 0))
        assert (database.state.waits, database.state.waited > 0) == (1, True)
        database.close()

    async def test_serves_the_longest_waiting_task_first(self, scratch: Scratch) -> None:
        database = Database(size=1)
        served: list[int] = []

        async def wait(number: int) -> None:
            async with database.transaction():
                served.append(number)

        async with database.transaction():
            waiting = [elsewhere(wait(number)) for number in range(10)]
            await until(lambda: database.state.waiting == 10)
        await asyncio.gather(*waiting)

        assert served == list(range(10))
        database.close()


class TestExhaustion:
    async def test_interrupts_a_transaction(self, single: Database) -> None:
        async with single.transaction():
            with pytest.raises(OutcomeUnknown, match=r"no database connection .* \(pool of 1\)"):
                await single.transaction(separate=True).__aenter__()

    async def test_raises_an_error_outside_a_unit_of_work(self, single: Database) -> None:
        async with single.transaction():
            with pytest.raises(PoolExhausted, match=r"within 0.2 s \(pool of 1\)"):
                await elsewhere(single.run(query, PID))

    async def test_makes_a_repository_unavailable(self, single: Database) -> None:
        async with single.transaction():
            answer = await elsewhere(Notes(single).ask(lambda: query(PID)))

        assert answer == Failure(Unavailable("The database is not available."))

    async def test_ends(self, single: Database) -> None:
        async with single.transaction():
            assert not await elsewhere(single.check_connection())

        assert await single.check_connection()


class TestRenewal:
    async def test_a_connection_is_reused(self, single: Database) -> None:
        assert await single.run(query, PID) == await single.run(query, PID)

    async def test_an_old_connection_is_replaced(self, scratch: Scratch) -> None:
        database = Database(size=1, max_age=0.0)

        assert await database.run(query, PID) != await database.run(query, PID)
        database.close()

    async def test_a_connection_in_a_transaction_is_not_reused(self, single: Database) -> None:
        left_open = await single.run(query, "BEGIN", PID)

        assert await single.run(query, PID) != left_open


class TestClose:
    async def test_closes_all_connections(self, scratch: Scratch) -> None:
        await asyncio.gather(*(scratch.pid() for _ in range(5)))
        assert scratch.backends() > 0

        scratch.database.close()

        await until(lambda: scratch.backends() == 0)

    async def test_waits_for_a_transaction_to_end(self, scratch: Scratch) -> None:
        async with scratch.database.transaction():
            scratch.database.close()
            await scratch.add("a")

        assert scratch.committed() == {"a"}
        await until(lambda: scratch.backends() == 0)

    async def test_can_be_followed_by_new_work(self, scratch: Scratch) -> None:
        await scratch.add("a")
        scratch.database.close()
        await scratch.add("b")

        assert scratch.committed() == {"a", "b"}


class TestManyClients:
    async def test_two_hundred_share_twenty_connections_without_an_error(
        self, scratch: Scratch
    ) -> None:
        async def live(number: int) -> int:
            for part in range(PARTS):
                async with scratch.database.transaction():
                    await scratch.add(f"{number} {part} a")
                    async with scratch.database.transaction():
                        await scratch.add(f"{number} {part} b")
            return len(await scratch.texts())

        results = await asyncio.gather(*map(live, range(200)))

        assert max(results) == len(scratch.committed()) == 400 * PARTS
        assert scratch.database.state.waits >= 180

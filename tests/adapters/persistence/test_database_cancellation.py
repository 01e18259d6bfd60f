"""Work that is given up leaves nothing behind: no row, no transaction, no running statement."""

import asyncio
import random
import threading
import time
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from django.db import OperationalError
from django.db.transaction import TransactionManagementError

from adapters.persistence.database import Database
from adapters.persistence.database.worker import Call, Worker
from tests.adapters.persistence.scratch import Scratch, query, until, wait_until
from tests.lanes import SEED, many

CANCELLED = many(200, 1000)


#: A lock to wait for.
LOCK, UNLOCK = "SELECT 1 FROM pg_advisory_lock(7)", "SELECT pg_advisory_unlock(7)"


async def cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class TestCancellation:
    async def test_during_a_statement_stops_it_on_the_server(self, scratch: Scratch) -> None:
        async def work() -> None:
            async with scratch.database.transaction():
                await scratch.add("a")
                await scratch.sleep(60)

        task = asyncio.create_task(work())
        await until(lambda: scratch.asleep() == 1)
        await cancel(task)

        await until(scratch.is_whole)
        assert scratch.committed() == set()

    async def test_during_a_statement_outside_a_transaction_stops_it_too(
        self, scratch: Scratch
    ) -> None:
        task = asyncio.create_task(scratch.sleep(60))
        await until(lambda: scratch.asleep() == 1)
        await cancel(task)

        await until(scratch.is_whole)

    async def test_between_statements(self, scratch: Scratch) -> None:
        wrote = asyncio.Event()

        async def work() -> None:
            async with scratch.database.transaction():
                await scratch.add("a")
                wrote.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await wrote.wait()
        await cancel(task)

        assert scratch.is_whole()
        assert scratch.committed() == set()

    async def test_before_it_begins(self, scratch: Scratch) -> None:
        async with scratch.database.transaction():
            scratch.beside.execute(LOCK)
            working = asyncio.create_task(scratch.database.run(query, LOCK))
            await until(lambda: scratch.blocked() == 1)
            queued = asyncio.create_task(scratch.add("never"))
            await asyncio.sleep(0)
            await cancel(queued)
            scratch.beside.execute(UNLOCK)
            await working
            await scratch.add("kept")

        assert scratch.committed() == {"kept"}

    async def test_of_an_inner_block_lets_the_outer_one_commit(self, scratch: Scratch) -> None:
        async with scratch.database.transaction():
            await scratch.add("before")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05), scratch.database.transaction():
                    await scratch.add("inner")
                    await scratch.sleep(60)
            await scratch.add("after")

        assert scratch.committed() == {"before", "after"}

    async def test_that_is_swallowed_cannot_commit(self, scratch: Scratch) -> None:
        with pytest.raises(TransactionManagementError):
            async with scratch.database.transaction():
                await scratch.add("a")
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await scratch.sleep(60)
                await until(lambda: scratch.asleep() == 0)

        assert scratch.committed() == set()

    async def test_of_a_call_that_was_only_just_made(self, scratch: Scratch) -> None:
        await scratch.pid()
        for _ in range(100):
            task = asyncio.create_task(scratch.pid())
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])

        await until(scratch.is_whole)
        await use_all_at_once(scratch)

    def test_of_a_call_that_no_worker_has_started(self) -> None:
        happened: list[str] = []
        worker = Worker("default", max_age=60.0)
        call = Call(happened.append, lambda: happened.append("begun"))

        worker.cancel(call)
        with pytest.raises(CancelledError):
            worker.submit(lambda: worker.execute(call)).result()

        worker.shut_down()
        assert happened == []

    async def test_never_hits_another_statement(self, scratch: Scratch) -> None:
        chance = random.Random(1)
        crowded = Scratch(Database(size=2), scratch.beside)

        async def cancelled() -> None:
            task = asyncio.create_task(crowded.sleep(0.001))
            await asyncio.sleep(chance.random() * 0.3)
            task.cancel()
            await asyncio.wait([task])

        async def bystander(number: int) -> None:
            for round_number in range(10):
                await crowded.sleep(0.001)
                await crowded.add(f"{number} {round_number}")

        await asyncio.gather(*(cancelled() for _ in range(150)), *map(bystander, range(10)))

        assert len(scratch.committed()) == 100
        await until(crowded.is_whole)
        crowded.database.close()

    async def test_that_arrives_late_never_hits_the_next_statement(
        self, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cancel_safe = psycopg.Connection.cancel_safe

        def slow(connection: "psycopg.Connection[Any]", *, timeout: float) -> None:
            scratch.beside.execute(UNLOCK)
            wait_until(lambda: scratch.blocked() == 0)
            # The next statement could begin now if it did not wait for this.
            time.sleep(0.1)
            cancel_safe(connection, timeout=timeout)

        monkeypatch.setattr(psycopg.Connection, "cancel_safe", slow)
        crowded = Scratch(Database(size=1), scratch.beside)
        scratch.beside.execute(LOCK)
        task = asyncio.create_task(crowded.database.run(query, LOCK))
        await until(lambda: scratch.blocked() == 1)
        await cancel(task)

        await crowded.sleep(0.3)

        crowded.database.close()

    async def test_that_arrives_before_a_statement_begins_stops_it(
        self, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        computing, requested, stopped = (threading.Event() for _ in range(3))
        cancel_safe = psycopg.Connection.cancel_safe

        def heard(connection: "psycopg.Connection[Any]", *, timeout: float) -> None:
            cancel_safe(connection, timeout=timeout)
            requested.set()

        def compute_first() -> None:
            computing.set()
            requested.wait()
            with suppress(OperationalError):
                query("SELECT pg_sleep(10)")
                return
            stopped.set()

        monkeypatch.setattr(psycopg.Connection, "cancel_safe", heard)
        task = asyncio.create_task(scratch.database.run(compute_first))
        await until(computing.is_set)
        await cancel(task)

        await until(lambda: requested.is_set() and scratch.is_whole())
        assert stopped.is_set()

    @pytest.mark.parametrize("times", [1, 2])
    async def test_at_any_moment(self, scratch: Scratch, times: int) -> None:
        chance = random.Random(SEED + times)

        async def work(number: int) -> str:
            async with scratch.database.transaction():
                await scratch.add(f"{number} first")
                await scratch.sleep(chance.choice([0, 0.002]))
                await asyncio.sleep(chance.random() * 0.005)
                await scratch.add(f"{number} second")
            return f"{number} second"

        async def interrupted(number: int) -> object:
            task = asyncio.create_task(work(number))
            for _ in range(times):
                await asyncio.sleep(chance.random() * 0.06)
                task.cancel()
            return (await asyncio.gather(task, return_exceptions=True))[0]

        ends = await asyncio.gather(*map(interrupted, range(CANCELLED)))
        await until(scratch.is_whole)

        finished = {end for end in ends if isinstance(end, str)}
        cancelled = [end for end in ends if isinstance(end, asyncio.CancelledError)]
        assert len(finished) + len(cancelled) == CANCELLED
        assert len(cancelled) > CANCELLED / 4, f"seed {SEED}"
        committed = scratch.committed()
        assert finished <= committed
        # Whatever the outcome, it was all or nothing.
        assert len(committed) == 2 * sum(text.endswith("second") for text in committed)
        await use_all_at_once(scratch)

    def test_by_the_end_of_the_event_loop(self, scratch: Scratch) -> None:
        async def work(number: int) -> None:
            async with scratch.database.transaction():
                await scratch.add(str(number))
                await asyncio.Event().wait()

        async def abandon() -> None:
            tasks = [asyncio.create_task(work(number)) for number in range(60)]
            await until(lambda: scratch.database.state.waiting == 40)
            # Prevents their collection until here; the end of the loop cancels them.
            assert len(tasks) == 60

        asyncio.run(abandon())

        assert scratch.committed() == set()
        asyncio.run(use_all_at_once(scratch))


class TestCancellationOfTheWait:
    async def test_for_a_connection_leaks_none(self, scratch: Scratch) -> None:
        release = asyncio.Event()

        async def use_connection() -> None:
            async with scratch.database.transaction():
                await release.wait()

        holders = [asyncio.create_task(use_connection()) for _ in range(20)]
        await until(lambda: scratch.database.state.leased == 20)
        waiting = [asyncio.create_task(use_connection()) for _ in range(100)]
        await until(lambda: scratch.database.state.waiting == 100)
        for task in waiting[::2]:
            task.cancel()
        release.set()
        # These in the very moment in which connections are handed over.
        for task in waiting[1::4]:
            task.cancel()
        ends = await asyncio.gather(*holders, *waiting, return_exceptions=True)

        assert sum(end is None for end in ends) == 20 + 25
        await until(scratch.is_whole)
        await use_all_at_once(scratch)


async def use_all_at_once(scratch: Scratch) -> None:
    """Have every connection of the pool in a transaction at the same time."""
    together = asyncio.Barrier(20)

    async def use() -> None:
        async with scratch.database.transaction():
            await scratch.pid()
            await together.wait()

    async with asyncio.timeout(120):
        await asyncio.gather(*(use() for _ in range(20)))
    assert scratch.backends() == 20

"""A transaction is alone, is whole, and cannot be mistaken for another."""

import asyncio
import contextvars
import threading
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, connection, connections, transaction
from django.db.transaction import TransactionManagementError
from pytest_django import Settings

from tests.adapters.persistence.scratch import Note, Scratch, ScratchError, query
from tests.shared_connection import bound

colour: contextvars.ContextVar[str] = contextvars.ContextVar("colour", default="none")


async def test_abandoning_an_iteration_raises_and_blocks_nobody(
    scratch: Scratch,
) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        await scratch.database.run(lambda: next(iter(())))


class TestIsolation:
    async def test_no_transaction_sees_or_commits_anothers_rows(self, scratch: Scratch) -> None:
        both_wrote, both_looked = asyncio.Barrier(2), asyncio.Barrier(2)

        async def write(text: str, other: str) -> int:
            async with scratch.database.transaction() as tx:
                await scratch.add(text)
                await both_wrote.wait()
                assert await scratch.texts() == {text}
                assert other not in scratch.committed()
                await both_looked.wait()
                if text == "lost":
                    tx.set_rollback()
                return await scratch.pid()

        pids = await asyncio.gather(write("kept", "lost"), write("lost", "kept"))

        assert len(set(pids)) == 2
        assert scratch.committed() == {"kept"}

    async def test_holds_for_many_at_once(self, scratch: Scratch) -> None:
        async def write(number: int) -> None:
            async with scratch.database.transaction():
                await scratch.add(f"{number} first")
                await asyncio.sleep(number % 7 / 1000)
                await scratch.add(f"{number} second")
                assert len(await scratch.texts() & {f"{number} first", f"{number} second"}) == 2
                if number % 3 == 0:
                    raise ScratchError

        ended = await asyncio.gather(*map(write, range(60)), return_exceptions=True)

        assert [n for n, end in enumerate(ended) if end] == list(range(0, 60, 3))
        assert scratch.committed() == {
            f"{n} {which}" for n in range(60) if n % 3 for which in ("first", "second")
        }

    async def test_a_separate_transaction_outlives_the_one_around_it(
        self, scratch: Scratch
    ) -> None:
        with pytest.raises(ScratchError):
            async with scratch.database.transaction():
                await scratch.add("lost")
                async with scratch.database.transaction(separate=True):
                    await scratch.add("kept")
                await scratch.add("lost too")
                raise ScratchError

        assert scratch.committed() == {"kept"}


class TestEnds:
    async def test_commits_when_left_normally(self, scratch: Scratch) -> None:
        async with scratch.database.transaction():
            await scratch.add("a")
            assert scratch.committed() == set()

        assert scratch.committed() == {"a"}

    async def test_rolls_back_on_an_exception(self, scratch: Scratch) -> None:
        with pytest.raises(ScratchError):
            async with scratch.database.transaction():
                await scratch.add("a")
                raise ScratchError

        assert scratch.committed() == set()
        assert scratch.database.state.leased == 0

    async def test_rolls_back_when_the_database_refuses(self, scratch: Scratch) -> None:
        with pytest.raises(IntegrityError):
            async with scratch.database.transaction():
                await scratch.add("a")
                await scratch.add("a")

        await scratch.add("b")
        assert scratch.committed() == {"b"}

    async def test_rolls_back_silently_when_marked_for_rollback(self, scratch: Scratch) -> None:
        async with scratch.database.transaction() as tx:
            await scratch.add("a")
            tx.set_rollback()

        assert scratch.committed() == set()

    async def test_can_be_entered_and_left_by_hand(self, scratch: Scratch) -> None:
        tx = await scratch.database.transaction().__aenter__()
        await scratch.add("a")
        await tx.__aexit__(None, None, None)

        assert scratch.committed() == {"a"}

    async def test_an_aborted_transaction_cannot_pretend_to_commit(self, scratch: Scratch) -> None:
        with pytest.raises(TransactionManagementError):
            async with scratch.database.transaction():
                await scratch.add("a")
                with pytest.raises(IntegrityError):
                    await scratch.add("a")

        with pytest.raises(TransactionManagementError):
            async with scratch.database.transaction():
                await scratch.add("b")
                with pytest.raises(Exception, match="division by zero"):
                    await scratch.database.run(query, "SELECT 1/0")

        assert scratch.committed() == set()

    async def test_on_commit_callbacks_run_after_the_commit_or_never(
        self, scratch: Scratch
    ) -> None:
        happened: list[set[str]] = []
        notice = lambda: happened.append(scratch.committed())  # noqa: E731

        async with scratch.database.transaction():
            await scratch.add("a")
            await scratch.database.run(transaction.on_commit, notice)
            assert happened == []
        async with scratch.database.transaction() as tx:
            await scratch.database.run(transaction.on_commit, notice)
            tx.set_rollback()
        async with scratch.database.transaction():
            await scratch.add("b")

        assert happened == [{"a"}]


class TestSavepoints:
    async def test_an_inner_block_fails_alone(self, scratch: Scratch) -> None:
        async with scratch.database.transaction():
            await scratch.add("outer")
            with pytest.raises(ScratchError):
                async with scratch.database.transaction():
                    await scratch.add("failed")
                    raise ScratchError
            with pytest.raises(IntegrityError):
                async with scratch.database.transaction():
                    await scratch.add("outer")
            async with scratch.database.transaction() as inner:
                await scratch.add("doomed")
                inner.set_rollback()
            async with scratch.database.transaction():
                await scratch.add("inner")

        assert scratch.committed() == {"outer", "inner"}

    async def test_an_inner_block_is_rolled_back_with_the_outer_one(self, scratch: Scratch) -> None:
        async with scratch.database.transaction() as outer:
            async with scratch.database.transaction():
                await scratch.add("inner")
            outer.set_rollback()

        assert scratch.committed() == set()


class TestTasksInside:
    async def test_are_serialised(self, scratch: Scratch) -> None:
        async with scratch.database.transaction():
            await asyncio.gather(*(scratch.add(str(number)) for number in range(10)))
            pids = await asyncio.gather(*(scratch.pid() for _ in range(10)))

        assert len(set(pids)) == 1
        assert scratch.committed() == set(map(str, range(10)))

    async def test_cannot_have_savepoints_side_by_side(self, scratch: Scratch) -> None:
        async def nest(text: str) -> None:
            async with scratch.database.transaction():
                await scratch.add(text)
                await asyncio.sleep(0.01)

        async with scratch.database.transaction():
            ended = await asyncio.gather(nest("a"), nest("b"), return_exceptions=True)

        refused = [end for end in ended if end]
        assert [type(each) for each in refused] == [RuntimeError]
        assert "another task has a nested transaction open" in str(refused[0])
        assert scratch.committed() == {"a"}

    async def test_are_refused_after_the_transaction(self, scratch: Scratch) -> None:
        ended = asyncio.Event()

        async def late() -> None:
            await ended.wait()
            await scratch.add("late")

        async def late_by_django() -> None:
            await ended.wait()
            await Note.objects.acreate(text="late too")

        async with scratch.database.transaction():
            tasks = asyncio.create_task(late()), asyncio.create_task(late_by_django())
            await scratch.add("in time")
        # The same connection serves the next one: the late task must not get in there.
        async with scratch.database.transaction():
            ended.set()
            results = await asyncio.gather(*tasks, return_exceptions=True)

        assert [type(result) for result in results] == [RuntimeError, RuntimeError]
        assert scratch.committed() == {"in time"}


class TestDjangoInside:
    async def test_asynchronous_orm_methods_join_the_transaction(self, scratch: Scratch) -> None:
        with pytest.raises(ScratchError):
            async with scratch.database.transaction():
                await scratch.add("a")
                note = await Note.objects.aget(text="a")
                note.text = "b"
                await note.asave()
                assert await scratch.texts() == {"b"}
                raise ScratchError

        assert scratch.committed() == set()

    async def test_the_context_is_passed_on(self, scratch: Scratch) -> None:
        colour.set("green")

        assert await scratch.database.run(colour.get) == "green"
        async with scratch.database.transaction():
            assert await scratch.database.run(colour.get) == "green"

    async def test_synchronous_code_cannot_call_back(self, scratch: Scratch) -> None:
        def again() -> None:
            async_to_sync(scratch.add)("a")

        with pytest.raises(RuntimeError, match="already in a database thread"):
            await scratch.database.run(again)

    async def test_the_query_log_does_not_grow(self, scratch: Scratch, settings: Settings) -> None:
        settings.DEBUG = True

        for _ in range(20):
            await scratch.texts()

        assert await scratch.database.run(lambda: len(connection.queries_log)) <= 1


class TestEventLoops:
    def test_any_can_be_used(self, scratch: Scratch) -> None:
        async def write(text: str) -> None:
            async with scratch.database.transaction():
                await scratch.add(text)

        asyncio.run(write("a"))
        asyncio.run(write("b"))

        assert scratch.committed() == {"a", "b"}

    def test_several_share_the_connections(self, scratch: Scratch) -> None:
        async def write(text: str) -> None:
            async with scratch.database.transaction():
                await scratch.add(text)

        async def write_many(loop: int) -> None:
            await asyncio.gather(*(write(f"{loop} {number}") for number in range(40)))

        threads = [threading.Thread(target=asyncio.run, args=(write_many(n),)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(scratch.committed()) == 120
        assert scratch.database.state.leased == 0


class TestBorrowing:
    @pytest.fixture
    def rolled_back(self, scratch: Scratch) -> Iterator[None]:
        connection = connections["default"]
        with transaction.atomic(), bound(scratch.database, connection):
            yield
            transaction.set_rollback(True)

    def test_work_joins_the_transaction_of_the_caller(
        self, scratch: Scratch, rolled_back: None
    ) -> None:
        async def write() -> None:
            await scratch.add("alone")
            async with scratch.database.transaction():
                await scratch.add("together")
            async with scratch.database.transaction() as tx:
                await scratch.add("doomed")
                tx.set_rollback()

        async_to_sync(write)()

        assert set(Note.objects.values_list("text", flat=True)) == {"alone", "together"}
        assert scratch.committed() == set()

    def test_own_connections_are_used_again_afterwards(self, scratch: Scratch) -> None:
        pid = async_to_sync(scratch.pid)
        own = pid()
        connections["default"].ensure_connection()

        with bound(scratch.database, connections["default"]):
            assert scratch.database.state.size == 1
            assert pid() == query("SELECT pg_backend_pid()") != own

        assert scratch.database.state.size == 20
        assert pid() == own

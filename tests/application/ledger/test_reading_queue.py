"""The reading queue: one file per user at a time, few in total, and no endless wait."""

import asyncio
import threading
from collections import Counter
from functools import partial

import pytest

from dashtam.application.ledger.reading_queue import BUSY, MAX_WAITING, ReadingQueue
from domain.ledger.errors import ReadingBusy, UnreadableStatement
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Result, Success

ADA, EVE, BOB = (UserId(new_id()) for _ in range(3))
Read = Result[int, UnreadableStatement]


class BlockingReader:
    """A reader that blocks until it is released, and counts concurrent reads."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.done = threading.Event()
        self.now: Counter[UserId] = Counter()
        self.most: Counter[UserId] = Counter()
        self.most_in_all = 0
        self._lock = threading.Lock()

    def read(self, user_id: UserId) -> Read:
        with self._lock:
            self.now[user_id] += 1
            self.most[user_id] = max(self.most[user_id], self.now[user_id])
            self.most_in_all = max(self.most_in_all, self.now.total())
        self.begun.release()
        assert self.done.wait(60)
        with self._lock:
            self.now[user_id] -= 1
        return Success(1)

    async def wait(self, count: int = 1) -> None:
        for _ in range(count):
            assert await asyncio.to_thread(self.begun.acquire, True, 60)


async def test_a_user_reads_one_file_at_a_time_and_two_are_read_at_once() -> None:
    queue, reader = ReadingQueue(2), BlockingReader()
    users = [ADA, ADA, EVE, EVE, BOB]
    reading = [asyncio.ensure_future(queue(user, partial(reader.read, user))) for user in users]
    await reader.wait(2)
    reader.done.set()

    assert await asyncio.gather(*reading) == [Success(1)] * 5
    assert reader.most == Counter({ADA: 1, EVE: 1, BOB: 1})
    assert reader.most_in_all == 2


async def test_a_user_who_waits_too_long_is_refused_and_may_retry() -> None:
    queue, reader = ReadingQueue(1, timeout=0.01), BlockingReader()
    first = asyncio.ensure_future(queue(ADA, lambda: reader.read(ADA)))
    await reader.wait()

    for user in (ADA, EVE):
        assert await queue(user, partial(reader.read, user)) == Failure(ReadingBusy(BUSY))

    reader.done.set()
    assert await first == Success(1)
    assert await queue(EVE, lambda: reader.read(EVE)) == Success(1)


async def test_a_third_file_of_one_user_is_refused() -> None:
    """It would be in memory, and so would the tenth."""
    queue, reader = ReadingQueue(2), BlockingReader()
    two = [asyncio.ensure_future(queue(ADA, lambda: reader.read(ADA))) for _ in range(2)]
    await reader.wait()

    assert await queue(ADA, lambda: reader.read(ADA)) == Failure(ReadingBusy(BUSY))

    reader.done.set()
    assert await asyncio.gather(*two) == [Success(1)] * 2
    assert await queue(ADA, lambda: reader.read(ADA)) == Success(1)


async def test_the_queue_is_short_and_refuses_at_once() -> None:
    queue, reader = ReadingQueue(1), BlockingReader()
    users = [UserId(new_id()) for _ in range(1 + MAX_WAITING)]
    reading = [asyncio.ensure_future(queue(user, partial(reader.read, user))) for user in users]
    await reader.wait()

    assert await queue(EVE, lambda: reader.read(EVE)) == Failure(ReadingBusy(BUSY))

    reader.done.set()
    assert await asyncio.gather(*reading) == [Success(1)] * len(users)
    assert await queue(EVE, lambda: reader.read(EVE)) == Success(1)


async def test_background_work_is_never_refused() -> None:
    """A crowd of other requests cannot use up the attempts of an import."""
    queue, reader = ReadingQueue(1, timeout=0.01), BlockingReader()
    first = asyncio.ensure_future(queue(ADA, lambda: reader.read(ADA)))
    await reader.wait()
    crowd = [
        asyncio.ensure_future(queue.for_background(user, partial(reader.read, user)))
        for user in [ADA, ADA, *(UserId(new_id()) for _ in range(MAX_WAITING)), EVE]
    ]
    # Impatient clients come and go meanwhile, and all others still wait.
    assert await queue(BOB, lambda: reader.read(BOB)) == Failure(ReadingBusy(BUSY))
    assert await queue(BOB, lambda: reader.read(BOB)) == Failure(ReadingBusy(BUSY))
    assert not any(each.done() for each in crowd)

    reader.done.set()
    assert await asyncio.gather(first, *crowd) == [Success(1)] * (1 + len(crowd))
    assert reader.most_in_all == 1


async def test_another_users_first_file_precedes_ones_second() -> None:
    queue, order = ReadingQueue(1), list[str]()
    reader = BlockingReader()

    def read(name: str) -> Read:
        order.append(name)
        return Success(1)

    first = asyncio.ensure_future(queue(ADA, lambda: reader.read(ADA)))
    await reader.wait()
    waiting = [
        asyncio.ensure_future(queue(ADA, partial(read, "Ada's second"))),
        asyncio.ensure_future(queue.for_background(ADA, partial(read, "Ada's third"))),
        asyncio.ensure_future(queue(EVE, partial(read, "Eve's first"))),
        asyncio.ensure_future(queue.for_background(BOB, partial(read, "Bob's first"))),
    ]
    await asyncio.sleep(0)
    reader.done.set()

    await asyncio.gather(first, *waiting)
    assert order == ["Eve's first", "Bob's first", "Ada's second", "Ada's third"]


async def test_a_disconnected_client_occupies_the_worker_until_the_file_is_read() -> None:
    """A thread cannot be stopped: an additional one would exceed the limit."""
    queue, reader = ReadingQueue(1, timeout=0.01), BlockingReader()
    disconnected = asyncio.ensure_future(queue(ADA, lambda: reader.read(ADA)))
    await reader.wait()
    disconnected.cancel()
    with pytest.raises(asyncio.CancelledError):
        await disconnected

    assert await queue(EVE, lambda: reader.read(EVE)) == Failure(ReadingBusy(BUSY))

    reader.done.set()
    while isinstance(await queue(EVE, lambda: reader.read(EVE)), Failure):
        continue
    assert reader.most_in_all == 1


async def test_a_client_that_disconnects_while_waiting_leaves_the_queue() -> None:
    queue, reader = ReadingQueue(1), BlockingReader()
    first = asyncio.ensure_future(queue(ADA, lambda: reader.read(ADA)))
    await reader.wait()
    waiting = asyncio.ensure_future(queue(EVE, lambda: reader.read(EVE)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    reader.done.set()
    assert await first == Success(1)
    assert await queue(EVE, lambda: reader.read(EVE)) == Success(1)


async def test_a_failed_read_frees_the_worker() -> None:
    queue = ReadingQueue(1)

    def broken() -> Read:
        raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await queue(ADA, broken)
    refused: Read = Failure(UnreadableStatement("no"))
    assert await queue(ADA, lambda: refused) == refused

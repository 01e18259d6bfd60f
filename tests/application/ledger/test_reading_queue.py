"""Turns of reading: one file of a user at a time, few at once, and nobody waits for ever."""

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


class Desk:
    """Where files are read until it is said that they are done; it knows how many were at once."""

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
    queue, desk = ReadingQueue(2), Desk()
    users = [ADA, ADA, EVE, EVE, BOB]
    reading = [asyncio.ensure_future(queue(user, partial(desk.read, user))) for user in users]
    await desk.wait(2)
    desk.done.set()

    assert await asyncio.gather(*reading) == [Success(1)] * 5
    assert desk.most == Counter({ADA: 1, EVE: 1, BOB: 1})
    assert desk.most_in_all == 2


async def test_who_waits_too_long_is_told_so_and_may_come_again() -> None:
    queue, desk = ReadingQueue(1, timeout=0.01), Desk()
    first = asyncio.ensure_future(queue(ADA, lambda: desk.read(ADA)))
    await desk.wait()

    for user in (ADA, EVE):
        assert await queue(user, partial(desk.read, user)) == Failure(ReadingBusy(BUSY))

    desk.done.set()
    assert await first == Success(1)
    assert await queue(EVE, lambda: desk.read(EVE)) == Success(1)


async def test_a_user_s_third_file_does_not_wait() -> None:
    """It would be held in memory, and so would the tenth."""
    queue, desk = ReadingQueue(2), Desk()
    two = [asyncio.ensure_future(queue(ADA, lambda: desk.read(ADA))) for _ in range(2)]
    await desk.wait()

    assert await queue(ADA, lambda: desk.read(ADA)) == Failure(ReadingBusy(BUSY))

    desk.done.set()
    assert await asyncio.gather(*two) == [Success(1)] * 2
    assert await queue(ADA, lambda: desk.read(ADA)) == Success(1)


async def test_few_files_wait_and_the_next_is_sent_away_at_once() -> None:
    queue, desk = ReadingQueue(1), Desk()
    users = [UserId(new_id()) for _ in range(1 + MAX_WAITING)]
    reading = [asyncio.ensure_future(queue(user, partial(desk.read, user))) for user in users]
    await desk.wait()

    assert await queue(EVE, lambda: desk.read(EVE)) == Failure(ReadingBusy(BUSY))

    desk.done.set()
    assert await asyncio.gather(*reading) == [Success(1)] * len(users)
    assert await queue(EVE, lambda: desk.read(EVE)) == Success(1)


async def test_work_in_the_background_is_never_sent_away() -> None:
    """A crowd of strangers cannot use up the attempts of somebody's import."""
    queue, desk = ReadingQueue(1, timeout=0.01), Desk()
    first = asyncio.ensure_future(queue(ADA, lambda: desk.read(ADA)))
    await desk.wait()
    crowd = [
        asyncio.ensure_future(queue.for_background(user, partial(desk.read, user)))
        for user in [ADA, ADA, *(UserId(new_id()) for _ in range(MAX_WAITING)), EVE]
    ]
    # Whoever is impatient comes and goes meanwhile, and all the others still wait.
    assert await queue(BOB, lambda: desk.read(BOB)) == Failure(ReadingBusy(BUSY))
    assert await queue(BOB, lambda: desk.read(BOB)) == Failure(ReadingBusy(BUSY))
    assert not any(each.done() for each in crowd)

    desk.done.set()
    assert await asyncio.gather(first, *crowd) == [Success(1)] * (1 + len(crowd))
    assert desk.most_in_all == 1


async def test_another_s_first_file_is_before_one_s_second() -> None:
    queue, order = ReadingQueue(1), list[str]()
    desk = Desk()

    def read(name: str) -> Read:
        order.append(name)
        return Success(1)

    first = asyncio.ensure_future(queue(ADA, lambda: desk.read(ADA)))
    await desk.wait()
    waiting = [
        asyncio.ensure_future(queue(ADA, partial(read, "Ada's second"))),
        asyncio.ensure_future(queue.for_background(ADA, partial(read, "Ada's third"))),
        asyncio.ensure_future(queue(EVE, partial(read, "Eve's first"))),
        asyncio.ensure_future(queue.for_background(BOB, partial(read, "Bob's first"))),
    ]
    await asyncio.sleep(0)
    desk.done.set()

    await asyncio.gather(first, *waiting)
    assert order == ["Eve's first", "Bob's first", "Ada's second", "Ada's third"]


async def test_who_goes_away_keeps_the_turn_until_the_file_is_read() -> None:
    """A thread cannot be ended: another one beside it would be one too many."""
    queue, desk = ReadingQueue(1, timeout=0.01), Desk()
    gone = asyncio.ensure_future(queue(ADA, lambda: desk.read(ADA)))
    await desk.wait()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone

    assert await queue(EVE, lambda: desk.read(EVE)) == Failure(ReadingBusy(BUSY))

    desk.done.set()
    while isinstance(await queue(EVE, lambda: desk.read(EVE)), Failure):
        continue
    assert desk.most_in_all == 1


async def test_who_goes_away_while_waiting_gives_up_the_place() -> None:
    queue, desk = ReadingQueue(1), Desk()
    first = asyncio.ensure_future(queue(ADA, lambda: desk.read(ADA)))
    await desk.wait()
    waiting = asyncio.ensure_future(queue(EVE, lambda: desk.read(EVE)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    desk.done.set()
    assert await first == Success(1)
    assert await queue(EVE, lambda: desk.read(EVE)) == Success(1)


async def test_a_reading_that_fails_gives_its_turn_back() -> None:
    queue = ReadingQueue(1)

    def broken() -> Read:
        raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await queue(ADA, broken)
    refused: Read = Failure(UnreadableStatement("no"))
    assert await queue(ADA, lambda: refused) == refused

"""A queue for reading files: one file of a user at a time, and few files at once."""

import asyncio
from asyncio import AbstractEventLoop, Future, Lock, Semaphore
from collections import Counter
from collections.abc import Callable
from typing import Self, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

from domain.ledger.errors import ReadingBusy
from domain.shared.errors import DomainError
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result

T = TypeVar("T")
E = TypeVar("E", bound=DomainError)

BUSY = "Other files are being read. Try again in a few seconds."
#: Files of one user: one that is being read, and one that waits.
MAX_PER_USER = 2
#: Waiting files of all users: each of them is in memory.
MAX_WAITING = 16


class ReadingQueue:
    """Reads one file of a user at a time, and `most` files at once on an event loop.

    A few others wait, for `timeout` seconds at most; all others are refused at once. Users take
    turns: only one of a user's files waits for a slot at a time.
    """

    def __init__(self, most: int, timeout: float = 20) -> None:
        self._most = most
        self._timeout: float | None = timeout
        self._queues: WeakKeyDictionary[AbstractEventLoop, _Queue] = WeakKeyDictionary()

    @property
    def for_background(self) -> Self:
        """The same queue for background work, which waits as long as it takes."""
        queue = type(self)(self._most)
        queue._timeout, queue._queues = None, self._queues
        return queue

    async def __call__(
        self, user_id: UserId, read: Callable[[], Result[T, E]]
    ) -> Result[T, E | ReadingBusy]:
        """Wait for a slot, then read the file in a thread."""
        loop = asyncio.get_running_loop()
        queue = self._queues.setdefault(loop, _Queue(self._most))
        if self._timeout is not None and queue.is_full(user_id):
            return Failure(ReadingBusy(BUSY))
        try:
            async with asyncio.timeout(self._timeout):
                release = await queue.wait(user_id)
        except TimeoutError:
            return Failure(ReadingBusy(BUSY))
        reading = loop.run_in_executor(None, read)

        def end(done: "Future[Result[T, E]]") -> None:
            release()
            if not done.cancelled():
                done.exception()

        reading.add_done_callback(end)
        # The thread goes on even if the request is cancelled, and has its slot until it ends.
        return await asyncio.shield(reading)


class _Queue:
    """The slots of one event loop, and the files that wait for one."""

    def __init__(self, most: int) -> None:
        self._slots = Semaphore(most)
        self._locks: WeakValueDictionary[UserId, Lock] = WeakValueDictionary()
        self._files: Counter[UserId] = Counter()
        self._waiting = 0

    def is_full(self, user_id: UserId) -> bool:
        """Whether no other file of this user may wait."""
        return self._waiting >= MAX_WAITING or self._files[user_id] >= MAX_PER_USER

    async def wait(self, user_id: UserId) -> Callable[[], None]:
        """Wait for a slot; return a function that releases it."""
        lock = self._locks.setdefault(user_id, Lock())
        self._files[user_id] += 1
        self._waiting += 1
        try:
            await self._acquire(lock)
        except BaseException:
            self._remove_file(user_id)
            raise
        finally:
            self._waiting -= 1

        def release() -> None:
            # First another user's file gets the slot; then this user's next file joins the queue.
            self._slots.release()
            lock.release()
            self._remove_file(user_id)

        return release

    async def _acquire(self, lock: Lock) -> None:
        """Acquire the user's lock and a slot, or neither."""
        await lock.acquire()
        try:
            await self._slots.acquire()
        except BaseException:
            lock.release()
            raise

    def _remove_file(self, user_id: UserId) -> None:
        self._files[user_id] -= 1
        if not self._files[user_id]:
            del self._files[user_id]

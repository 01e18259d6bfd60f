"""Reading takes turns: one file of a user at a time, and few files at once."""

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
#: Files of a user: one that is read, and one that waits.
MOST_OF_A_USER = 2
#: Files that wait, of all users: each is held in memory meanwhile.
MOST_WAITING = 16


class ReadingTurns:
    """Lets a user read one file at a time, and `most` files be read at once on an event loop.

    A few others wait for `patience` seconds; they, and at once all beyond these, are told to come
    again. Users take turns: whoever has several files is with one of them in the queue.
    """

    def __init__(self, most: int, patience: float = 20) -> None:
        self._most = most
        self._patience: float | None = patience
        self._queues: WeakKeyDictionary[AbstractEventLoop, _Queue] = WeakKeyDictionary()

    @property
    def patient(self) -> Self:
        """The same turns, for work that no request waits for: it is not sent away."""
        turns = type(self)(self._most)
        turns._patience, turns._queues = None, self._queues
        return turns

    async def __call__(
        self, user_id: UserId, read: Callable[[], Result[T, E]]
    ) -> Result[T, E | ReadingBusy]:
        """Have a file read in a thread when it is its turn."""
        loop = asyncio.get_running_loop()
        queue = self._queues.setdefault(loop, _Queue(self._most))
        if self._patience is not None and queue.is_full(user_id):
            return Failure(ReadingBusy(BUSY))
        try:
            async with asyncio.timeout(self._patience):
                give_back = await queue.wait(user_id)
        except TimeoutError:
            return Failure(ReadingBusy(BUSY))
        reading = loop.run_in_executor(None, read)

        def end(done: "Future[Result[T, E]]") -> None:
            give_back()
            if not done.cancelled():
                done.exception()

        reading.add_done_callback(end)
        # A thread goes on when nobody waits any more: until it ends, the turn is taken.
        return await asyncio.shield(reading)


class _Queue:
    """Who reads on an event loop, and who waits."""

    def __init__(self, most: int) -> None:
        self._shared = Semaphore(most)
        self._locks: WeakValueDictionary[UserId, Lock] = WeakValueDictionary()
        self._files: Counter[UserId] = Counter()
        self._waiting = 0

    def is_full(self, user_id: UserId) -> bool:
        """Whether no other file of this user may wait."""
        return self._waiting >= MOST_WAITING or self._files[user_id] >= MOST_OF_A_USER

    async def wait(self, user_id: UserId) -> Callable[[], None]:
        """Return, when it is the user's turn, what gives it back."""
        own = self._locks.setdefault(user_id, Lock())
        self._files[user_id] += 1
        self._waiting += 1
        try:
            await self._take(own)
        except BaseException:
            self._leave(user_id)
            raise
        finally:
            self._waiting -= 1

        def give_back() -> None:
            # Another user's file first, and then the next of this one joins the queue.
            self._shared.release()
            own.release()
            self._leave(user_id)

        return give_back

    async def _take(self, own: Lock) -> None:
        """Take both turns, or none."""
        await own.acquire()
        try:
            await self._shared.acquire()
        except BaseException:
            own.release()
            raise

    def _leave(self, user_id: UserId) -> None:
        self._files[user_id] -= 1
        if not self._files[user_id]:
            del self._files[user_id]

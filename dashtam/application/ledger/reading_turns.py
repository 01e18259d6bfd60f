"""Reading takes turns: one file of a user at a time, and few files at once."""

import asyncio
from asyncio import AbstractEventLoop, Future, Lock
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

from dashtam.application.turns import Turns
from domain.ledger.errors import ReadingBusy
from domain.shared.errors import DomainError
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result

T = TypeVar("T")
E = TypeVar("E", bound=DomainError)

BUSY = "Other files are being read. Try again in a few seconds."


class ReadingTurns:
    """Lets a user read one file at a time, and `most` files be read at once on an event loop.

    The others wait for `patience` seconds, and are then told to come again.
    """

    def __init__(self, most: int, patience: float = 20) -> None:
        self._turns = Turns(most)
        self._patience = patience
        self._locks: WeakKeyDictionary[AbstractEventLoop, WeakValueDictionary[UserId, Lock]] = (
            WeakKeyDictionary()
        )

    async def __call__(
        self, user_id: UserId, read: Callable[[], Result[T, E]]
    ) -> Result[T, E | ReadingBusy]:
        """Have a file read in a thread when it is its turn."""
        own, shared = self._lock_of(user_id), self._turns.take()
        try:
            async with asyncio.timeout(self._patience):
                await _take(own, shared)
        except TimeoutError:
            return Failure(ReadingBusy(BUSY))
        reading = asyncio.get_running_loop().run_in_executor(None, read)

        def give_back(done: "Future[Result[T, E]]") -> None:
            shared.release()
            own.release()
            if not done.cancelled():
                done.exception()

        reading.add_done_callback(give_back)
        # A thread goes on when nobody waits any more: until it ends, the turn is taken.
        return await asyncio.shield(reading)

    def _lock_of(self, user_id: UserId) -> Lock:
        locks = self._locks.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
        return locks.setdefault(user_id, Lock())


async def _take(own: Lock, shared: asyncio.Semaphore) -> None:
    """Take both turns, or none."""
    await own.acquire()
    try:
        await shared.acquire()
    except BaseException:
        own.release()
        raise

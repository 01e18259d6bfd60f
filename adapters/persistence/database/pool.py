"""The workers, lent to whoever asks first, on any event loop."""

import asyncio
import threading
import time
from collections import deque
from dataclasses import dataclass

from adapters.persistence.database.worker import Worker
from adapters.persistence.failures import PoolExhausted

Waiter = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Worker]"]


@dataclass(frozen=True, slots=True)
class PoolState:
    """How many connections there may be, are lent, and are waited for."""

    size: int
    leased: int
    waiting: int


class Pool:
    """At most `size` workers; who finds none free waits, first come, first served."""

    def __init__(self, alias: str, size: int, timeout: float, max_age: float) -> None:
        self._alias = alias
        self._size = size
        self._timeout = timeout
        self._max_age = max_age
        self._lock = threading.Lock()
        self._workers: list[Worker] = []
        self._idle: list[Worker] = []
        self._waiters: deque[Waiter] = deque()

    @property
    def state(self) -> PoolState:
        with self._lock:
            waiting = sum(not future.cancelled() for _, future in self._waiters)
            return PoolState(self._size, len(self._workers) - len(self._idle), waiting)

    async def acquire(self) -> Worker:
        """Lend a worker; raise `PoolExhausted` when none comes free in time."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if len(self._workers) < self._size:
                self._workers.append(Worker(self._alias, self._max_age))
                return self._workers[-1]
            future: asyncio.Future[Worker] = loop.create_future()
            self._waiters.append((loop, future))
        return await self._wait(future)

    def release(self, worker: Worker) -> None:
        """Take a worker back, from any thread, and hand it to whoever waits longest."""
        with self._lock:
            while self._waiters:
                loop, future = self._waiters.popleft()
                if not future.cancelled() and not loop.is_closed():
                    loop.call_soon_threadsafe(self._hand_over, future, worker)
                    return
            self._idle.append(worker)

    def close(self) -> None:
        """End all threads and connections, once what they are doing is done."""
        with self._lock:
            workers, self._workers, self._idle = self._workers, [], []
        for worker in workers:
            worker.shut_down()

    def replace(
        self, workers: list[Worker], idle: list[Worker]
    ) -> tuple[list[Worker], list[Worker]]:
        """Put other workers in the place of these, which are returned."""
        with self._lock:
            before = self._workers, self._idle
            self._workers, self._idle = workers, idle
        return before

    async def _wait(self, future: "asyncio.Future[Worker]") -> Worker:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                return await future
        except BaseException as error:
            if future.done() and not future.cancelled():
                # It was handed over in the very moment we gave up.
                self.release(future.result())
            future.cancel()
            if isinstance(error, TimeoutError):
                waited = time.monotonic() - began
                raise PoolExhausted(
                    f"no database connection became free within {waited:.1f} s"
                    f" (pool of {self._size})"
                ) from None
            raise

    def _hand_over(self, future: "asyncio.Future[Worker]", worker: Worker) -> None:
        if future.done():
            self.release(worker)
        else:
            future.set_result(worker)

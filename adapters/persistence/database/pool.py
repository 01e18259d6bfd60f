"""The workers, lent to whoever asks first, on any event loop."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TypeAlias

import structlog

from adapters.persistence.database.worker import Worker
from adapters.persistence.failures import PoolExhausted

logger = structlog.get_logger(__name__)

# Worth a line in the log: there are too few connections, or they are held too long.
LONG_WAIT_SECONDS = 0.5

Waiter: TypeAlias = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Worker]"]


@dataclass(frozen=True, slots=True)
class PoolState:
    """How many connections there may be, are lent, and are waited for.

    `waits` counts who ever had to wait; `waited` is how many seconds they all did.
    """

    size: int
    leased: int
    waiting: int
    waits: int
    waited: float


class Pool:
    """At most `size` workers; who finds none free waits, first come, first served."""

    def __init__(self, size: int, timeout: float, make_worker: Callable[[], Worker]) -> None:
        self._size = size
        self._timeout = timeout
        self._make_worker = make_worker
        self._lock = threading.Lock()
        self._workers: list[Worker] = []
        self._idle: list[Worker] = []
        self._waiters: deque[Waiter] = deque()
        self._waits = 0
        self._waited = 0.0

    @property
    def state(self) -> PoolState:
        with self._lock:
            waiting = sum(not future.done() for _, future in self._waiters)
            leased = len(self._workers) - len(self._idle)
            return PoolState(self._size, leased, waiting, self._waits, self._waited)

    async def acquire(self) -> Worker:
        """Lend a worker; raise `PoolExhausted` when none comes free in time."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if len(self._workers) < self._size:
                self._workers.append(self._make_worker())
                return self._workers[-1]
            future: asyncio.Future[Worker] = loop.create_future()
            self._waiters.append((loop, future))
        return await self._wait(future)

    def take_back(self, worker: Worker) -> None:
        """In the worker's thread: leave its connection clean, and hand it on whatever happens."""
        try:
            worker.clean()
        finally:
            self.release(worker)

    def release(self, worker: Worker) -> None:
        """Take a worker back, from any thread, and hand it to whoever waits longest."""
        with self._lock:
            if worker not in self._workers:
                # The pool was closed while this one was lent.
                worker.retire()
            elif not self._pass_on(worker):
                self._idle.append(worker)

    def close(self) -> None:
        """End the idle workers, and each lent one when it comes back."""
        with self._lock:
            idle, self._workers, self._idle = self._idle, [], []
        for worker in idle:
            worker.shut_down()

    @contextmanager
    def replaced(self, worker: Worker) -> Iterator[None]:
        """For a while, have this one worker and no other."""
        with self._lock:
            before = self._size, self._workers, self._idle
            self._size, self._workers, self._idle = 1, [worker], [worker]
        try:
            yield
        finally:
            with self._lock:
                self._size, self._workers, self._idle = before

    def _pass_on(self, worker: Worker) -> bool:
        while self._waiters:
            loop, future = self._waiters.popleft()
            if future.cancelled():
                continue
            # A loop that has ended raises; nobody waits on it any more.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._hand_over, future, worker)
                return True
        return False

    def _hand_over(self, future: "asyncio.Future[Worker]", worker: Worker) -> None:
        if future.done():
            self.release(worker)
        else:
            future.set_result(worker)

    async def _wait(self, future: "asyncio.Future[Worker]") -> Worker:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                return await future
        except TimeoutError:
            self._leave(future)
            logger.error("database.pool_exhausted", **asdict(self.state))
            raise PoolExhausted(
                f"no database connection became free within {self._timeout:g} s"
                f" (pool of {self._size})"
            ) from None
        except BaseException:
            self._leave(future)
            raise
        finally:
            self._note_wait(time.monotonic() - began)

    def _note_wait(self, seconds: float) -> None:
        with self._lock:
            self._waits += 1
            self._waited += seconds
        if seconds > LONG_WAIT_SECONDS:
            logger.warning("database.waited", seconds=round(seconds, 3), **asdict(self.state))

    def _leave(self, future: "asyncio.Future[Worker]") -> None:
        if future.done() and not future.cancelled():
            # It was handed over in the very moment we gave up.
            self.release(future.result())
        future.cancel()

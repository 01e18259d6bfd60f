"""A pool of workers, leased to tasks on any event loop."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass

import structlog

from adapters.persistence.database.claims import OPEN, Claim
from adapters.persistence.database.queues import Queues, Waiter
from adapters.persistence.database.worker import Worker
from adapters.persistence.failures import PoolExhausted
from domain.shared.errors import Crowded

logger = structlog.get_logger(__name__)

# A wait worth logging: there are too few connections, or they are leased for too long.
LONG_WAIT_SECONDS = 0.5
# One in this many connections is reserved for single statements, so that tokens can be looked up
# and requests counted whatever users do.
STATEMENT_SHARE = 5
#: `Retry-After` of requests that found their compartment full.
CROWDED_RETRY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class PoolState:
    """The size of the pool, its leased connections, and the tasks that wait for one.

    `waits` counts all waits so far and `waited` their seconds. `crowded` counts the refusals that
    were due to a full compartment.
    """

    size: int
    leased: int
    waiting: int
    waits: int
    waited: float
    crowded: int


class Pool:
    """Leases at most `size` workers, and to each compartment no more than its size.

    Waiting tasks are served compartment by compartment, and within each in order of arrival.
    """

    def __init__(
        self, size: int, timeout: float, make_worker: Callable[[], Worker], patience: float
    ) -> None:
        self._size = size
        self._timeout = timeout
        self._patience = min(patience, timeout)
        self._make_worker = make_worker
        self._lock = threading.Lock()
        self._workers: list[Worker] = []
        self._idle: list[Worker] = []
        self._leases: dict[Worker, Claim] = {}
        self._counts: Counter[tuple[str, bool]] = Counter()
        self._long = 0
        self._queues = Queues()
        self._waits = 0
        self._waited = 0.0
        self._crowded = 0

    @property
    def state(self) -> PoolState:
        with self._lock:
            leased = len(self._workers) - len(self._idle)
            waiting = len(self._queues)
            return PoolState(self._size, leased, waiting, self._waits, self._waited, self._crowded)

    def count(self, claim: Claim) -> int:
        """Return how many connections are leased for claims like this."""
        with self._lock:
            return self._counts[claim.queue]

    async def acquire(self, claim: Claim = Claim(OPEN)) -> Worker:  # noqa: B008
        """Lease a worker.

        Raises `Crowded` if the compartment stays full, and `PoolExhausted` if no connection becomes
        free in time.
        """
        loop = asyncio.get_running_loop()
        with self._lock:
            worker = self._free() if self._has_room(claim) else None
            if worker:
                self._lease(worker, claim)
                return worker
            waiter = Waiter(claim, loop, loop.create_future())
            self._queues.add(waiter)
        return await self._wait(waiter)

    def return_worker(self, worker: Worker) -> None:
        """In the worker's thread: clean up its connection, and release it in any case."""
        try:
            worker.clean()
        finally:
            self.release(worker)

    def release(self, worker: Worker) -> None:
        """End the lease of a worker, from any thread, and serve waiting tasks."""
        with self._lock:
            self._end_lease(worker)
            if worker in self._workers:
                self._idle.append(worker)
            else:
                # The pool was closed during the lease.
                worker.retire()
            self._serve()

    def close(self) -> None:
        """End the idle workers now, and leased ones when they are returned."""
        with self._lock:
            idle, self._workers, self._idle = self._idle, [], []
        for worker in idle:
            worker.shut_down()

    @contextmanager
    def replaced(self, worker: Worker) -> Iterator[None]:
        """Within the block, lease only this worker."""
        with self._lock:
            before = self._size, self._workers, self._idle
            self._size, self._workers, self._idle = 1, [worker], [worker]
        try:
            yield
        finally:
            with self._lock:
                self._size, self._workers, self._idle = before

    def _has_room(self, claim: Claim) -> bool:
        if self._counts[claim.queue] >= claim.compartment.size:
            return False
        return not claim.is_long or self._long < self._size - self._size // STATEMENT_SHARE

    def _free(self) -> Worker | None:
        if self._idle:
            return self._idle.pop()
        if len(self._workers) < self._size:
            self._workers.append(self._make_worker())
            return self._workers[-1]
        return None

    def _lease(self, worker: Worker, claim: Claim) -> None:
        self._leases[worker] = claim
        self._counts[claim.queue] += 1
        self._long += claim.is_long

    def _end_lease(self, worker: Worker) -> None:
        claim = self._leases.pop(worker, None)
        if claim:
            self._long -= claim.is_long
            self._counts[claim.queue] -= 1
            if not self._counts[claim.queue]:
                del self._counts[claim.queue]

    def _serve(self) -> None:
        while len(self._queues) and (worker := self._free()):
            waiter = self._queues.pop(self._has_room)
            if waiter is None or not self._assign(worker, waiter):
                self._idle.append(worker)
            if waiter is None:
                return

    def _assign(self, worker: Worker, waiter: Waiter) -> bool:
        # An event loop that has ended raises; no task waits on it any more.
        with suppress(RuntimeError):
            waiter.loop.call_soon_threadsafe(self._deliver, waiter.future, worker)
            self._lease(worker, waiter.claim)
            return True
        return False

    def _deliver(self, future: "asyncio.Future[Worker]", worker: Worker) -> None:
        if future.done():
            self.release(worker)
        else:
            future.set_result(worker)

    async def _wait(self, waiter: Waiter) -> Worker:
        began = time.monotonic()
        try:
            return await self._served(waiter)
        except BaseException:
            self._leave(waiter)
            raise
        finally:
            self._record_wait(time.monotonic() - began)

    async def _served(self, waiter: Waiter) -> Worker:
        # Unlike `wait_for`, `wait` does not cancel the future at the timeout.
        await asyncio.wait([waiter.future], timeout=self._patience)
        if not waiter.future.done() and self._is_crowded(waiter.claim):
            raise Crowded(CROWDED_RETRY_SECONDS)
        if not waiter.future.done():
            await asyncio.wait([waiter.future], timeout=self._timeout - self._patience)
        if not waiter.future.done():
            logger.error("database.pool_exhausted", **asdict(self.state))
            raise PoolExhausted(
                f"no database connection became free within {self._timeout:g} s"
                f" (pool of {self._size})"
            )
        return waiter.future.result()

    def _is_crowded(self, claim: Claim) -> bool:
        """Return whether a transaction waits because its own compartment is full."""
        with self._lock:
            crowded = claim.is_long and self._counts[claim.queue] >= claim.compartment.size
            self._crowded += crowded
            return crowded

    def _record_wait(self, seconds: float) -> None:
        with self._lock:
            self._waits += 1
            self._waited += seconds
        if seconds > LONG_WAIT_SECONDS:
            logger.warning("database.waited", seconds=round(seconds, 3), **asdict(self.state))

    def _leave(self, waiter: Waiter) -> None:
        with self._lock:
            self._queues.remove(waiter)
        if waiter.future.done() and not waiter.future.cancelled():
            # The worker was delivered at the moment of giving up.
            self.release(waiter.future.result())
        waiter.future.cancel()

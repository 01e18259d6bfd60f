"""Workers, leased to callers on any event loop, and the queues of those who wait for one."""

import asyncio
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TypeAlias

import structlog

from adapters.persistence.database.worker import Worker
from adapters.persistence.failures import PoolExhausted
from domain.shared.errors import Crowded

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Compartment:
    """Callers who share a number of transactions at once, and as many single statements.

    Statements are counted separately: they are short, and never wait for a long transaction.
    """

    name: str
    size: int


#: Work of relays, commands and staff, which no user asked for.
OPEN = Compartment("", sys.maxsize)


@dataclass(frozen=True, slots=True)
class Claim:
    """The compartment that a connection is for, and whether it is for a transaction."""

    compartment: Compartment
    is_long: bool = False

    @property
    def line(self) -> tuple[str, bool]:
        """What is counted together, and waits in one queue."""
        return self.compartment.name, self.is_long


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """A caller who waits on its own event loop."""

    claim: Claim
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Worker]"


Line: TypeAlias = deque[Waiter]


class Queues:
    """First come, first served within a line. Lines are served in turn."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, bool], Line] = {}

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def add(self, waiter: Waiter) -> None:
        self._lines.setdefault(waiter.claim.line, deque()).append(waiter)

    def remove(self, waiter: Waiter) -> None:
        """Remove a waiter who was not served."""
        line = self._lines.get(waiter.claim.line, deque())
        if waiter in line:
            line.remove(waiter)
            if not line:
                del self._lines[waiter.claim.line]

    def pop(self, has_room: Callable[[Claim], bool]) -> Waiter | None:
        """Remove and return the next waiter to be served. Its line goes to the end."""
        for key, line in self._lines.items():
            if has_room(line[0].claim):
                waiter = line.popleft()
                del self._lines[key]
                if line:
                    self._lines[key] = line
                return waiter
        return None


# A longer wait is logged: there are too few connections, or they are held too long.
LONG_WAIT_SECONDS = 0.5
# One connection in so many is reserved for single statements, so that tokens are looked up and
# requests counted whatever users do.
STATEMENT_SHARE = 5
#: `Retry-After` when a compartment has no connection left.
CROWDED_RETRY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class PoolState:
    """How many connections there may be, are leased, and are waited for.

    `waits` counts who ever had to wait; `waited` is how many seconds they all did. `crowded` counts
    who was refused because others of the same compartment had all its connections.
    """

    size: int
    leased: int
    waiting: int
    waits: int
    waited: float
    crowded: int


class Pool:
    """At most `size` workers, and for each compartment as many as it allows. Others wait.

    They are served in turn, compartment by compartment, and in each of them as they came.
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

    async def acquire(self, claim: Claim = Claim(OPEN)) -> Worker:
        """Lease a worker; raise `Crowded` if a compartment has all its transactions, and
        `PoolExhausted` when none comes free in time.
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
        """In the worker's thread: clean its connection, and release it whatever happens."""
        try:
            worker.clean()
        finally:
            self.release(worker)

    def release(self, worker: Worker) -> None:
        """Return a worker, from any thread, and serve those who wait."""
        with self._lock:
            self._end_lease(worker)
            if worker in self._workers:
                self._idle.append(worker)
            else:
                # The pool was closed while this worker was leased.
                worker.retire()
            self._serve()

    def close(self) -> None:
        """End the idle workers, and the leased ones when they are released."""
        with self._lock:
            idle, self._workers, self._idle = self._idle, [], []
        for worker in idle:
            worker.shut_down()

    def _has_room(self, claim: Claim) -> bool:
        if self._counts[claim.line] >= claim.compartment.size:
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
        self._counts[claim.line] += 1
        self._long += claim.is_long

    def _end_lease(self, worker: Worker) -> None:
        claim = self._leases.pop(worker, None)
        if claim:
            self._long -= claim.is_long
            self._counts[claim.line] -= 1
            if not self._counts[claim.line]:
                del self._counts[claim.line]

    def _serve(self) -> None:
        while len(self._queues) and (worker := self._free()):
            waiter = self._queues.pop(self._has_room)
            if waiter is None or not self._assign(worker, waiter):
                self._idle.append(worker)
            if waiter is None:
                return

    def _assign(self, worker: Worker, waiter: Waiter) -> bool:
        # A loop that has ended raises; nobody waits on it any more.
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
        # `wait` leaves the future alone when its time is up.
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
        """Return whether a transaction waits because its compartment is full."""
        with self._lock:
            crowded = claim.is_long and self._counts[claim.line] >= claim.compartment.size
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
            # It was handed over at the moment of giving up.
            self.release(waiter.future.result())
        waiter.future.cancel()

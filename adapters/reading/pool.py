"""A few workers: started when they are needed, reused, and replaced when they die."""

import atexit
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import structlog

from adapters.reading.columns import Garbled
from adapters.reading.limits import Limits
from adapters.reading.process import Worker
from adapters.reading.trouble import Killed, Refused
from domain.ledger.errors import ReadingUnavailable, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.shared.result import Failure, Result, Success

logger = structlog.get_logger(__name__)

T = TypeVar("T")
Refusal = UnreadableStatement | StatementTooLarge | ReadingUnavailable

#: Readings at once in a process.
READINGS_AT_ONCE = 2
# A worker that is killed by somebody else is replaced, and the file read by the next.
_ATTEMPTS = 2
GARBLED = "The file could not be read: the reader's answer made no sense. Nothing was imported."


class WorkerPool:
    """Hands files to workers; who asks waits, so ask off the event loop."""

    def __init__(self, limits: Limits, size: int = READINGS_AT_ONCE) -> None:
        self.limits = limits
        self._size = size
        self._changed = threading.Condition()
        self._idle: list[Worker] = []
        self._leased = 0

    def ask(
        self,
        task: dict[str, Any],
        content: bytes,
        receive: Callable[[Iterator[bytes]], T],
        hints: ReadingHints = NO_HINTS,
    ) -> Result[T, Refusal]:
        """Have a worker do a task, and make of its answer what `receive` makes."""
        for _ in range(_ATTEMPTS):
            try:
                with self._worker() as worker:
                    return Success(receive(worker.ask(task, hints, content)))
            except Refused as refused:
                return Failure(refused.error)
            except Garbled as error:
                # Another worker would answer the same.
                logger.error("reading.garbled", reason=str(error))
                return Failure(UnreadableStatement(GARBLED))
            except Killed as error:
                logger.warning("reading.worker_lost", reason=str(error))
        told = "The file could not be read just now: its reader was interrupted. Try again."
        return Failure(ReadingUnavailable(told))

    @property
    def pids(self) -> list[int]:
        """The processes that wait for a file."""
        with self._changed:
            return [worker.pid for worker in self._idle]

    def close(self) -> None:
        """End the workers that are idle; a later file starts others."""
        with self._changed:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        """Lease a worker: the one that was used last, or a new one."""
        with self._changed:
            self._changed.wait_for(lambda: self._leased < self._size)
            self._leased += 1
            worker = self._idle.pop() if self._idle else None
        try:
            if worker and not worker.alive:
                worker.end()
                worker = None
            worker = worker or self._start()
            yield worker
        finally:
            self._return(worker)

    def _start(self) -> Worker:
        # Registered where there is something to end: commands that read nothing need not.
        atexit.unregister(self.close)
        atexit.register(self.close)
        return Worker(self.limits)

    def _return(self, worker: Worker | None) -> None:
        reusable = worker is not None and worker.usable
        if worker and not reusable:
            worker.end()
        with self._changed:
            self._leased -= 1
            if worker and reusable:
                self._idle.append(worker)
            self._changed.notify()

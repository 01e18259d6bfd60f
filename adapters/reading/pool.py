"""A pool of workers, which are started on demand, reused, and replaced when they die."""

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

#: Files that one server process reads at the same time.
READINGS_AT_ONCE = 2
# If a worker is killed from outside, another one reads the file.
_ATTEMPTS = 2
GARBLED = "The file could not be read: the reader's response was invalid. Nothing was imported."


class WorkerPool:
    """Runs tasks in workers. Calls block, so do not make them on the event loop."""

    def __init__(self, limits: Limits, size: int = READINGS_AT_ONCE) -> None:
        self.limits = limits
        self._size = size
        self._changed = threading.Condition()
        self._idle: list[Worker] = []
        self._leased = 0

    def run(
        self,
        task: dict[str, Any],
        content: bytes,
        receive: Callable[[Iterator[bytes]], T],
        hints: ReadingHints = NO_HINTS,
    ) -> Result[T, Refusal]:
        """Run a task in a worker, and return what `receive` makes of its response."""
        for _ in range(_ATTEMPTS):
            try:
                with self._worker() as worker:
                    return Success(receive(worker.run(task, hints, content)))
            except Refused as refused:
                return Failure(refused.error)
            except Garbled as error:
                # Another worker would respond in the same way.
                logger.error("reading.garbled", reason=str(error))
                return Failure(UnreadableStatement(GARBLED))
            except Killed as error:
                logger.warning("reading.worker_lost", reason=str(error))
        detail = "The file could not be read just now: its reader was interrupted. Try again."
        return Failure(ReadingUnavailable(detail))

    @property
    def pids(self) -> list[int]:
        """The ids of the idle processes."""
        with self._changed:
            return [worker.pid for worker in self._idle]

    def close(self) -> None:
        """End the idle workers; a later file starts new ones."""
        with self._changed:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        """Lease the worker that was used last, or a new one."""
        with self._changed:
            self._changed.wait_for(lambda: self._leased < self._size)
            self._leased += 1
            worker = self._idle.pop() if self._idle else None
        try:
            if worker and not worker.is_alive:
                worker.end()
                worker = None
            worker = worker or self._start()
            yield worker
        finally:
            self._return(worker)

    def _start(self) -> Worker:
        # Registered only once a worker runs: commands that read no files need no cleanup.
        atexit.unregister(self.close)
        atexit.register(self.close)
        return Worker(self.limits)

    def _return(self, worker: Worker | None) -> None:
        reusable = worker is not None and worker.is_usable
        if worker and not reusable:
            worker.end()
        with self._changed:
            self._leased -= 1
            if worker and reusable:
                self._idle.append(worker)
            self._changed.notify()

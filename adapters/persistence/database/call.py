"""A function call that a worker executes."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextvars import ContextVar, copy_context
from typing import Any, Generic, TypeVar

import structlog

from adapters.persistence.failures import sqlstate

logger = structlog.get_logger(__name__)

T = TypeVar("T")

_running: ContextVar["Call[Any] | None"] = ContextVar("running", default=None)


class Call(Generic[T]):
    """A function that runs once, in the context of its caller, and logs its outcome."""

    def __init__(self, function: Callable[..., Any], run: Callable[[], T]) -> None:
        self.is_cancelled = False
        self._function = function
        self._run = run
        self._context = copy_context()

    def __call__(self) -> T:
        return self._context.run(self._timed)

    def _timed(self) -> T:
        _running.set(self)
        began = time.perf_counter()
        try:
            result = self._run()
        except Exception as error:
            self._log_failure(error)
            raise
        if logger.isEnabledFor(logging.DEBUG):
            took = round((time.perf_counter() - began) * 1000, 2)
            logger.debug("database.done", operation=name_of(self._function), duration_ms=took)
        return result

    def _log_failure(self, error: Exception) -> None:
        # A cancelled call is expected to fail.
        log = logger.debug if self.is_cancelled else logger.error
        log(
            "database.failed",
            operation=name_of(self._function),
            error=type(error).__name__,
            sqlstate=sqlstate(error),
        )


def refuse_in_worker() -> None:
    """Raise when called from synchronous code that already runs in a worker."""
    if _running.get():
        raise RuntimeError("already in a database thread: use the ORM directly")


def stop_if_cancelled() -> None:
    """Raise if the caller is gone: for work of many statements, to be called between them."""
    call = _running.get()
    if call and call.is_cancelled:
        raise CancelledError


def name_of(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", type(function).__name__)

"""Workers: a thread each, with its own Django connection, and the calls that run in it."""

import asyncio
import logging
import select
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar, copy_context
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import psycopg
import structlog
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.abc import Buffer
from psycopg.pq import TransactionStatus
from psycopg.types.datetime import TimestamptzLoader

from adapters.persistence.failures import is_read_only, sqlstate
from adapters.persistence.roles import Role

logger = structlog.get_logger(__name__)


T = TypeVar("T")


_running: ContextVar["Call[Any] | None"] = ContextVar("running", default=None)


class Call(Generic[T]):
    """A function that runs once, in its caller's context, and logs how it went."""

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
        # Nobody waits for a call that was cancelled, and it is expected to fail.
        log = logger.debug if self.is_cancelled else logger.error
        log(
            "database.failed",
            operation=name_of(self._function),
            error=type(error).__name__,
            sqlstate=sqlstate(error),
        )


def refuse_in_worker() -> None:
    """Raise if the caller is synchronous code that already runs in a worker."""
    if _running.get():
        raise RuntimeError("already in a database thread: use the ORM directly")


def stop_if_cancelled() -> None:
    """End a call that nobody waits for any more. Long work calls this between statements."""
    call = _running.get()
    if call and call.is_cancelled:
        raise CancelledError


def name_of(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", type(function).__name__)


PING_AFTER_SECONDS = 5.0
CANCEL_SECONDS = 5.0
# Between requests to cancel a call that is still running.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 1.0


class Worker:
    """Runs calls one after another, on a connection of its own.

    `submit`, `cancel`, `shut_down` and `retire` are for other threads; the rest runs in its own.
    """

    def __init__(self, alias: str, max_age: float, role: Role | None = None) -> None:
        self._alias = alias
        self._max_age = max_age
        self._role = role
        self.executor = ThreadPoolExecutor(1, thread_name_prefix=f"database-{alias}")
        self._lock = threading.Lock()
        self._running: Call[Any] | None = None
        self._raw: psycopg.Connection | None = None
        self._opened = 0.0
        self._used = 0.0

    def submit(self, call: Callable[[], T]) -> Future[T]:
        return self.executor.submit(call)

    def run(self, job: Callable[[], T]) -> "asyncio.Future[T]":
        """Run a job, even if its caller is cancelled, and return a future on its event loop."""
        # Chaining `submit`'s future to the loop's, as asyncio does, costs more than this call.
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def notify(done: Future[T]) -> None:
            # A loop that has ended raises; nobody waits on it any more.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, future, done)

        self.executor.submit(job).add_done_callback(notify)
        return future

    async def finish(self, call: Call[Any], job: Callable[[], T]) -> T:
        """Run a job that executes a call, which is cancelled with its caller."""
        try:
            return await self.run(job)
        except asyncio.CancelledError:
            self.cancel(call)
            raise

    def cancel(self, call: Call[Any]) -> None:
        """Never begin this call. If it is running, cancel its statement on the server too."""
        call.is_cancelled = True
        # In a thread: the event loop must not wait for the network, and may be about to end.
        threading.Thread(target=self._cancel, args=(call,), daemon=True).start()

    def shut_down(self) -> None:
        """Close the connection, end the thread, and wait for both."""
        self.retire()
        self.executor.shutdown()

    def retire(self) -> None:
        """Close the connection and end the thread after the current job."""
        self.submit(self._close)
        self.executor.shutdown(wait=False)

    @property
    def connection(self) -> BaseDatabaseWrapper:
        return connections[self._alias]

    def open(self) -> None:
        """Make sure the connection works: ping it, and replace one that is old or dead."""
        self._renew()
        connection = self.connection
        # Nothing else empties Django's query log in this thread when it is kept.
        connection.queries_log.clear()
        self._raw = connection.connection

    def execute(self, call: Call[T]) -> T:
        """Run a call that `cancel` can stop."""
        with self._lock:
            if call.is_cancelled:
                raise CancelledError
            self._running = call
        try:
            return call()
        finally:
            # A cancel request in progress ends before the next statement begins.
            with self._lock:
                self._running = None

    def clean(self) -> None:
        """Roll back what is open, and close a connection that is old or takes no writes."""
        connection = self.connection
        self._used = time.monotonic()
        if connection.connection is None or (not self._is_old() and _is_reusable(connection)):
            return
        try:
            connection.close()
        except Error as error:
            logger.warning("database.connection_dropped", error=type(error).__name__)
        finally:
            connection.connection = None

    def _cancel(self, call: Call[Any]) -> None:
        # A request that arrives before a statement begins cancels nothing.
        pause = FIRST_PAUSE_SECONDS
        while self._cancel_statement(call):
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _cancel_statement(self, call: Call[Any]) -> bool:
        """Cancel the statement that a call runs, if any; return whether the call is running."""
        with self._lock:
            if self._running is not call or self._raw is None:
                return False
            try:
                self._raw.cancel_safe(timeout=CANCEL_SECONDS)
            except psycopg.Error as error:
                logger.warning("database.cancel_failed", error=type(error).__name__)
            return True

    def _close(self) -> None:
        self.connection.close()

    def _renew(self) -> None:
        connection = self.connection
        if connection.connection is not None and not self._is_fresh(connection):
            connection.close()
        if connection.connection is None:
            self._connect()

    def _connect(self) -> None:
        connection = self._wrapper()
        connections[self._alias] = connection
        try:
            with connection.wrap_database_errors:
                connection.connect()
        except Error as error:
            logger.error("database.connect_failed", error=type(error).__name__)
            raise
        connection.connection.adapters.register_loader("timestamptz", _UtcLoader)
        self._opened = time.monotonic()
        info = connection.connection.info
        logger.debug("database.connected", host=info.host, database=info.dbname)

    def _wrapper(self) -> BaseDatabaseWrapper:
        """Return a connection of Django's with this worker's role, which Django never closes."""
        connection = connections.create_connection(self._alias)
        settings = connection.settings_dict
        options = settings["OPTIONS"]
        if self._role is not None:
            options = {**options, "assume_role": self._role}
            if settings["USER"] == self._role:
                del options["assume_role"]
        connection.settings_dict = {**settings, "OPTIONS": options, "CONN_MAX_AGE": None}
        return connection

    def _is_old(self) -> bool:
        return time.monotonic() - self._opened > self._max_age

    def _is_fresh(self, connection: BaseDatabaseWrapper) -> bool:
        if self._is_old():
            return False
        # A connection that was just used and has nothing to read is healthy: it needs no ping.
        if time.monotonic() - self._used < PING_AFTER_SECONDS and not _has_unread_data(connection):
            return True
        return connection.is_usable()


class _UtcLoader(TimestamptzLoader):
    """Parses times of connections in UTC in C; Django's loader is several times as slow."""

    #: Django replaces a loader with another time zone than its own.
    timezone = UTC

    def load(self, data: Buffer) -> datetime:
        try:
            return datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            # For example an infinite one, about which psycopg raises an error that says so.
            return super().load(data)


def _settle(future: "asyncio.Future[T]", done: Future[T]) -> None:
    if future.done():
        return
    error = done.exception()
    if error is None:
        future.set_result(done.result())
    elif isinstance(error, StopIteration):
        # A future refuses it, and its caller would wait for ever.
        future.set_exception(RuntimeError("code in the database raised StopIteration"))
    else:
        future.set_exception(error)


def _has_unread_data(connection: BaseDatabaseWrapper) -> bool:
    poll = select.poll()
    poll.register(connection.connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _is_reusable(connection: BaseDatabaseWrapper) -> bool:
    status = connection.connection.info.transaction_status
    return bool(
        connection.autocommit
        and not connection.in_atomic_block
        and status == TransactionStatus.IDLE
        # Set where a write was refused: the next connection may find the new primary.
        and (connection.close_at is None or connection.close_at > time.monotonic())
        and not is_read_only(connection.connection)
    )

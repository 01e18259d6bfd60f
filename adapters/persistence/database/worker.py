"""One thread, and the Django connection that lives in it."""

import select
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import structlog
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Connection
from psycopg.pq import TransactionStatus

logger = structlog.get_logger(__name__)

T = TypeVar("T")

PING_AFTER_SECONDS = 5.0
CANCEL_SECONDS = 5.0


class Worker:
    """Runs calls one after another, on a connection of its own.

    All methods but `submit` and `cancel` run in the worker's thread.
    """

    def __init__(self, alias: str, max_age: float, *, borrowed: bool = False) -> None:
        self.alias = alias
        self._max_age = max_age
        # A borrowed connection belongs to a test: its life is the test's affair.
        self._borrowed = borrowed
        self.executor = ThreadPoolExecutor(1, thread_name_prefix=f"database-{alias}")
        self._lock = threading.Lock()
        self._running: Callable[[], object] | None = None
        self._raw: Connection | None = None
        self._opened = 0.0
        self._used = 0.0

    def submit(self, call: Callable[[], T]) -> Future[T]:
        return self.executor.submit(call)

    @property
    def connection(self) -> BaseDatabaseWrapper:
        return connections[self.alias]

    def open(self) -> None:
        """Have a living connection at hand: pre-ping it, and replace one that is old or dead."""
        connection = self.connection
        if not self._borrowed:
            if connection.connection is not None and not self._is_fresh(connection):
                connection.close()
            if connection.connection is None:
                self._connect(connection)
        # Nothing else empties Django's query log in this thread when it is kept.
        connection.queries_log.clear()
        self._raw = connection.connection

    def execute(self, call: Callable[[], T]) -> T:
        """Run a call that `cancel` can stop."""
        self._running = call
        try:
            return call()
        finally:
            # A cancel request that is on its way ends before the next statement begins.
            with self._lock:
                self._running = None

    def cancel(self, call: Callable[[], object]) -> None:
        """Stop the statement of this call on the server too, if it is still running."""
        with self._lock:
            if self._running is call and self._raw is not None:
                self._raw.cancel_safe(timeout=CANCEL_SECONDS)

    def clean(self) -> None:
        """Never hand on a connection that is in the middle of something."""
        connection = self.connection
        self._used = time.monotonic()
        if self._borrowed or connection.connection is None or _is_idle(connection):
            return
        try:
            connection.close()
        except Error as error:
            logger.warning("database.connection_dropped", error=type(error).__name__)
        finally:
            connection.connection = None

    def shut_down(self) -> None:
        """Close the connection and end the thread; called from outside the worker."""
        self.submit(self._close).result()
        self.executor.shutdown()

    def adopt(self, connection: BaseDatabaseWrapper) -> None:
        connections[self.alias] = connection

    def disown(self) -> None:
        del connections[self.alias]

    def _close(self) -> None:
        if not self._borrowed:
            self.connection.close()

    def _connect(self, connection: BaseDatabaseWrapper) -> None:
        connection.connect()
        self._opened = time.monotonic()
        settings = connection.settings_dict
        logger.debug("database.connected", host=settings["HOST"], database=settings["NAME"])

    def _is_fresh(self, connection: BaseDatabaseWrapper) -> bool:
        if time.monotonic() - self._opened > self._max_age:
            return False
        # A healthy connection that was just used has nothing to read: no need to ask the server.
        if time.monotonic() - self._used < PING_AFTER_SECONDS and not _has_news(connection):
            return True
        return connection.is_usable()


def _has_news(connection: BaseDatabaseWrapper) -> bool:
    poll = select.poll()
    poll.register(connection.connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _is_idle(connection: BaseDatabaseWrapper) -> bool:
    status = connection.connection.info.transaction_status
    return bool(
        connection.autocommit
        and not connection.in_atomic_block
        and status == TransactionStatus.IDLE
    )

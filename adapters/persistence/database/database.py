"""The database as the rest of Dashtam uses it."""

import asyncio
import contextvars
import functools
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import structlog
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from adapters.persistence.database.pool import Pool, PoolState
from adapters.persistence.database.transaction import Transaction
from adapters.persistence.database.worker import Worker
from adapters.persistence.failures import is_outage
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Result

logger = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E")


class Database:
    """Up to `size` connections, each in a thread of its own; synchronous ORM code runs in them.

    `timeout` and `max_age` are seconds: the longest wait for a connection, and its longest life.
    """

    def __init__(
        self,
        alias: str = DEFAULT_DB_ALIAS,
        size: int = 20,
        timeout: float = 30.0,
        max_age: float = 1800.0,
    ) -> None:
        self._alias = alias
        self._size = size
        self._max_age = max_age
        self._pool = Pool(alias, size, timeout, max_age)
        self._current: contextvars.ContextVar[Transaction | None] = contextvars.ContextVar(
            f"transaction-{alias}", default=None
        )
        self._inside: contextvars.ContextVar[bool] = contextvars.ContextVar(
            f"inside-{alias}", default=False
        )

    @property
    def state(self) -> PoolState:
        return self._pool.state

    def transaction(self, *, separate: bool = False) -> Transaction:
        """Return a block for `async with`; a `separate` one does not join the one that is open."""
        self._refuse_inside()
        return Transaction(self._pool, self._alias, self._current, separate=separate)

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run synchronous ORM code in the open transaction, or in autocommit when there is none."""
        self._refuse_inside()
        transaction = self._current.get()
        context = contextvars.copy_context()
        context.run(self._inside.set, True)
        call = functools.partial(context.run, _logged, functools.partial(fn, *args, **kwargs))
        if transaction:
            transaction.check()
            worker = transaction.worker
            return await self._result(worker, call, worker.submit(lambda: worker.execute(call)))
        worker = await self._pool.acquire()
        job = worker.submit(lambda: self._once(worker, call))
        return await self._result(worker, call, job, release=True)

    async def check_connection(self) -> bool:
        """Tell whether the server answers."""
        try:
            return await self.run(self._ping)
        except Error as error:
            logger.error("database.does_not_answer", error=type(error).__name__)
            return False

    def close(self) -> None:
        """End all connections, once what they are doing is done."""
        self._pool.close()

    @contextmanager
    def borrowing(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        """In tests: work on the caller's connection, so that its rollback undoes async work too."""
        worker = Worker(self._alias, self._max_age, borrowed=True)
        before = self._pool.replace([worker] * self._size, [worker])
        connection.inc_thread_sharing()
        worker.submit(lambda: worker.adopt(connection)).result()
        try:
            yield
        finally:
            worker.submit(worker.disown).result()
            worker.shut_down()
            connection.dec_thread_sharing()
            self._pool.replace(*before)

    async def _result(
        self, worker: Worker, call: Callable[[], T], job: Future[T], *, release: bool = False
    ) -> T:
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            if not job.cancelled():
                # It is running: stop the statement on the server as well.
                asyncio.get_running_loop().run_in_executor(None, worker.cancel, call)
            elif release:
                # It never started, so it will not give the worker back itself.
                self._pool.release(worker)
            raise

    def _once(self, worker: Worker, call: Callable[[], T]) -> T:
        try:
            worker.open()
            return worker.execute(call)
        finally:
            worker.clean()
            self._pool.release(worker)

    def _ping(self) -> bool:
        with connections[self._alias].cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))

    def _refuse_inside(self) -> None:
        if self._inside.get():
            raise RuntimeError("already in a database thread: use the ORM directly")


class UsesDatabase(Protocol):
    """A repository."""

    _database: Database


R = TypeVar("R", bound=UsesDatabase)
Body = Callable[Concatenate[R, P], Result[T, E]]
Method = Callable[Concatenate[R, P], Coroutine[Any, Any, Result[T, E | Unavailable]]]


def in_database(body: Body[R, P, T, E]) -> Method[R, P, T, E]:
    """Make a synchronous ORM body an async method: one hop; an outage is `Unavailable`."""

    @functools.wraps(body)
    async def method(self: R, /, *args: P.args, **kwargs: P.kwargs) -> Result[T, E | Unavailable]:
        try:
            return await self._database.run(body, self, *args, **kwargs)
        except Error as error:
            if not is_outage(error):
                raise
            logger.error("database.unavailable", operation=_name(body), error=type(error).__name__)
            return Failure(Unavailable("The database is not available."))

    return method


def _logged(call: "functools.partial[T]") -> T:
    """Run a call in the database thread, and tell how it went."""
    began = time.perf_counter()
    try:
        result = call()
    except Exception as error:
        logger.error("database.failed", operation=_name(call.func), error=type(error).__name__)
        raise
    took = round((time.perf_counter() - began) * 1000, 2)
    logger.debug("database.done", operation=_name(call.func), duration_ms=took)
    return result


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", type(function).__name__)

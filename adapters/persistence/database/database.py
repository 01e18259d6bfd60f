"""The database: async transactions and statements over synchronous ORM code."""

import asyncio
import functools
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from adapters.persistence.database.bulkhead import (
    Bounds,
    claim_of_caller,
    claim_of_user,
    statement_timeout_of_caller,
)
from adapters.persistence.database.call import Call, refuse_in_worker
from adapters.persistence.database.pool import Pool, PoolState
from adapters.persistence.database.transaction import Transaction, TransactionOptions
from adapters.persistence.database.worker import Worker
from adapters.persistence.failures import expected, is_contention
from adapters.persistence.roles import Role
from domain.shared.errors import ConcurrencyConflict, Unavailable
from domain.shared.result import Failure, Result

_ACCEPTS_WRITES = """
SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean
"""

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E")


class Database:
    """Runs synchronous ORM code in up to `size` threads, each with a connection of its own.

    `timeout` and `max_age` are seconds: the longest wait for a connection, and its longest life.
    Connections assume `role`, or keep the role of Django's login. `bounds` limit users, and
    networks of anonymous requests.
    """

    def __init__(
        self,
        alias: str = DEFAULT_DB_ALIAS,
        size: int = 20,
        timeout: float = 30.0,
        max_age: float = 1800.0,
        role: Role | None = None,
        bounds: Bounds = Bounds(),  # noqa: B008
    ) -> None:
        self._alias = alias
        self._size = size
        self._bounds = bounds
        self._make_worker = functools.partial(Worker, alias, max_age)
        self._role = role
        make_worker = functools.partial(self._make_worker, role)
        self._pool = Pool(size, timeout, make_worker, bounds.patience)
        self._current: ContextVar[Transaction | None] = ContextVar(
            f"transaction-{alias}", default=None
        )

    @property
    def state(self) -> PoolState:
        return self._pool.state

    def open_transactions(self, user_id: UUID) -> int:
        """Return how many transactions a user has open."""
        return self._pool.count(claim_of_user(user_id, self._bounds, is_long=True))

    def transaction(
        self, *, separate: bool = False, owner: UUID | None = None, snapshot: bool = False
    ) -> Transaction:
        """Return a transaction for `async with`; a `separate` one does not join an open one.

        Row-level security shows it the rows of its `owner`, or of no user without one. All
        statements of a `snapshot` see the database as of its first statement (REPEATABLE READ).
        """
        refuse_in_worker()
        return Transaction(
            self._pool,
            self._alias,
            self._current,
            separate=separate,
            options=TransactionOptions(owner, snapshot, statement_timeout_of_caller(self._bounds)),
            claim=claim_of_caller(self._bounds, self._size, is_long=True),
        )

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run synchronous ORM code in the open transaction, or in autocommit if there is none."""
        refuse_in_worker()
        call = Call(fn, functools.partial(fn, *args, **kwargs))
        transaction = self._current.get()
        if transaction is None:
            return await self._run_alone(call)
        transaction.check()
        worker = transaction.worker
        return await _result(worker, call, worker.run(lambda: worker.execute(call)))

    @property
    def is_reading(self) -> bool:
        """Whether the open transaction only reads for a user, which limits its statements."""
        transaction = self._current.get()
        return transaction is not None and transaction.is_reading

    def refuse_in_transaction(self) -> None:
        """Raise if a transaction is open, because a rollback would undo what the caller does."""
        if self._current.get() is not None:
            raise RuntimeError("a transaction is open: call this before it begins")

    async def check_connection(self) -> bool:
        """Return whether the server responds and accepts writes."""
        try:
            return await self.run(self._ping)
        except Error:
            return False

    def close(self) -> None:
        """Close the idle connections now, and leased ones when they are returned."""
        self._pool.close()

    @contextmanager
    def bound_to(self, connection: BaseDatabaseWrapper, *, policies: bool = True) -> Iterator[None]:
        """In tests: use the caller's connection, so that its rollback undoes async work too.

        Without `policies` the role of the caller is used, which may bypass row-level security.
        """
        worker = self._make_worker(self._role if policies else None, shared=True)
        connection.inc_thread_sharing()
        worker.submit(lambda: worker.attach(connection)).result()
        try:
            with self._pool.replaced(worker):
                try:
                    yield
                finally:
                    # Wait for work that was not awaited: it must end on this connection.
                    worker.submit(lambda: None).result()
        finally:
            worker.submit(worker.detach).result()
            worker.shut_down()
            connection.dec_thread_sharing()

    async def _run_alone(self, call: Call[T]) -> T:
        claim = claim_of_caller(self._bounds, self._size, is_long=False)
        worker = await self._pool.acquire(claim)
        return await _result(worker, call, worker.run(lambda: self._once(worker, call)))

    def _once(self, worker: Worker, call: Call[T]) -> T:
        try:
            worker.open()
            return worker.execute(call)
        finally:
            self._pool.return_worker(worker)

    def _ping(self) -> bool:
        with connections[self._alias].cursor() as cursor:
            cursor.execute(_ACCEPTS_WRITES)
            return bool(cursor.fetchone() == (True,))


class UsesDatabase(Protocol):
    """A repository on a database."""

    _database: Database


R = TypeVar("R", bound=UsesDatabase)
Body = Callable[Concatenate[R, P], Result[T, E]]
Method = Callable[Concatenate[R, P], Coroutine[Any, Any, Result[T, E | Unavailable]]]


def in_database(body: Body[R, P, T, E]) -> Method[R, P, T, E]:
    """Turn a synchronous ORM body into an async method: one hop to the worker's thread.

    Outages become `Unavailable`, and conflicts with other transactions `ConcurrencyConflict`.
    """

    @functools.wraps(body)
    async def method(self: R, /, *args: P.args, **kwargs: P.kwargs) -> Result[T, E | Unavailable]:
        try:
            return await self._database.run(body, self, *args, **kwargs)
        except Error as error:
            if is_contention(error):
                raise ConcurrencyConflict from error
            unavailable = expected(error, is_reading=self._database.is_reading)
            if unavailable is None:
                raise
            return Failure(unavailable)

    return method


async def _result(worker: Worker, call: Call[T], job: "asyncio.Future[T]") -> T:
    try:
        return await job
    except asyncio.CancelledError:
        worker.cancel(call)
        raise

"""The database: transactions and synchronous ORM code for async callers."""

import functools
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, Error, connections

from adapters.persistence.database.bulkhead import (
    Bounds,
    claim_of_caller,
    statement_timeout_of_caller,
)
from adapters.persistence.database.pool import Pool, PoolState
from adapters.persistence.database.transaction import Transaction, TransactionOptions
from adapters.persistence.database.worker import Call, Worker, refuse_in_worker
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
    """Up to `size` connections, each in a thread of its own; synchronous ORM code runs in them.

    `timeout` and `max_age` are seconds: the longest wait for a connection, and its longest life.
    Its connections speak as `role`, or as whoever Django logs in as. `bounds` are for those who ask
    from outside: users, and networks before the user is known.
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
        make_worker = functools.partial(Worker, alias, max_age, role)
        self._pool = Pool(size, timeout, make_worker, bounds.patience)
        self._current: ContextVar[Transaction | None] = ContextVar(
            f"transaction-{alias}", default=None
        )

    @property
    def state(self) -> PoolState:
        return self._pool.state

    def transaction(
        self, *, separate: bool = False, owner: UUID | None = None, snapshot: bool = False
    ) -> Transaction:
        """Return a block for `async with`; a `separate` one does not join the one that is open.

        In it, policies show the rows of its owner; without one, of nobody. All statements of a
        `snapshot` see the database as the first one found it (REPEATABLE READ).
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
        """Run synchronous ORM code in the open transaction, or in autocommit when there is none."""
        refuse_in_worker()
        call = Call(fn, functools.partial(fn, *args, **kwargs))
        transaction = self._current.get()
        if transaction is None:
            return await self._run_alone(call)
        transaction.check()
        return await transaction.worker.finish(call, lambda: transaction.execute(call))

    async def run_last(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run synchronous ORM code and, unless it fails, end the open transaction."""
        call = Call(fn, functools.partial(fn, *args, **kwargs))
        transaction = self._current.get()
        if transaction is None:
            raise RuntimeError("no transaction is open")
        transaction.check()
        return await transaction.worker.finish(call, lambda: transaction.commit_after(call))

    @property
    def is_reading(self) -> bool:
        """Return whether the open transaction is a query of a user, with a short time limit."""
        transaction = self._current.get()
        return transaction is not None and transaction.is_reading

    def refuse_in_transaction(self) -> None:
        """Raise if a transaction is open: the next write must survive its rollback."""
        if self._current.get() is not None:
            raise RuntimeError("a transaction is open: this has to be done before it")

    async def check_connection(self) -> bool:
        """Return whether the server answers, and takes writes."""
        try:
            return await self.run(self._ping)
        except Error:
            return False

    def close(self) -> None:
        """Close idle connections, and the others when they are released."""
        self._pool.close()

    async def _run_alone(self, call: Call[T]) -> T:
        claim = claim_of_caller(self._bounds, self._size, is_long=False)
        worker = await self._pool.acquire(claim)
        return await worker.finish(call, lambda: self._once(worker, call))

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


class HasDatabase(Protocol):
    """Whatever works in the database."""

    _database: Database


class UsesDatabase:
    """A repository, or whatever else works in the database and needs nothing more."""

    def __init__(self, database: Database) -> None:
        self._database = database


R = TypeVar("R", bound=HasDatabase)
Body = Callable[Concatenate[R, P], Result[T, E]]
Method = Callable[Concatenate[R, P], Coroutine[Any, Any, Result[T, E | Unavailable]]]


def in_database(body: Body[R, P, T, E]) -> Method[R, P, T, E]:
    """Make a synchronous ORM body an async method: one hop; what kept the database from answering
    is a sort of `Unavailable`.
    """

    @functools.wraps(body)
    async def method(self: R, /, *args: P.args, **kwargs: P.kwargs) -> Result[T, E | Unavailable]:
        try:
            return await self._database.run(body, self, *args, **kwargs)
        except Error as error:
            if is_contention(error):
                raise ConcurrencyConflict from error
            told = expected(error, is_reading=self._database.is_reading)
            if told is None:
                raise
            return Failure(told)

    return method

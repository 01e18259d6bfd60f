"""BEGIN … COMMIT, or ROLLBACK, on a leased worker."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar
from uuid import UUID

import psycopg
import structlog
from asgiref.sync import ThreadSensitiveContext
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import Atomic, TransactionManagementError
from psycopg.pq import TransactionStatus

from adapters.persistence.database.pool import OPEN, Claim, Pool
from adapters.persistence.database.worker import Call, Worker
from adapters.persistence.failures import is_outage
from domain.shared.errors import OutcomeUnknown

logger = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

# LOCAL: it ends with the transaction, and never reaches the connection's next user.
_SET = """
SELECT set_config('app.user_id', %s, true),
    set_config('statement_timeout', coalesce(%s, current_setting('statement_timeout')), true)
"""


class _RolledBack(Exception):
    """Rolls back without an error for the caller."""


@dataclass(frozen=True, slots=True)
class TransactionOptions:
    """Whose rows are visible, whether in one snapshot, and how many seconds a statement has.

    Without such seconds it has as many as the role.
    """

    owner: UUID | None = None
    snapshot: bool = False
    statement_timeout: float | None = None

    @property
    def settings(self) -> tuple[str, str | None]:
        """Return the parameters of `_SET`."""
        seconds = self.statement_timeout
        return str(self.owner or ""), None if seconds is None else str(round(seconds * 1000))

    @property
    def begin(self) -> str:
        """Return the statements that begin a transaction with these options."""
        owner, milliseconds = self.settings
        level = " ISOLATION LEVEL REPEATABLE READ" if self.snapshot else ""
        timeout = f"; SET LOCAL statement_timeout = {milliseconds}" if milliseconds else ""
        return f"BEGIN{level}; SET LOCAL app.user_id = '{owner}'{timeout}"


class Transaction:
    """Commits when left normally. Rolls back on an exception, cancellation, or `set_rollback`.

    A nested block is a savepoint, and has no snapshot of its own. Raises `OutcomeUnknown` when the
    transaction cannot begin (`Crowded` when its user has enough of them), or when its COMMIT gets
    no answer.
    """

    def __init__(
        self,
        pool: Pool,
        alias: str,
        current: "ContextVar[Transaction | None]",
        *,
        separate: bool,
        options: TransactionOptions,
        claim: Claim,
    ) -> None:
        self._pool = pool
        self._alias = alias
        self._current = current
        self._separate = separate
        self._options = options
        self._claim = claim
        self._rolls_back = False
        self._is_over = False
        self._atomic: Atomic | None = None
        self._first: _FirstStatement | None = None
        self._route: Any = None

    async def __aenter__(self) -> Self:
        self._outer = self._current.get()
        self._parent = None if self._separate else self._outer
        if self._parent and self._options.snapshot:
            raise RuntimeError("a snapshot cannot begin in the middle of a transaction")
        if self._parent:
            self._parent.check()
            self.worker: Worker = self._parent.worker
            outer = self._parent._options
            owner = self._options.owner or outer.owner
            self._options = TransactionOptions(owner, outer.snapshot, outer.statement_timeout)
            self._stack: list[Transaction] = self._parent._stack
        else:
            self.worker = await self._lease()
            self._stack = []
        self._stack.append(self)
        self._current.set(self)
        try:
            await self._enter()
        except BaseException as error:
            await self._finish(error)
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._route:
                await self._route.__aexit__(exc_type, exc, traceback)
        finally:
            await self._finish(exc or (_RolledBack() if self._rolls_back else None))

    @property
    def is_reading(self) -> bool:
        """Return whether its statements have the short time limit of queries."""
        return self._options.statement_timeout is not None

    def set_rollback(self) -> None:
        """Roll back when the block is left."""
        self._rolls_back = True

    def check(self) -> None:
        """Raise if another task uses this transaction."""
        if self not in self._stack:
            raise RuntimeError("this task outlived the transaction it was started in")
        if self._stack[-1] is not self:
            raise RuntimeError("another task has a nested transaction open on this connection")

    async def _lease(self) -> Worker:
        # A task within a transaction does not queue: such tasks would wait for each other.
        claim = Claim(OPEN) if self._outer else self._claim
        try:
            return await self._pool.acquire(claim)
        except Error as error:
            raise OutcomeUnknown(str(error)) from error

    async def _enter(self) -> None:
        if self._parent:
            await self.worker.run(self.begin)
            return
        # Django's own aget(), asave() and sync_to_async land in this transaction too.
        self._route = ThreadSensitiveContext(executor=_Route(self))
        await self._route.__aenter__()

    async def _finish(self, error: BaseException | None) -> None:
        """End the block in the worker, whatever becomes of this task meanwhile."""
        self._current.set(self._outer)
        self._stack.remove(self)
        if not self._is_over:
            await self.worker.run(lambda: self._end(error))

    # What follows runs in the worker's thread.

    def begin(self) -> None:
        """Begin the transaction unless it has begun: with its first call, to need no other."""
        if self._is_over:
            raise RuntimeError("this transaction is over, and its connection may serve another")
        if self._atomic is None:
            if self._parent:
                self._parent.begin()
            try:
                self._begin()
            except Error as error:
                if is_outage(error):
                    raise OutcomeUnknown("The database is not available.") from error
                raise

    def execute(self, call: Call[T]) -> T:
        self.begin()
        return self.worker.execute(call)

    def commit_after(self, call: Call[T]) -> T:
        """Execute a call and, unless it fails, end the transaction."""
        result = self.execute(call)
        self._end(_RolledBack() if self._rolls_back else None)
        return result

    def _begin(self) -> None:
        if not self._parent:
            self.worker.open()
        connection = self.worker.connection
        # A test that lends its connection has begun already: there it is a savepoint.
        begins = not connection.in_atomic_block
        atomic = Atomic(self._alias, savepoint=True, durable=False)
        atomic.__enter__()
        self._atomic = atomic
        if begins:
            self._first = _FirstStatement(connection, self._options.begin)
        elif not self._parent or self._options.owner != self._parent._options.owner:
            _execute(connection, _SET, self._options.settings)

    def _end(self, error: BaseException | None) -> None:
        if self._is_over:
            return
        self._is_over = True
        try:
            if self._atomic is not None:
                self._leave(self._atomic, error)
        finally:
            if not self._parent:
                self._pool.return_worker(self.worker)

    def _leave(self, atomic: Atomic, error: BaseException | None) -> None:
        if self._first:
            self._first.forget()
        if error is None and self._is_aborted():
            lost = TransactionManagementError("an earlier error aborted this transaction")
            self._roll_back(atomic, lost)
            raise lost
        if error is not None:
            self._roll_back(atomic, error)
            return
        try:
            if self._parent and self._options.owner != self._parent._options.owner:
                _execute(self.worker.connection, _SET, self._parent._options.settings)
            atomic.__exit__(None, None, None)
        except Error as failed:
            if is_outage(failed):
                logger.error("database.commit_unanswered", error=type(failed).__name__)
                raise OutcomeUnknown(
                    "The database did not confirm the COMMIT: its outcome is unknown."
                ) from failed
            raise

    def _is_aborted(self) -> bool:
        connection = self.worker.connection
        return bool(
            connection.needs_rollback
            or connection.connection is None
            or connection.connection.info.transaction_status == TransactionStatus.INERROR
        )

    def _roll_back(self, atomic: Atomic, error: BaseException) -> None:
        try:
            atomic.__exit__(type(error), error, None)
        except Error as failed:
            # The connection is gone, and the transaction with it.
            logger.warning("database.rollback_failed", error=type(failed).__name__)


class _Route(Executor):
    """Runs what is sent to it in a transaction, in the thread of its worker."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        def run() -> T:
            self._transaction.begin()
            return fn(*args, **kwargs)

        return self._transaction.worker.submit(run)


class _FirstStatement:
    """Sends BEGIN and the options of a transaction with its first statement: one round trip."""

    def __init__(self, connection: BaseDatabaseWrapper, begin: str) -> None:
        self._connection = connection
        self._begin = begin
        connection.execute_wrappers.append(self)

    def forget(self) -> None:
        """Do nothing, if there was no statement."""
        if self in self._connection.execute_wrappers:
            self._connection.execute_wrappers.remove(self)

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: Any,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        self.forget()
        raw = self._connection.connection
        # Otherwise psycopg would send a BEGIN of its own. Its property cannot be set back within a
        # transaction, where it would make all cursors of the server WITH HOLD.
        raw._autocommit = True
        try:
            return self._send(execute, sql, params, many, context)
        finally:
            raw._autocommit = False
            if raw.info.transaction_status == TransactionStatus.IDLE:
                # The statement failed before BEGIN: the next one is the first.
                self._connection.execute_wrappers.append(self)

    def _send(
        self,
        execute: Callable[..., Any],
        sql: Any,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        cursor = context["cursor"].cursor
        if many or not isinstance(sql, str) or isinstance(cursor, psycopg.ServerCursor):
            _execute(self._connection, self._begin)
            return execute(sql, params, many, context)
        result = execute(f"{self._begin}; {sql}", params, many, context)
        # The results of BEGIN and the options come first.
        cursor.set_result(self._begin.count(";") + 1)
        return result


def _execute(
    connection: BaseDatabaseWrapper, sql: str, params: tuple[str | None, ...] | None = None
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


# Python may compute for long between two statements. TCP notices a process that is gone.
_ALLOW_LONG = """
SET LOCAL transaction_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '5min'
"""
_ALLOW_LONG_STATEMENTS = "SET LOCAL statement_timeout = '10min'"


def allow_long_transaction(*, steps: bool = False) -> None:
    """Lift the time limit of the current transaction, and if `steps` that of its statements."""
    with connection.cursor() as cursor:
        cursor.execute(_ALLOW_LONG)
        if steps:
            cursor.execute(_ALLOW_LONG_STATEMENTS)

"""BEGIN … COMMIT, or ROLLBACK, on a leased worker."""

from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import structlog
from asgiref.sync import ThreadSensitiveContext
from django.db import Error
from django.db.transaction import Atomic, TransactionManagementError
from psycopg.pq import TransactionStatus

from adapters.persistence.database.claims import OPEN, Claim
from adapters.persistence.database.pool import Pool
from adapters.persistence.database.worker import Worker
from adapters.persistence.failures import is_outage
from domain.shared.errors import OutcomeUnknown

logger = structlog.get_logger(__name__)


_SET_OWNER = "SELECT set_config('app.user_id', %s, true)"
_SET_OWNER_AND_TIMEOUT = f"{_SET_OWNER}, set_config('statement_timeout', %s, true)"


class _Rollback(Exception):
    """Rolls back without an error for the caller."""


@dataclass(frozen=True, slots=True)
class TransactionOptions:
    """The owner of the visible rows, whether to read a snapshot, and a timeout in seconds.

    Without a timeout, statements have that of the role.
    """

    owner: UUID | None = None
    snapshot: bool = False
    statement_timeout: float | None = None


class Transaction:
    """Commits on a normal exit; rolls back on exceptions, cancellation, and `set_rollback`.

    A nested block is a savepoint and cannot have a snapshot of its own. Raises `OutcomeUnknown` if
    the transaction cannot begin (`Crowded` if its user has too many open), or if the COMMIT is not
    confirmed.
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
        self._must_roll_back = False
        self._atomic: Atomic | None = None
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
            if isinstance(error, Error) and is_outage(error):
                raise OutcomeUnknown("The database is not available.") from error
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
            await self._finish(exc or (_Rollback() if self._must_roll_back else None))

    @property
    def is_reading(self) -> bool:
        """Whether its statements have the short timeout of reading requests."""
        return self._options.statement_timeout is not None

    def set_rollback(self) -> None:
        """Roll back when the block ends."""
        self._must_roll_back = True

    def check(self) -> None:
        """Raise if the current task must not use this transaction."""
        if self not in self._stack:
            raise RuntimeError("this task outlived the transaction it was started in")
        if self._stack[-1] is not self:
            raise RuntimeError("another task has a nested transaction open on this connection")

    async def _lease(self) -> Worker:
        # A task with an open transaction does not wait for its compartment: two would deadlock.
        claim = Claim(OPEN) if self._outer else self._claim
        try:
            return await self._pool.acquire(claim)
        except Error as error:
            raise OutcomeUnknown(str(error)) from error

    async def _enter(self) -> None:
        await self.worker.run(self._begin)
        if not self._parent:
            # Django's own aget(), asave() and sync_to_async then run in this transaction too.
            self._route = ThreadSensitiveContext(executor=self.worker.executor)
            await self._route.__aenter__()

    async def _finish(self, error: BaseException | None) -> None:
        """End the block in the worker, even if this task is cancelled meanwhile."""
        self._current.set(self._outer)
        self._stack.remove(self)
        await self.worker.run(lambda: self._end(error))

    # The methods below run in the worker's thread.

    def _begin(self) -> None:
        if not self._parent:
            self.worker.open()
        # On the connection of a test, a transaction is open already: this is a savepoint there.
        begins = not self.worker.connection.in_atomic_block
        atomic = Atomic(self._alias, savepoint=True, durable=False)
        atomic.__enter__()
        self._atomic = atomic
        if self._options.snapshot and begins:
            self._begin_snapshot()
        if self._options.statement_timeout is not None and not self._parent:
            self._set_owner_and_timeout(self._options.owner, self._options.statement_timeout)
        elif self._options.owner != (self._parent and self._parent._options.owner):
            self._set_owner(self._options.owner)

    def _begin_snapshot(self) -> None:
        # This must be the first statement: the first query takes the snapshot.
        with self.worker.connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    def _set_owner(self, owner: UUID | None) -> None:
        # The setting is LOCAL: it ends with the transaction, before the connection's next lease.
        with self.worker.connection.cursor() as cursor:
            cursor.execute(_SET_OWNER, [str(owner or "")])

    def _set_owner_and_timeout(self, owner: UUID | None, statement_timeout: float) -> None:
        # Both in one round trip.
        with self.worker.connection.cursor() as cursor:
            milliseconds = str(round(statement_timeout * 1000))
            cursor.execute(_SET_OWNER_AND_TIMEOUT, [str(owner or ""), milliseconds])

    def _end(self, error: BaseException | None) -> None:
        try:
            if self._atomic is not None:
                self._leave(self._atomic, error)
        finally:
            if not self._parent:
                self._pool.return_worker(self.worker)

    def _leave(self, atomic: Atomic, error: BaseException | None) -> None:
        if error is None and self._is_aborted():
            lost = TransactionManagementError("an earlier error aborted this transaction")
            self._roll_back(atomic, lost)
            raise lost
        if error is not None:
            self._roll_back(atomic, error)
            return
        try:
            if self._parent and self._options.owner != self._parent._options.owner:
                self._set_owner(self._parent._options.owner)
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
            # The connection is lost, and the transaction with it.
            logger.warning("database.rollback_failed", error=type(failed).__name__)
